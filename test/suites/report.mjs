/** What the suites brought: counts from their JUnit reports, and how long each took. */
import { existsSync, readFileSync } from 'node:fs';
import { say } from '../../relay/launch/step.mjs';

/** More failures than this are no bad luck: nothing is repeated. */
const MOST_REPEATED = 8;

/** `seconds`: from its start to its end, whatever ran beside it. @typedef {{ suite: string, passed: number, failed: number, seconds: number }} Result */

/** @type {Result[]} */
const results = [];

/** @param {string} file */
const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

/** @param {string} file a JUnit file; one that is missing holds nothing */
function countsIn(file) {
  const counts = { tests: 0, failed: 0, skipped: 0 };
  for (const [tag] of read(file).matchAll(/<testsuite [^>]*>/g)) {
    /** @param {string} name */
    const number = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(tag)?.[1] ?? 0);
    counts.tests += number('tests');
    counts.failed += number('failures') + number('errors');
    counts.skipped += number('skipped');
  }
  return counts;
}

/** Files with a failure in them, by a JUnit file of vitest's. @param {string} file @returns {string[]} */
export function failedFilesIn(file) {
  return [...read(file).matchAll(/<testsuite name="([^"]+)"[^>]* (?:failures|errors)="[1-9]/g)].map(
    ([, name = '']) => name,
  );
}

/** Records what is known of a suite. @param {Result} result */
export function record(result) {
  results.push(result);
}

/**
 * Judges a run by its report; one that wrote none, or executed nothing, counts as one failure.
 * @param {string} suite
 * @param {string} file JUnit
 * @param {number | null} code how the run ended
 * @returns {{ passed: number, failed: number, mayRepeat: boolean }} `mayRepeat`: so few failed that it may be bad luck
 */
export function judge(suite, file, code) {
  const { tests, failed, skipped } = countsIn(file);
  let bad = failed;
  if (code !== 0 && bad === 0) bad = 1;
  if (tests === 0 && code === 0) {
    say(`${suite}: the run ended well but executed no test.`);
    bad = 1;
  }
  return {
    passed: Math.max(0, tests - bad - skipped),
    failed: bad,
    mayRepeat: code !== 0 && failed > 0 && failed <= MOST_REPEATED,
  };
}

/**
 * Tests about deadlines and dying processes can miss one on a machine that is shared; a defect fails twice.
 * @param {string} suite
 * @param {number} failed
 */
export function sayRepeated(suite, failed) {
  say(
    `${suite}: ${String(failed)} of the tests failed and are run once more, alone. Whatever passes now is unsteady: see above.`,
  );
}

/** Prints a line for each suite and, last, the sum. @returns {number} the exit code: 0 only when none failed */
export function conclude() {
  let passed = 0;
  let failed = 0;
  for (const result of results) {
    console.log(
      `${result.suite}: ${String(result.passed)} passed, ${String(result.failed)} failed in ${result.seconds.toFixed(0)} s`,
    );
    passed += result.passed;
    failed += result.failed;
  }
  console.log(`${(performance.now() / 60_000).toFixed(1)} minutes in all`);
  console.log(`${String(passed)} passed, ${String(failed)} failed`);
  return failed === 0 ? 0 : 1;
}
