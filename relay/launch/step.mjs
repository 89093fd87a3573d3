/**
 * Progress and child processes of the launcher. Node built-ins only: it runs before anything is installed.
 */
import { spawn, spawnSync } from 'node:child_process';

/** A reason to stop that is the user's to mend: printed without a stack, then the exit code. */
export class LaunchError extends Error {
  /**
   * @param {string} message what is wrong and what to do, complete sentences
   * @param {number} exitCode sysexits: 69 something needed is unavailable, 78 a setting is wrong
   */
  constructor(message, exitCode = 69) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** One line on stderr, so that stdout stays free for what was asked for. @param {string} line */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Does a named piece of work and says how long it took.
 * @template T
 * @param {string} title what is done, and why when that is not plain
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const start = performance.now();
  say(`• ${title}`);
  const result = await work();
  const seconds = (performance.now() - start) / 1_000;
  if (seconds > 1) say(`  done in ${seconds.toFixed(1)} s`);
  return result;
}

/**
 * Runs a command to its end, its output shown as it comes; the command itself is shown first.
 * @param {string[]} argv
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<void>}
 * @throws {LaunchError} when it cannot start or ends with another code than 0
 */
export function run(argv, options = {}) {
  say(`  $ ${argv.join(' ')}`);
  const [command, ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(command ?? '', args, { stdio: ['ignore', 2, 2], ...options });
    child.once('error', (error) => {
      reject(new LaunchError(`${argv[0] ?? ''} could not be started: ${error.message}`));
    });
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new LaunchError(`\`${argv.join(' ')}\` ended with ${signal ?? `code ${String(code)}`}.`));
    });
  });
}

/**
 * Output of a quick command, or undefined when it cannot run, fails or takes longer than 30 s.
 * @param {string[]} argv
 * @param {import('node:child_process').SpawnSyncOptions} [options]
 * @returns {string | undefined}
 */
export function capture(argv, options = {}) {
  const [command, ...args] = argv;
  const result = spawnSync(command ?? '', args, { encoding: 'utf8', timeout: 30_000, ...options });
  return result.status === 0 ? String(result.stdout).trim() : undefined;
}

/** Path of a program on PATH, or undefined. @param {string} name @returns {string | undefined} */
export function which(name) {
  return capture(['/bin/sh', '-c', 'command -v -- "$1"', 'sh', name]) || undefined;
}

/** True when packages of the system can be installed: root on Debian or its kin. */
export function canApt() {
  return process.getuid?.() === 0 && which('apt-get') !== undefined;
}

/** Installs packages of Debian's. Only as root. @param {string[]} packages @param {string} why */
export async function aptInstall(packages, why) {
  await step(`Installing ${packages.join(', ')} with apt-get: ${why}`, async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run(['apt-get', 'update', '-q'], { env, stdio: ['ignore', 'ignore', 2] });
    await run(['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...packages], {
      env,
      stdio: ['ignore', 'ignore', 2],
    });
  });
}

/**
 * Runs a launcher to its end: a LaunchError becomes its message and exit code, anything else is a defect and shows its stack.
 * @param {() => Promise<number | void>} main
 */
export function launch(main) {
  main().then(
    (code) => {
      process.exitCode = code ?? 0;
    },
    (/** @type {unknown} */ error) => {
      say(
        error instanceof LaunchError
          ? `\n${error.message}`
          : String((error instanceof Error && error.stack) || error),
      );
      process.exitCode = error instanceof LaunchError ? error.exitCode : 70;
    },
  );
}
