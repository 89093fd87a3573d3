/** Single runs one after another, each beside a bare Sage child that does the same. */
import { interleaved } from './stats.mjs';

const ROUNDS = 60;
/** A used worker is replaced within this time on any machine this is meant for. */
const REST_MS = 40;
/** Until nothing is done any more that makes up for the fresh runs: what comes next takes too little time to outlast it. */
export const SETTLE_MS = 2_000;
/** Prints in an open session: each takes so little time that fewer would be over in a fraction of a second. */
export const PRINTS = 1_000;

export const PRINT = 'print(2+2)';
export const INTEGRAL = 'integrate(sin(x)^2,x)';
/** The floor has no preparser and shows no values, hence the other spelling. */
const BARE_INTEGRAL = 'print(integrate(sin(x)**2,x))';
const BARE = 'bare child: exec and print';

/** Whoever runs code: in a fresh process, or in the session of that name. @typedef {{ open(session: string): Promise<void>, execute(code: string, session?: string): Promise<unknown> }} Runner */

/**
 * A fresh print, a fresh integral, and a print in the open session `s`, which is left open.
 * @param {Pick<import('./run.mjs').Context, 'figures'> & { floor: import('./floor.mjs').SageFloor }} context
 * @param {Runner} client
 * @param {{ print: string, integral: string, again: string }} goals
 */
export async function compareSingleRuns({ figures, floor }, client, goals) {
  await client.open('s');
  // The first of each touches what is only touched once.
  for (const code of [PRINT, INTEGRAL]) await client.execute(code);
  for (const code of [PRINT, BARE_INTEGRAL]) await floor.fresh(code);
  for (const [code, bare, goal] of /** @type {const} */ ([
    [PRINT, PRINT, goals.print],
    [INTEGRAL, BARE_INTEGRAL, goals.integral],
  ])) {
    const times = { ours: () => client.execute(code), floor: () => floor.fresh(bare) };
    figures.compare(`fresh ${code}`, goal, BARE, await interleaved(times, ROUNDS, REST_MS));
  }
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const times = { ours: () => client.execute(PRINT, 's'), floor: () => floor.again(PRINT) };
  const what = 'print in an open session';
  figures.compare(what, goals.again, 'bare child that stays', await interleaved(times, PRINTS));
}

/**
 * What takes a fresh worker as well, `act`, beside a fresh print of a bare child.
 * @param {Parameters<typeof compareSingleRuns>[0]} context
 * @param {string} what @param {string} goal @param {() => Promise<unknown>} act
 */
export async function compareToPrint({ figures, floor }, what, goal, act) {
  const times = { ours: act, floor: () => floor.fresh(PRINT) };
  figures.compare(what, goal, BARE, await interleaved(times, ROUNDS, REST_MS));
}
