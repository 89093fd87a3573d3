import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

it('says how to get a Sage where there is none and none can be installed, and exits with 69', async () => {
  const checkout = mkdtempSync(join(tmpdir(), 'sage-embed-bare-'));
  onTestFinished(() => rmSync(checkout, { recursive: true, force: true }));
  for (const part of ['relay/launch', 'sage-bridge/locks']) {
    cpSync(join(ROOT, part), join(checkout, part), { recursive: true });
  }
  const empty = join(checkout, 'empty');
  mkdirSync(empty);
  const script = `
    const [{ findOrInstallSage }, { launch }] = await Promise.all(
      ['sage', 'step'].map((name) => import('${checkout}/relay/launch/' + name + '.mjs')));
    launch(findOrInstallSage);`;
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(
      process.execPath,
      ['--input-type=module', '-e', script],
      // Nothing on PATH: no sage, no Python, no apt-get.
      { env: { PATH: empty } },
      (error, _stdout, text) => resolve({ code: error?.code, stderr: text }),
    );
  });
  expect(code).toBe(69);
  for (const way of ['conda create', 'brew install', 'apt-get install', 'docker run', 'SAGE=/path/to/sage']) {
    expect(stderr).toContain(way);
  }
});
