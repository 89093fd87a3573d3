/** Bare servers in processes of their own: each prints its port when it is ready, and ends with its standard input. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../../relay/launch/paths.mjs';

/**
 * Starts one of this folder's programs. Ended by `stop`.
 * @param {string} program its file
 * @param {string[]} [args] @param {NodeJS.ProcessEnv} [env]
 * @throws Error when it ends before it is ready
 */
export async function startBareServer(program, args = [], env = process.env) {
  const child = spawn(process.execPath, [join(ROOT, 'test/bench', program), ...args], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const [port] = await Promise.race([
    once(lines, 'line'),
    exit.then(([code]) => Promise.reject(new Error(`${program} ended with ${String(code)}`))),
  ]);
  return {
    port: Number(port),
    pid: child.pid ?? 0,
    async stop() {
      child.stdin.end();
      await exit;
    },
  };
}
