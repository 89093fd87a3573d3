/** HAProxy before several relays, as an operator would run it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cleanup } from './cleanup.js';
import { freePort } from './relay-process.js';

/**
 * Readers go to any relay that says it is ready; one that refuses or dies during the request is left for another.
 * The check must say HTTP/1.1, since relays speak nothing older. A WebSocket may be silent for as long as the heartbeats of both sides allow.
 */
const configuration = (port: number, relays: readonly string[]): string => `
defaults
  mode http
  timeout connect 1s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
  option redispatch 1
  retries 3
  retry-on conn-failure empty-response 503
frontend readers
  bind 127.0.0.1:${String(port)}
  default_backend relays
backend relays
  balance leastconn
  option httpchk
  http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host relay
  default-server check inter 500ms fall 1 rise 1
${relays.map((url, index) => `  server relay${String(index)} ${new URL(url).host}`).join('\n')}
`;

/**
 * Starts one before the relays, stopped at the test's end.
 * @param program path of HAProxy
 * @returns where readers connect: `http://host:port`
 * @throws Error with HAProxy's own words when it does not start
 */
export async function startHaproxy(
  cleanup: Cleanup,
  program: string,
  relays: readonly string[],
): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'haproxy-'));
  const port = await freePort();
  const file = join(dir, 'haproxy.cfg');
  writeFileSync(file, configuration(port, relays));
  const child = spawn(program, ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  let hasEnded = false;
  child.stderr.on('data', (chunk: Buffer) => (words += chunk.toString()));
  const ended = new Promise<void>((resolve) =>
    child.once('close', () => {
      hasEnded = true;
      resolve();
    }),
  );
  cleanup(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${String(port)}`;
  for (;;) {
    // Set by the event above, which the compiler can't see.
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition
    if (hasEnded) throw new Error(`HAProxy ended:\n${words}`);
    const isReady = await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return url;
    await sleep(50);
  }
}
