/** npm packages and the build. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';
import { fingerprint, fingerprintOfFiles, isStamped, stamp } from './stamp.mjs';
import { LaunchError, run, step } from './step.mjs';

/** What the build reads; a change in any of it makes it run again. */
const SOURCES = ['package-lock.json', 'tsconfig.json', 'rollup.config.mjs', 'relay', 'components'];

/** @throws {LaunchError} below Node 20.19, which the toolchain needs */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new LaunchError(
      `sage-embed needs Node 20.19 or newer; this is ${process.version}. Install a newer Node from your system's packages or nodejs.org and try again.`,
    );
  }
}

/** `npm ci` when the lockfile is not what is installed. */
export async function installPackages() {
  const lock = readFileSync(join(ROOT, 'package-lock.json'));
  const wanted = fingerprint(lock, process.platform, process.arch);
  const file = join(ROOT, 'node_modules', '.sage-embed-stamp');
  if (isStamped(file, wanted)) return;
  await step('Installing npm packages (npm ci)', async () => {
    const npm = process.env['npm_execpath'];
    const argv = npm && existsSync(npm) ? [process.execPath, npm] : ['npm'];
    await run([...argv, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: ROOT });
    stamp(file, wanted);
  });
}

/** Compiles the relay and the SDK when a source changed. */
export async function build() {
  const wanted = fingerprintOfFiles(ROOT, SOURCES);
  const file = join(ROOT, 'dist', '.sage-embed-stamp');
  if (isStamped(file, wanted)) return;
  await step('Building the relay and the SDK', async () => {
    const bin = join(ROOT, 'node_modules', '.bin');
    await run([join(bin, 'tsc'), '-b', 'relay/cli'], { cwd: ROOT });
    await run([join(bin, 'rollup'), '-c', '--silent'], { cwd: ROOT });
    stamp(file, wanted);
  });
}
