/**
 * `npm run endure [-- --minutes M] [PART …]`: what the bridge bears without losing a reply or growing, at full length:
 * 10,000 executions, 200 connections at once, 100 clients for two minutes, and sessions towards 340,028 for an hour.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { installPackages, requireNode } from '../../relay/launch/packages.mjs';
import { ROOT } from '../../relay/launch/paths.mjs';
import { findOrInstallSage } from '../../relay/launch/sage.mjs';
import { launch, say } from '../../relay/launch/step.mjs';

launch(async () => {
  requireNode();
  await installPackages();
  const sage = await findOrInstallSage();
  say(`• On Sage ${sage.version} (${sage.from})`);
  const [python = '', ...rest] = sage.python;
  const script = join(ROOT, 'test', 'bridge', 'endurance.py');
  const { status } = spawnSync(python, [...rest, script, ...process.argv.slice(2)], {
    env: { ...process.env, PYTHONPATH: join(ROOT, 'sage-bridge'), PYTHONDONTWRITEBYTECODE: '1' },
    stdio: 'inherit',
  });
  return status ?? 1;
});
