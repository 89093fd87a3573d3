/** The suites that are projects of vitest. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../relay/launch/paths.mjs';
import { step } from '../../relay/launch/step.mjs';
import { failedFilesIn, judge, record, sayRepeated } from './report.mjs';

/** One project of vitest. @param {string} suite @param {string} scratch @param {NodeJS.ProcessEnv} env */
export async function vitestSuite(suite, scratch, env) {
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
    const start = performance.now();
    let { passed, failed, mayRepeat } = judge(suite, file, vitest(file));
    const files = failedFilesIn(file);
    if (mayRepeat && files.length > 0) {
      sayRepeated(suite, failed);
      if (vitest(again, ...files) === 0) [passed, failed] = [passed + failed, 0];
    }
    record({ suite, passed, failed, seconds: (performance.now() - start) / 1_000 });
  });
}
