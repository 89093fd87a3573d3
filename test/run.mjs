/**
 * `npm test [-- SUITE…]`: installs what is missing, then runs every suite (or those named), on the real parts.
 * The last line printed is `N passed, N failed`; the exit code is 0 only when none failed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOrInstallCassandra } from '../relay/launch/cassandra.mjs';
import { findOrInstallBrowsers } from '../relay/launch/browsers.mjs';
import { findOrInstallChromium } from '../relay/launch/chromium.mjs';
import { findOrInstallHaproxy } from '../relay/launch/haproxy.mjs';
import { build, installPackages, requireNode } from '../relay/launch/packages.mjs';
import { ROOT } from '../relay/launch/paths.mjs';
import { pytestFor } from '../relay/launch/python-tools.mjs';
import { findOrInstallSage, findSages, installFromPyPI } from '../relay/launch/sage.mjs';
import { LaunchError, launch, say, step } from '../relay/launch/step.mjs';

/** In the order they run: quick ones first. */
const SUITES = ['check', 'unit', 'contract', 'stores', 'dom', 'hostile', 'e2e', 'browsers', 'bridge'];

/** Suites that vitest runs as its projects. */
const VITEST = ['unit', 'contract', 'stores', 'dom', 'hostile', 'e2e', 'browsers'];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !SUITES.includes(name));
const chosen = asked.length > 0 ? SUITES.filter((name) => asked.includes(name)) : SUITES;

/** More failures than this are no bad luck: nothing is repeated. */
const MOST_REPEATED = 8;

/** @type {{ suite: string, passed: number, failed: number }[]} */
const results = [];

/** @param {string} file a JUnit file; one that is missing holds nothing */
function countsIn(file) {
  const xml = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const counts = { tests: 0, failed: 0, skipped: 0 };
  for (const [tag] of xml.matchAll(/<testsuite [^>]*>/g)) {
    /** @param {string} name */
    const number = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(tag)?.[1] ?? 0);
    counts.tests += number('tests');
    counts.failed += number('failures') + number('errors');
    counts.skipped += number('skipped');
  }
  return counts;
}

/** Records a run; one that wrote no report, or executed nothing, counts as one failure. @param {string} suite @param {string} file @param {number | null} code */
function count(suite, file, code) {
  const { tests, failed, skipped } = countsIn(file);
  let bad = failed;
  if (code !== 0 && bad === 0) bad = 1;
  if (tests === 0 && code === 0) {
    say(`${suite}: the run ended well but executed no test.`);
    bad = 1;
  }
  results.push({ suite, passed: Math.max(0, tests - bad - skipped), failed: bad });
}

launch(async () => {
  if (unknown.length > 0) {
    throw new LaunchError(`No suite ${unknown.join(', ')}; there are ${SUITES.join(', ')}.`, 64);
  }
  requireNode();
  await installPackages();
  await build();
  const scratch = mkdtempSync(join(tmpdir(), 'sage-embed-test-'));
  const needsSage = chosen.some((name) =>
    ['contract', 'stores', 'hostile', 'e2e', 'browsers', 'bridge'].includes(name),
  );
  const needsBrowser = chosen.some((name) => ['dom', 'e2e'].includes(name));
  const env = { ...process.env, FORCE_COLOR: process.stdout.isTTY ? '1' : '0' };
  try {
    if (needsSage) {
      const sage = await findOrInstallSage();
      env['SAGE_PYTHON'] = JSON.stringify(sage.python);
      say(`• Tests run on Sage ${sage.version} (${sage.from})`);
    }
    if (chosen.includes('stores')) env['CASSANDRA_LIB'] = await findOrInstallCassandra();
    if (needsBrowser) env['CHROMIUM_PATH'] = await findOrInstallChromium();
    const haproxy = chosen.includes('hostile') ? await findOrInstallHaproxy() : undefined;
    if (haproxy) env['HAPROXY_PATH'] = haproxy;
    if (chosen.includes('browsers')) Object.assign(env, await findOrInstallBrowsers());

    if (chosen.includes('check')) {
      const result = spawnSync(
        'npm',
        // The unit suite follows by itself, for its counts.
        ['run', '--silent', 'check', ...(chosen.includes('unit') ? ['--', '--without', 'unit'] : [])],
        { cwd: ROOT, env, stdio: 'inherit' },
      );
      results.push({
        suite: 'check',
        passed: result.status === 0 ? 1 : 0,
        failed: result.status === 0 ? 0 : 1,
      });
    }
    for (const suite of VITEST.filter((name) => chosen.includes(name)))
      await vitestSuite(suite, scratch, env);
    if (chosen.includes('bridge')) await bridgeSuite(scratch, env);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  let passed = 0;
  let failed = 0;
  for (const result of results) {
    console.log(`${result.suite}: ${String(result.passed)} passed, ${String(result.failed)} failed`);
    passed += result.passed;
    failed += result.failed;
  }
  console.log(`${String(passed)} passed, ${String(failed)} failed`);
  return failed === 0 ? 0 : 1;
});

/** Files with a failure in them, by a JUnit file. @param {string} file @returns {string[]} */
function failedFilesIn(file) {
  const xml = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return [...xml.matchAll(/<testsuite name="([^"]+)"[^>]* (?:failures|errors)="[1-9]/g)].map(
    ([, name = '']) => name,
  );
}

/** One project of vitest. @param {string} suite @param {string} scratch @param {NodeJS.ProcessEnv} env */
async function vitestSuite(suite, scratch, env) {
  const file = join(scratch, `${suite}.xml`);
  const again = join(scratch, `${suite}-again.xml`);
  /** @param {string} report @param {string[]} only */
  const vitest = (report, ...only) =>
    spawnSync(
      join(ROOT, 'node_modules', '.bin', 'vitest'),
      [
        'run',
        '--config',
        'test/vitest.config.ts',
        '--project',
        suite,
        '--reporter=default',
        '--reporter=junit',
        `--outputFile.junit=${report}`,
        ...only,
      ],
      { cwd: ROOT, env, stdio: 'inherit' },
    ).status;
  await step(`Suite ${suite}`, () => {
    const status = vitest(file);
    const { tests, failed, skipped } = countsIn(file);
    const files = failedFilesIn(file);
    if (status !== 0 && failed > 0 && failed <= MOST_REPEATED && files.length > 0) {
      sayRepeated(failed);
      if (vitest(again, ...files) === 0) {
        results.push({ suite, passed: tests - skipped, failed: 0 });
        return;
      }
    }
    count(suite, file, status);
  });
}

/**
 * Tests about deadlines and dying processes can miss one on a machine that is shared; a defect fails twice.
 * @param {number} failed
 */
function sayRepeated(failed) {
  say(
    `${String(failed)} of the tests failed and are run once more, alone. Whatever passes now is unsteady: see above.`,
  );
}

/** The Python tests, under the interpreter of every Sage there is. @param {string} scratch @param {NodeJS.ProcessEnv} env */
async function bridgeSuite(scratch, env) {
  if (!findSages().some((sage) => sage.from === '.sage')) await installFromPyPI();
  const sages = findSages();
  say(`• Suite bridge on ${sages.map((sage) => `Sage ${sage.version} (${sage.from})`).join(' and ')}`);
  for (const [index, sage] of sages.entries()) {
    const [python = '', ...rest] = sage.python;
    const tools = await pytestFor(python);
    const file = join(scratch, `bridge-${String(index)}.xml`);
    const again = join(scratch, `bridge-${String(index)}-again.xml`);
    const cache = join(scratch, `cache-${String(index)}`);
    const name = `bridge (Sage ${sage.version})`;
    await step(`Suite bridge, Sage ${sage.version}`, () => {
      /** @param {string} report @param {string[]} more */
      const pytest = (report, ...more) =>
        spawnSync(
          python,
          [
            ...rest,
            '-m',
            'pytest',
            '-q',
            '-rs',
            '-o',
            `cache_dir=${cache}`,
            `--junitxml=${report}`,
            ...more,
            'test/bridge',
          ],
          {
            cwd: ROOT,
            env: {
              ...env,
              PYTHONPATH: `${tools}:${join(ROOT, 'sage-bridge')}`,
              PYTHONDONTWRITEBYTECODE: '1',
            },
            stdio: 'inherit',
          },
        ).status;
      let status = pytest(file);
      const { tests, failed, skipped } = countsIn(file);
      if (status === 1 && failed > 0 && failed <= MOST_REPEATED) {
        sayRepeated(failed);
        status = pytest(again, '--last-failed');
        if (status === 0) {
          results.push({ suite: name, passed: tests - skipped, failed: 0 });
          return;
        }
      }
      count(name, file, status);
    });
  }
}
