/** pytest and ruff, pinned, in folders of their own: no Python environment of anybody's is touched. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOCKS, TOOLS } from './paths.mjs';
import { fingerprint, isStamped, stamp } from './stamp.mjs';
import { LaunchError, run, step, which } from './step.mjs';
import { findUv } from './uv.mjs';

/**
 * Installs a lock into `.tools/NAME-…` for one interpreter.
 * @param {'pytest' | 'ruff'} name
 * @param {string} python the interpreter that will import it
 * @returns {Promise<string>} the folder, for PYTHONPATH
 */
async function installTool(name, python) {
  const lock = join(LOCKS, `${name}.txt`);
  const wanted = fingerprint(readFileSync(lock), python);
  const folder = join(TOOLS, `${name}-${wanted.slice(0, 12)}`);
  const file = join(folder, '.stamp');
  if (!isStamped(file, wanted)) {
    await step(`Installing ${name} for ${python} into .tools/`, async () => {
      const helper = which('python3');
      if (!helper)
        throw new LaunchError(
          'python3 is needed to install the Python test tools; install it and try again.',
        );
      const uv = await findUv(helper);
      await run([
        ...[uv, 'pip', 'install', '--quiet', '--python', python, '--target', folder],
        ...['--require-hashes', '-r', lock],
      ]);
      stamp(file, wanted);
    });
  }
  return folder;
}

/** @param {string} python Sage's interpreter @returns {Promise<string>} folder for PYTHONPATH */
export const pytestFor = (python) => installTool('pytest', python);

/** @returns {Promise<string>} path of the ruff program */
export async function findRuff() {
  const python = which('python3');
  if (!python) throw new LaunchError('python3 is needed to run ruff; install it and try again.');
  return join(await installTool('ruff', python), 'bin', 'ruff');
}
