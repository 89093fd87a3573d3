/** A relay's view: one bridge with its whole sandbox, at its own socket; and what its workers take. */
import { BridgeClient, startBridge } from '../bridge.mjs';
import { parkedWorkers } from '../memory.mjs';
import { interleaved, median, rate } from '../stats.mjs';

const ROUNDS = 60;
const RATE_MS = 6_000;
/** A used worker is replaced within this time on any machine this is meant for. */
const REST_MS = 40;
const IN_FLIGHT = 8;
/** Until everything that makes up for what was used is done. */
const SETTLE_MS = 2_000;

const PRINT = 'print(2+2)';
const INTEGRAL = 'integrate(sin(x)^2,x)';
/** The floor has no preparser and shows no values, hence the other spelling. */
const BARE_INTEGRAL = 'print(integrate(sin(x)**2,x))';

const settled = () => new Promise((resolve) => setTimeout(resolve, SETTLE_MS));

/** @param {import('../run.mjs').Context} context */
export async function measure({ figures, python, floor: startFloor }) {
  const floor = await startFloor();
  const bridge = await startBridge(python);
  await bridge.prepared();
  await settled();
  const client = await BridgeClient.connect(bridge.path);
  const bare = 'bare child: exec and print';
  try {
    await client.open('s');
    // The first of each touches what is only touched once.
    for (const code of [PRINT, INTEGRAL]) await client.execute(code);
    for (const code of [PRINT, BARE_INTEGRAL]) await floor.fresh(code);
    figures.compare(
      `fresh ${PRINT}`,
      '≤ 2',
      bare,
      await interleaved(
        { ours: () => client.execute(PRINT), floor: () => floor.fresh(PRINT) },
        ROUNDS,
        REST_MS,
      ),
    );
    figures.compare(
      `fresh ${INTEGRAL}`,
      '≤ 1.6',
      bare,
      await interleaved(
        { ours: () => client.execute(INTEGRAL), floor: () => floor.fresh(BARE_INTEGRAL) },
        ROUNDS,
        REST_MS,
      ),
    );
    figures.compare(
      'print in an open session',
      '≤ 1.7',
      'bare child that stays',
      await interleaved(
        { ours: () => client.execute(PRINT, 's'), floor: () => floor.again(PRINT) },
        ROUNDS * 4,
      ),
    );
    client.end('s');
    const base = await rate(() => floor.fresh(PRINT), IN_FLIGHT, RATE_MS);
    const ours = await rate(() => client.execute(PRINT), IN_FLIGHT, RATE_MS);
    const what = `stateless runs a second, ${String(IN_FLIGHT)} at a time`;
    figures.beside(what, ours, base, `bare children, ${String(IN_FLIGHT)} in flight`, '/s', '≥ 0.7');
    await memory(figures, bridge.pid, client);
  } finally {
    client.close();
    await bridge.stop();
  }
}

/** @param {import('../figures.mjs').Figures} figures @param {number} pid @param {BridgeClient} client */
async function memory(figures, pid, client) {
  const workers = () => parkedWorkers(pid).map((each) => each.ussMB);
  await settled();
  const parked = workers();
  figures.add(
    `memory of a parked worker (USS, median of ${String(parked.length)})`,
    median(parked),
    'MB',
    '≤ 4',
  );
  for (const [name, code, goal] of /** @type {const} */ ([
    ['that was opened and printed', PRINT, '≤ 5'],
    ['after integrate', INTEGRAL, '≤ 8'],
    ['after a plot', 'plot(sin(x),(x,0,1))', '≤ 25'],
  ])) {
    await client.open(name.replaceAll(' ', '-'));
    await client.execute(code, name.replaceAll(' ', '-'));
    await settled();
    // One that was used has touched more than those that were not.
    figures.add(`memory of a session ${name} (USS)`, Math.max(...workers()), 'MB', goal);
    client.end(name.replaceAll(' ', '-'));
    await settled();
  }
}
