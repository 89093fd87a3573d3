/** The real bridge on the real Sage, as a process of its own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { BridgeAddress } from '../../relay/bridges/address.js';
import type { Cleanup } from './cleanup.js';
import { sagePython } from './sage-python.js';

const TOKEN = 'the token of the bridge under test';

/**
 * Starts a bridge and waits until it listens; stopped at the end, its folder removed.
 * @throws Error when `SAGE_PYTHON` is not set or the bridge ends before it listens
 */
export async function startSageBridge(
  cleanup: Cleanup,
): Promise<{ address: BridgeAddress; token: string; pid: number }> {
  const [program = '', ...args] = sagePython();
  const dir = mkdtempSync(join(tmpdir(), 'sage-bridge-test-'));
  const path = join(dir, 'bridge.sock');
  const child = spawn(
    program,
    [...args, '-m', 'sage_bridge', 'serve', '--listen', `unix:${path}`, '--lifeline', 'stdin'],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PYTHONPATH: fileURLToPath(new URL('../../sage-bridge', import.meta.url)),
        PYTHONDONTWRITEBYTECODE: '1',
        SAGE_BRIDGE_TOKEN: TOKEN,
      },
    },
  );
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  cleanup(async () => {
    child.kill('SIGTERM');
    await exited;
    rmSync(dir, { recursive: true, force: true });
  });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => (words = `${words}${chunk.toString()}`.slice(-4_000)));
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('"listening"')) resolve();
    });
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`The bridge ended with ${String(code)}:\n${words}`)));
  });
  return { address: { kind: 'unix', path }, token: TOKEN, pid: child.pid ?? 0 };
}
