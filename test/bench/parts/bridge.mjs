/** A relay's view: one bridge with its whole sandbox, at its own socket; and what its workers take. */
import { BridgeClient, startBridge } from '../bridge.mjs';
import { parkedWorkers } from '../memory.mjs';
import { compareSingleRuns, INTEGRAL, PRINT } from '../single-runs.mjs';
import { median, rate } from '../stats.mjs';

const RATE_MS = 6_000;
const IN_FLIGHT = 8;
/** Until everything that makes up for what was used is done. */
const SETTLE_MS = 2_000;

const settled = () => new Promise((resolve) => setTimeout(resolve, SETTLE_MS));

/** @param {import('../run.mjs').Context} context */
export async function measure({ figures, python, floor: startFloor }) {
  const floor = await startFloor();
  const bridge = await startBridge(python);
  await bridge.prepared();
  await settled();
  const client = await BridgeClient.connect(bridge.path);
  try {
    const goals = { print: '≤ 2', integral: '≤ 1.6', again: '≤ 1.7' };
    await compareSingleRuns({ figures, floor }, client, goals);
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
