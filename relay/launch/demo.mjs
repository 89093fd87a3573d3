/** `npm run demo`: installs what is missing, builds, runs one relay with one local bridge until it is stopped. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { relayNode } from './node-runtime.mjs';
import { build, installPackages, requireNode } from './packages.mjs';
import { ROOT } from './paths.mjs';
import { findOrInstallSage } from './sage.mjs';
import { launch, say } from './step.mjs';

/** Signals closer together than this are one wish to stop. */
const IMPATIENCE_MS = 1_000;

/** Whether the settings name bridges, or a Sage; what is wrong with them the relay tells. */
function namesBridges() {
  const { env } = process;
  if (['BRIDGES', 'SAGE_EMBED_BRIDGES'].some((name) => env[name])) return true;
  try {
    const held = JSON.parse(readFileSync(env['SAGE_EMBED_CONFIG'] ?? '', 'utf8'));
    return held.bridges !== undefined || held.sagePython !== undefined;
  } catch {
    return false;
  }
}

launch(async () => {
  requireNode();
  await installPackages();
  const node = await relayNode();
  // An operator who names bridges of his own needs no Sage here.
  const sage = namesBridges() ? undefined : await findOrInstallSage();
  await build();
  if (sage) say(`• Starting the relay and Sage ${sage.version} (${sage.from})`);
  const relay = spawn(node, [join(ROOT, 'dist', 'relay', 'main.js')], {
    cwd: ROOT,
    env: { ...process.env, ...(sage && { SAGE_PYTHON: JSON.stringify(sage.python) }) },
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
      relay.kill('SIGTERM');
    });
  }
  createInterface({ input: relay.stdout }).on('line', (line) => {
    const url = /"event":"listening".*"url":"([^"]+)"/.exec(line)?.[1];
    if (url) say(`\n  Open ${url}   (Ctrl-C stops everything)\n`);
  });
  return new Promise((resolve) => {
    relay.once('exit', (code, signal) => {
      resolve(code ?? (signal === 'SIGKILL' ? 137 : 70));
    });
  });
});
