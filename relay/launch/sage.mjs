/** Finds a Sage, or installs one. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LOCKS, ROOT, SAGE_ENV } from './paths.mjs';
import { fingerprint, isStamped, stamp } from './stamp.mjs';
import { LaunchError, aptInstall, canApt, capture, run, say, step, which } from './step.mjs';
import { findUv } from './uv.mjs';

/**
 * A Sage that was found to answer.
 * @typedef {object} Sage
 * @property {string[]} python command line of its Python
 * @property {string} version as Sage tells it
 * @property {string} from where it was found: `$SAGE`, `PATH` or `.sage`
 */

/** Oldest versions the bridge supports. */
const MIN_SAGE = [9, 5];
const MIN_PYTHON = [3, 9];

/** Pythons that passagemath has wheels for, best first. */
const PYPI_PYTHONS = ['python3.13', 'python3.12', 'python3.14', 'python3.11', 'python3'];

const PROBE =
  'import sys; from importlib.util import find_spec as f; from sage.version import version as v; ' +
  'assert f("sage.all") and f("sage.repl"), "sage.all is missing"; ' +
  'print(v, "%d.%d" % sys.version_info[:2], sys.executable, sep="\\n")';

/** @param {string} text @param {number[]} least */
const atLeast = (text, least) => {
  const [major = 0, minor = 0] = text.split('.').map((part) => Number.parseInt(part, 10));
  return major > (least[0] ?? 0) || (major === least[0] && minor >= (least[1] ?? 0));
};

/**
 * Asks a Python whether it can import Sage. Does not import all of it: 25 ms.
 * @param {string[]} python
 * @param {string} from
 * @returns {Sage | undefined} undefined when it cannot, or when either is too old
 */
export function probe(python, from) {
  const answer = capture([...python, '-c', PROBE])?.split('\n');
  const [version, pythonVersion, executable] = answer?.slice(-3) ?? [];
  if (!version || !pythonVersion || !executable) return undefined;
  if (!atLeast(version, MIN_SAGE) || !atLeast(pythonVersion, MIN_PYTHON)) {
    say(
      `  ${from}: Sage ${version} with Python ${pythonVersion} is too old (9.5 and 3.9 are the oldest supported).`,
    );
    return undefined;
  }
  // The interpreter itself is preferred to a wrapper script: one process less, and signals reach it.
  if (python.length > 1 && capture([executable, '-c', PROBE])) return { python: [executable], version, from };
  return { python, version, from };
}

/** @param {string} path a `sage` program or a Python @param {string} from */
const probeEither = (path, from) => probe([path], from) ?? probe([path, '--python'], from);

/**
 * All Sages that are there, in order of preference: `$SAGE`, `sage` on PATH, the project's own.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Sage[]} no two with the same Python
 * @throws {LaunchError} 78 when `$SAGE` is set to something that is no Sage
 */
export function findSages(env = process.env) {
  /** @type {Sage[]} */
  const found = [];
  /** @param {Sage | undefined} sage */
  const add = (sage) => {
    if (sage && !found.some((other) => other.python.join('\0') === sage.python.join('\0'))) found.push(sage);
  };
  const chosen = env['SAGE'];
  if (chosen) {
    const sage = probeEither(chosen, '$SAGE');
    if (!sage) {
      throw new LaunchError(
        `SAGE is ${JSON.stringify(chosen)}, which is neither a \`sage\` program nor a Python that can import Sage 9.5 or newer. Correct it or unset it.`,
        78,
      );
    }
    add(sage);
  }
  const onPath = which('sage');
  if (onPath) add(probe([onPath, '--python'], 'PATH'));
  const own = join(SAGE_ENV, 'bin', 'python');
  if (isStamped(join(SAGE_ENV, '.stamp'), lockFingerprint()) && existsSync(own)) add(probe([own], '.sage'));
  return found;
}

const lockFingerprint = () => fingerprint(readFileSync(join(LOCKS, 'sage.txt')));

/** A Python that PyPI has Sage wheels for, or undefined. Musl systems and 32-bit machines have none. */
function pythonForPyPI() {
  if (!['linux', 'darwin'].includes(process.platform) || !['x64', 'arm64'].includes(process.arch))
    return undefined;
  for (const name of PYPI_PYTHONS) {
    const path = which(name);
    const version = path && capture([path, '-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
    if (path && version && ['3.11', '3.12', '3.13', '3.14'].includes(version)) return path;
  }
  return undefined;
}

/**
 * Installs Sage from PyPI into `.sage/`, exactly the locked packages with their hashes. Needs no root.
 * @returns {Promise<Sage | undefined>} undefined when no fitting Python is there
 */
export async function installFromPyPI() {
  const python = pythonForPyPI();
  if (!python) return undefined;
  await step(
    'Installing Sage from PyPI into .sage/ (4 GB on disk; about 20 seconds on a fast line)',
    async () => {
      const uv = await findUv(python);
      rmSync(SAGE_ENV, { recursive: true, force: true });
      // Without a terminal uv's progress bar would be a list of every package.
      const quiet = process.stderr.isTTY ? [] : ['--quiet'];
      await run([uv, 'venv', '--quiet', '--python', python, SAGE_ENV], { cwd: ROOT });
      // Bridges must not write beside what is installed. What is not compiled now they would compile at every start,
      // and what their sessions import besides, such as SymPy, in every session.
      const options = ['--compile-bytecode', '--require-hashes', '-r', join(LOCKS, 'sage.txt')];
      await run([uv, 'pip', 'install', ...quiet, '--python', join(SAGE_ENV, 'bin', 'python'), ...options], {
        cwd: ROOT,
      });
      stamp(join(SAGE_ENV, '.stamp'), lockFingerprint());
    },
  );
  return probe([join(SAGE_ENV, 'bin', 'python')], '.sage');
}

const ADVICE = `No Sage was found and none can be installed here by itself. Any one of these brings one:
  a Python 3.11–3.14   then run this again: Sage comes from PyPI, without root
  conda                conda create -n sage -c conda-forge sage python=3.12 && SAGE="$(conda run -n sage which sage)" npm run demo
  Homebrew             brew install --cask sage && npm run demo
  Debian, Ubuntu       sudo apt-get install --no-install-recommends sagemath && npm run demo
  Docker               docker run -it -p 8080:8080 -v "$PWD:/w" -w /w -e HOST=0.0.0.0 -e ALLOWED_ORIGINS=http://localhost:8080 -e SAGE_SANDBOX=best-effort sagemath/sagemath bash -c "npm run demo"
  one you have         SAGE=/path/to/sage npm run demo`;

/**
 * A Sage, found or installed: `$SAGE`, PATH, `.sage/`, PyPI, apt as root.
 * @returns {Promise<Sage>}
 * @throws {LaunchError} with the commands that would help
 */
export async function findOrInstallSage() {
  const [found] = findSages();
  if (found) return found;
  const installed = await installFromPyPI();
  if (installed) return installed;
  if (canApt()) {
    await aptInstall(['sagemath'], 'no Sage was found, and there is no Python 3.11–3.14 for the one on PyPI');
    const [debian] = findSages();
    if (debian) return debian;
  }
  throw new LaunchError(ADVICE);
}
