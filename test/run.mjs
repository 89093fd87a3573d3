/**
 * `npm test [-- SUITE…]`: installs what is missing, then runs every suite (or those named), on the real parts.
 * The last line printed is `N passed, N failed`; the exit code is 0 only when none failed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOrInstallCassandra } from '../relay/launch/cassandra.mjs';
import { findOrInstallBrowsers } from '../relay/launch/browsers.mjs';
import { findOrInstallChromium } from '../relay/launch/chromium.mjs';
import { findOrInstallHaproxy } from '../relay/launch/haproxy.mjs';
import { build, installPackages, requireNode } from '../relay/launch/packages.mjs';
import { ROOT } from '../relay/launch/paths.mjs';
import { findOrInstallSage } from '../relay/launch/sage.mjs';
import { LaunchError, launch, say } from '../relay/launch/step.mjs';
import { bridgeSuite } from './suites/bridge.mjs';
import { conclude, record } from './suites/report.mjs';
import { vitestSuite } from './suites/vitest.mjs';

/** In the order they run: quick ones first. */
const SUITES = ['check', 'unit', 'contract', 'stores', 'dom', 'hostile', 'e2e', 'browsers', 'bridge'];

/** Suites that vitest runs as its projects. */
const VITEST = ['unit', 'contract', 'stores', 'dom', 'hostile', 'e2e', 'browsers'];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !SUITES.includes(name));
const chosen = asked.length > 0 ? SUITES.filter((name) => asked.includes(name)) : SUITES;

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
      const start = performance.now();
      const result = spawnSync(
        'npm',
        // The unit suite follows by itself, for its counts.
        ['run', '--silent', 'check', ...(chosen.includes('unit') ? ['--', '--without', 'unit'] : [])],
        { cwd: ROOT, env, stdio: 'inherit' },
      );
      const failed = result.status === 0 ? 0 : 1;
      const seconds = (performance.now() - start) / 1_000;
      record({ suite: 'check', passed: 1 - failed, failed, seconds });
    }
    for (const suite of VITEST.filter((name) => chosen.includes(name)))
      await vitestSuite(suite, scratch, env);
    if (chosen.includes('bridge')) await bridgeSuite(scratch, env);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return conclude();
});
