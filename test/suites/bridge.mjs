/** The Python tests, under the interpreter of every Sage there is, side by side: most of their time they wait. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../relay/launch/paths.mjs';
import { pytestFor } from '../../relay/launch/python-tools.mjs';
import { findSages, installFromPyPI } from '../../relay/launch/sage.mjs';
import { say, step } from '../../relay/launch/step.mjs';
import { judge, record, sayRepeated } from './report.mjs';

/** What is run by a process of its own: each share has its own bridges, so none starts another's. */
const SHARES = [
  { title: 'bridge', paths: ['test/bridge', '--ignore=test/bridge/sandbox'] },
  { title: 'sandbox', paths: ['test/bridge/sandbox'] },
];

/** At most this many at a time: as many as keep two processors busy without making tests wait for each other. */
const PARALLEL = 3;

/** Most that is kept of what one process prints, characters; the end counts. */
const MOST_PRINTED = 400_000;

/** @typedef {{ name: string, python: string[], tools: string, paths: string[], scratch: string }} Share */

/**
 * Runs pytest to its end and then shows what it printed, as one block.
 * @param {Share} share
 * @param {NodeJS.ProcessEnv} env
 * @param {string} report where the JUnit file goes
 * @param {string[]} more arguments
 * @returns {Promise<number | null>} its exit code
 */
function pytest(share, env, report, ...more) {
  const [command = '', ...rest] = share.python;
  const cache = join(share.scratch, `cache-${share.name}`);
  return new Promise((resolve, reject) => {
    const child = spawn(
      command,
      [
        ...rest,
        '-m',
        'pytest',
        '-q',
        '-rs',
        `--color=${process.stdout.isTTY ? 'yes' : 'no'}`,
        '-o',
        `cache_dir=${cache}`,
        `--junitxml=${report}`,
        ...more,
        ...share.paths,
      ],
      {
        cwd: ROOT,
        env: {
          ...env,
          PYTHONPATH: `${share.tools}:${join(ROOT, 'sage-bridge')}`,
          PYTHONDONTWRITEBYTECODE: '1',
        },
        stdio: ['inherit', 'pipe', 'pipe'],
      },
    );
    let printed = '';
    /** @param {Buffer} chunk */
    const collect = (chunk) => {
      printed = (printed + chunk.toString()).slice(-MOST_PRINTED);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', (code) => {
      process.stdout.write(`\n─── Suite ${share.name} ───\n${printed}`);
      resolve(code);
    });
  });
}

/** Runs one share and records it; returns what is to be repeated when nothing else runs. @param {Share} share @param {NodeJS.ProcessEnv} env */
async function runShare(share, env) {
  const start = performance.now();
  const file = join(share.scratch, `${share.name}.xml`);
  const { passed, failed, mayRepeat } = judge(share.name, file, await pytest(share, env, file));
  const result = { suite: share.name, passed, failed, seconds: (performance.now() - start) / 1_000 };
  say(`  ${share.name} done in ${result.seconds.toFixed(1)} s`);
  record(result);
  return mayRepeat ? { share, result } : undefined;
}

/** @param {string} scratch @param {NodeJS.ProcessEnv} env */
export async function bridgeSuite(scratch, env) {
  if (!findSages().some((sage) => sage.from === '.sage')) await installFromPyPI();
  const sages = findSages();
  say(`• Suite bridge on ${sages.map((sage) => `Sage ${sage.version} (${sage.from})`).join(' and ')}`);
  /** @type {Share[]} */
  const waiting = [];
  for (const { title, paths } of SHARES) {
    for (const { python, version } of sages) {
      const tools = await pytestFor(python[0] ?? '');
      waiting.push({ name: `${title} (Sage ${version})`, python, tools, paths, scratch });
    }
  }
  await step(`Suites ${waiting.map(({ name }) => name).join(', ')}`, async () => {
    /** @type {Awaited<ReturnType<typeof runShare>>[]} */
    const doubtful = [];
    const lane = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) doubtful.push(await runShare(next, env));
    };
    await Promise.all(Array.from({ length: PARALLEL }, lane));
    for (const one of doubtful) {
      if (!one) continue;
      const { share, result } = one;
      sayRepeated(share.name, result.failed);
      const again = join(scratch, `${share.name}-again.xml`);
      if ((await pytest(share, env, again, '--last-failed')) === 0) {
        result.passed += result.failed;
        result.failed = 0;
      }
    }
  });
}
