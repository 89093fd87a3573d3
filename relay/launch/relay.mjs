/** Runs the built relay, with a Sage that is found or installed unless the settings name bridges. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { relayNode } from './node-runtime.mjs';
import { ROOT } from './paths.mjs';
import { findOrInstallSage } from './sage.mjs';
import { LaunchError, say } from './step.mjs';

/** Signals closer together than this are one wish to stop. */
const IMPATIENCE_MS = 1_000;

/** Whether the settings name bridges, or a Sage; what is wrong with them the relay tells. @param {NodeJS.ProcessEnv} env @param {string} file */
function namesBridges(env, file) {
  if (['BRIDGES', 'SAGE_EMBED_BRIDGES'].some((name) => env[name])) return true;
  try {
    const held = JSON.parse(readFileSync(file, 'utf8'));
    return held.bridges !== undefined || held.sagePython !== undefined;
  } catch {
    return false;
  }
}

/**
 * How Node is to run a relay. Its young objects get 4 MiB instead of 16: what a message needs lives shorter than that
 * lasts, and with ten thousand connections the relay takes 20 MB less.
 */
export const NODE_OPTIONS = /** @type {readonly string[]} */ (['--max-semi-space-size=4']);

/**
 * Begins a relay; its exit code is known when it has ended.
 * @param {readonly string[]} args for the relay
 * @param {NodeJS.ProcessEnv} more environment over this process's
 */
async function spawnRelay(args, more) {
  const env = { ...process.env, ...more };
  const node = await relayNode();
  const file = args[args.indexOf('--config') + 1] ?? env['SAGE_EMBED_CONFIG'] ?? '';
  // An operator who names bridges of his own needs no Sage here.
  const sage = namesBridges(env, file) || env['SAGE_PYTHON'] ? undefined : await findOrInstallSage();
  if (sage) say(`• Starting the relay and Sage ${sage.version} (${sage.from})`);
  const relay = spawn(node, [...NODE_OPTIONS, join(ROOT, 'dist', 'relay', 'main.js'), ...args], {
    cwd: ROOT,
    env: { ...env, ...(sage && { SAGE_PYTHON: JSON.stringify(sage.python) }) },
    stdio: ['ignore', 'pipe', 'inherit'],
    // A group of its own: one Ctrl-C reaches npm, this process and perhaps this process again through npm,
    // and the relay takes a second signal for impatience.
    detached: true,
  });
  let forwarded = -Infinity;
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      if (performance.now() - forwarded < IMPATIENCE_MS) return;
      forwarded = performance.now();
      // A closed terminal ends what was started in it; to a service SIGHUP says that settings have changed.
      relay.kill(signal === 'SIGHUP' && !process.stdin.isTTY ? 'SIGHUP' : 'SIGTERM');
    });
  }
  /** @type {Promise<string>} */
  const listening = new Promise((resolve) => {
    createInterface({ input: relay.stdout }).on('line', (line) => {
      const url = /"event":"listening".*?"url":"([^"]+)"/.exec(line)?.[1];
      if (url) resolve(url);
    });
  });
  /** @type {Promise<number>} */
  const ended = new Promise((resolve) => {
    relay.once('exit', (code, signal) => {
      resolve(code ?? (signal === 'SIGKILL' ? 137 : 70));
    });
  });
  return { relay, listening, ended };
}

/**
 * Runs a relay until it is stopped.
 * @param {{ args?: readonly string[], env?: NodeJS.ProcessEnv }} [options] `args` for the relay, `env` over this process's
 * @returns {Promise<number>} its exit code
 * @throws {LaunchError} when there is no Sage or no Node to be had
 */
export async function runRelay({ args = [], env = {} } = {}) {
  const { listening, ended } = await spawnRelay(args, env);
  void listening.then((url) => {
    say(`\n  Open ${url}   (Ctrl-C stops everything)\n`);
  });
  return ended;
}

/**
 * Starts a relay for this process alone. Whoever calls this calls `stop`.
 * @param {{ env?: NodeJS.ProcessEnv }} [options] environment over this process's
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>} its address, once it listens
 * @throws {LaunchError} when there is no Sage or no Node to be had, or the relay ends before it listens
 */
export async function startRelay({ env = {} } = {}) {
  const { relay, listening, ended } = await spawnRelay([], env);
  const failed = ended.then((code) => {
    throw new LaunchError(`The relay ended with code ${String(code)} before it listened.`, code || 70);
  });
  const url = await Promise.race([listening, failed]);
  failed.catch(() => undefined);
  return {
    url,
    stop: async () => {
      relay.kill('SIGTERM');
      await ended;
    },
  };
}
