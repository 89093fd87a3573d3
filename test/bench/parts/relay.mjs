/** A reader's view: one relay, one bridge, a WebSocket; and what a parked worker takes meanwhile. */
import { startEchoFloor } from '../floor.mjs';
import { parkedWorkers } from '../memory.mjs';
import { Client, startRelay } from '../relay.mjs';
import { interleaved, median, rate } from '../stats.mjs';

const ROUNDS = 60;
const RATE_MS = 6_000;
/** A used worker is replaced within this time on any machine this is meant for. */
const REST_MS = 40;
const CLIENTS = 8;

const PRINT = 'print(2+2)';
const INTEGRAL = 'integrate(sin(x)^2,x)';
/** The floor has no preparser and shows no values, hence the other spelling. */
const BARE_INTEGRAL = 'print(integrate(sin(x)**2,x))';

/** @param {import('../run.mjs').Context} context */
export async function measure({ figures, python, floor: startFloor }) {
  const floor = await startFloor();
  const echo = await startEchoFloor();
  const relay = await startRelay(python);
  const client = await Client.connect(relay.url);
  const bare = 'bare child: exec and print';
  try {
    await client.open('s');
    // The first of each touches what is only touched once.
    for (const code of [PRINT, INTEGRAL]) await client.execute(code);
    for (const code of [PRINT, BARE_INTEGRAL]) await floor.fresh(code);
    figures.compare(
      `fresh ${PRINT}`,
      '≤ 2.5',
      bare,
      await interleaved(
        { ours: () => client.execute(PRINT), floor: () => floor.fresh(PRINT) },
        ROUNDS,
        REST_MS,
      ),
    );
    figures.compare(
      `fresh ${INTEGRAL}`,
      '≤ 3',
      bare,
      await interleaved(
        { ours: () => client.execute(INTEGRAL), floor: () => floor.fresh(BARE_INTEGRAL) },
        ROUNDS,
        REST_MS,
      ),
    );
    figures.compare(
      'print in an open session',
      '≤ 2',
      'bare child that stays',
      await interleaved(
        { ours: () => client.execute(PRINT, 's'), floor: () => floor.again(PRINT) },
        ROUNDS * 4,
      ),
    );
    const connect = async () => {
      const other = await Client.connect(relay.url);
      await other.execute(PRINT);
      other.close();
    };
    figures.compare(
      'connect to first result',
      '≤ 2.5, or 5 ms',
      bare,
      await interleaved({ ours: connect, floor: () => floor.fresh(PRINT) }, ROUNDS, REST_MS),
    );
    const clients = await Promise.all(Array.from({ length: CLIENTS }, () => Client.connect(relay.url)));
    let turn = 0;
    const base = await rate(() => floor.fresh(PRINT), CLIENTS, RATE_MS);
    const ours = await rate(
      () => /** @type {any} */ (clients[(turn += 1) % CLIENTS]).execute(PRINT),
      CLIENTS,
      RATE_MS,
    );
    clients.forEach((each) => each.close());
    const what = `stateless runs a second, ${String(CLIENTS)} clients`;
    figures.beside(what, ours, base, `bare children, ${String(CLIENTS)} in flight`, '/s', '≥ 0.4');
    const { fork = [] } = await interleaved({ fork: () => floor.fork() }, ROUNDS);
    figures.add('fork + waitpid of a warm Sage (a floor)', median(fork), 'ms');
    const { echoed = [] } = await interleaved({ echoed: () => echo.echo() }, ROUNDS * 20);
    figures.add('raw uWebSockets.js echo (a floor)', median(echoed), 'ms');

    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const workers = parkedWorkers(relay.pid).map((each) => each.ussMB);
    const label = `memory of a parked worker (USS, median of ${String(workers.length)})`;
    figures.add(label, median(workers), 'MB', '≤ 4');
  } finally {
    client.close();
    await relay.stop();
    echo.stop();
  }
}
