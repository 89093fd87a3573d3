/** A reader's view: one relay, one bridge, a WebSocket; and what a parked worker takes meanwhile. */
import { startEchoFloor, startRelayFloor } from '../floor.mjs';
import { parkedWorkers } from '../memory.mjs';
import { Client, startRelay } from '../relay.mjs';
import { compareSingleRuns, compareToPrint, PRINT, PRINTS, SETTLE_MS } from '../single-runs.mjs';
import { interleaved, median, rate } from '../stats.mjs';

const ROUNDS = 60;
const RATE_MS = 6_000;
const CLIENTS = 8;

/** @param {import('../run.mjs').Context} context */
export async function measure({ figures, python, floor: startFloor }) {
  const floor = await startFloor();
  const echo = await startEchoFloor();
  const relay = await startRelay(python);
  await relay.prepared();
  const client = await Client.connect(relay.url);
  try {
    const goals = { print: '≤ 2.5', integral: '≤ 3', again: '≤ 2' };
    await compareSingleRuns({ figures, floor }, client, goals);
    await compareEndToEnd(figures, python, client);
    const connect = async () => {
      const other = await Client.connect(relay.url);
      await other.execute(PRINT);
      other.close();
    };
    await compareToPrint({ figures, floor }, 'connect to first result', '≤ 2.5, or 5 ms', connect);
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

/**
 * A print in the open session `s`, beside one that goes through a WebSocket and a relay as well, but bare ones.
 * @param {import('../figures.mjs').Figures} figures @param {string[]} python @param {Client} client
 */
async function compareEndToEnd(figures, python, client) {
  const floor = await startRelayFloor(python);
  try {
    await floor.again(PRINT);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const times = { ours: () => client.execute(PRINT, 's'), floor: () => floor.again(PRINT) };
    const what = 'print in an open session, end to end';
    figures.compare(what, '', 'the same behind a bare relay', await interleaved(times, PRINTS));
  } finally {
    await floor.stop();
  }
}
