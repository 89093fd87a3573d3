/**
 * `npm run faults [-- --kills N] [--bridges sage|fake] [--clients N] [--of relays|bridges]`: relays and bridges under
 * playing clients are killed N times each, stopped and told to end; then it is judged that no output was lost, doubled
 * or out of order and that every execution ended. In the test suites the same happens a few times.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, installPackages, requireNode } from '../relay/launch/packages.mjs';
import { ROOT } from '../relay/launch/paths.mjs';
import { findOrInstallSage } from '../relay/launch/sage.mjs';
import { LaunchError, launch, say } from '../relay/launch/step.mjs';

launch(async () => {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '100' },
      bridges: { type: 'string', default: 'sage' },
      clients: { type: 'string', default: '8' },
      of: { type: 'string' },
    },
  });
  const amounts = [values.kills, values.clients];
  if (
    amounts.some((text) => !/^[1-9]\d{0,3}$/.test(text)) ||
    !['sage', 'fake'].includes(values.bridges) ||
    ![undefined, 'relays', 'bridges'].includes(values.of)
  ) {
    throw new LaunchError(
      '--kills and --clients take a number from 1 to 9999, --bridges takes sage or fake, --of takes relays or bridges.',
      64,
    );
  }
  requireNode();
  await installPackages();
  await build();
  const sage = await findOrInstallSage();
  const whose = values.of ?? 'relays and of bridges each';
  say(`• ${values.kills} deaths of ${whose} (${values.bridges}), Sage ${sage.version}`);
  const vitest = join(ROOT, 'node_modules', '.bin', 'vitest');
  const { status } = spawnSync(
    vitest,
    [
      'run',
      '--config',
      'test/vitest.config.ts',
      '--project',
      'hostile',
      'test/hostile/faults.test.ts',
      ...(values.of === undefined ? [] : ['--testNamePattern', `^${values.of} that are`]),
    ],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        SAGE_PYTHON: JSON.stringify(sage.python),
        FAULTS: JSON.stringify({
          kills: Number(values.kills),
          bridges: values.bridges,
          clients: Number(values.clients),
        }),
      },
      stdio: 'inherit',
    },
  );
  return status ?? 1;
});
