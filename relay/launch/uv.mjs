/** uv, the Python package installer: from PATH, else in a private folder, never in the user's own environment. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LOCKS, TOOLS } from './paths.mjs';
import { LaunchError, capture, run, step, which } from './step.mjs';

/**
 * @param {string} python a Python ≥ 3.9 to install it with
 * @returns {Promise<string>} path of the uv program
 * @throws {LaunchError} when this Python has neither venv nor pip
 */
export async function findUv(python) {
  const onPath = which('uv');
  if (onPath) return onPath;
  const folder = join(TOOLS, 'uv');
  const inVenv = join(folder, 'bin', 'uv');
  if (existsSync(inVenv) && capture([inVenv, '--version'])) return inVenv;
  const requirements = ['--require-hashes', '-r', join(LOCKS, 'uv.txt')];
  return step('Installing uv, which installs Python packages quickly, into .tools/uv', async () => {
    const quiet = ['--quiet', '--disable-pip-version-check'];
    if (capture([python, '-m', 'venv', '--clear', folder]) !== undefined) {
      await run([join(folder, 'bin', 'python'), '-m', 'pip', 'install', ...quiet, ...requirements]);
    } else if (capture([python, '-m', 'pip', '--version']) !== undefined) {
      // A Python without ensurepip (Debian's, bare) may still have pip; --target leaves its environment alone.
      await run([python, '-m', 'pip', 'install', ...quiet, '--target', folder, ...requirements]);
    } else {
      throw new LaunchError(
        `${python} has neither venv nor pip, so uv cannot be installed. Install uv (https://docs.astral.sh/uv/), or the packages python3-venv and python3-pip of your system, and try again.`,
      );
    }
    return inVenv;
  });
}
