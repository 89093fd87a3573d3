/**
 * `npm run bench [-- PART…]`: the figures, each beside its floor measured in the same run, and the ratio; prints a
 * table and writes dist/bench.json with the machine's facts. Without a part named it measures all of them. Asserts
 * nothing: machines differ.
 */
import { join } from 'node:path';
import { build, installPackages, requireNode } from '../../relay/launch/packages.mjs';
import { ROOT } from '../../relay/launch/paths.mjs';
import { findOrInstallSage } from '../../relay/launch/sage.mjs';
import { LaunchError, launch, say } from '../../relay/launch/step.mjs';
import { Figures } from './figures.mjs';
import { machineFacts } from './stats.mjs';

/**
 * What a part gets. A part is a module in `parts/` that exports `measure(context)`; it ends what it starts.
 * @typedef {object} Context
 * @property {Figures} figures where it puts what it found
 * @property {string[]} python Sage's
 * @property {() => Promise<import('./floor.mjs').SageFloor>} floor bare Sage children, one set for all parts, ended
 *   with the run
 */

/**
 * One line for each part, in the order they run.
 * @type {Record<string, () => Promise<{ measure: (context: Context) => Promise<void> }>>}
 */
const PARTS = {
  relay: () => import('./parts/relay.mjs'),
  bridge: () => import('./parts/bridge.mjs'),
  sandbox: () => import('./parts/sandbox.mjs'),
  load: () => import('./parts/load.mjs'),
  cache: () => import('./parts/cache.mjs'),
  sdk: () => import('./parts/sdk.mjs'),
  fuzz: () => import('./parts/fuzz.mjs'),
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in PARTS));

launch(async () => {
  if (unknown.length > 0) {
    throw new LaunchError(`No part ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}.`, 64);
  }
  requireNode();
  await installPackages();
  await build();
  const sage = await findOrInstallSage();
  const { startSageFloor } = await import('./floor.mjs');
  const figures = new Figures();
  /** @type {ReturnType<typeof startSageFloor> | undefined} */
  let floor;
  /** @type {Context} */
  const context = { figures, python: sage.python, floor: () => (floor ??= startSageFloor(sage.python)) };
  try {
    for (const [name, load] of Object.entries(PARTS)) {
      if (asked.length > 0 && !asked.includes(name)) continue;
      say(`• Measuring ${name}, on Sage ${sage.version}`);
      figures.begin(name);
      await (await load()).measure(context);
    }
  } finally {
    await (await floor)?.stop();
  }
  const facts = { ...machineFacts(), sage: sage.version, when: new Date().toISOString() };
  figures.print(facts);
  figures.write(join(ROOT, 'dist/bench.json'), facts);
});
