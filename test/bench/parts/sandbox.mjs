/** What the sandbox costs: time of each level (sandbox_cost.py), memory of each stage (worker_memory.py). */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { ROOT } from '../../../relay/launch/paths.mjs';

/** @typedef {{ level: string, bare: { p50: number }, full: { p50: number }, failed?: undefined } | { failed: string }} Step */

/** What a script of this folder prints. @param {string[]} sage @param {string} script @param {...string} options */
async function answerOf([python = '', ...args], script, ...options) {
  const child = spawn(python, [...args, join(ROOT, 'test/bench', script), '--json', ...options], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exit = new Promise((resolve) => child.once('exit', resolve));
  const answer = await text(child.stdout);
  if ((await exit) !== 0) throw new Error(`${script} failed`);
  return JSON.parse(answer);
}

/** @param {import('../run.mjs').Context} context */
export async function measure({ figures, python }) {
  const { level, stages } = await answerOf(python, 'worker_memory.py');
  for (const [stage, megabytes] of Object.entries(stages)) {
    figures.add(`memory of a worker (USS), sandbox ${String(level)}: ${stage}`, Number(megabytes), 'MB');
  }
  /** @type {{ steps: Record<string, Step> }} */
  const { steps } = await answerOf(python, 'sandbox_cost.py', '--sage');
  for (const [name, step] of Object.entries(steps)) {
    if (step.failed !== undefined) {
      console.log(`  ${name}: not here: ${step.failed.trim().split('\n').at(-1) ?? ''}`);
      continue;
    }
    const label = name === step.level || /[ ,]/.test(name) ? name : `${name} (got ${step.level})`;
    const floorIs = 'bare fork of the same zygote';
    figures.beside(`fork → ready, ${label}`, step.full.p50, step.bare.p50, floorIs, 'ms', '');
  }
}
