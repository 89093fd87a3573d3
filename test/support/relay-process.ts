/** The built relay as the launcher runs it: a process with settings, one line on standard output, signals. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Cleanup } from './cleanup.js';

const MAIN = fileURLToPath(new URL('../../dist/relay/main.js', import.meta.url));

/** What a process left behind. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A port of the loopback address that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** A relay process whose temporary files go to a folder of its own. */
export class RelayProcess {
  readonly temp = mkdtempSync(join(tmpdir(), 'relay-process-'));
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #url: Promise<string>;

  /** @param env its whole environment besides the path and the home; the port is the system's choice unless it says another */
  constructor(cleanup: Cleanup, env: { readonly [name: string]: string }) {
    const child = spawn(process.execPath, [MAIN], {
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        TMPDIR: this.temp,
        STORE: 'memory',
        PORT: '0',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    let stdout = '';
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    this.#url = new Promise((resolve) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        stdout += `${line}\n`;
        const { event, url } = JSON.parse(line) as { event: string; url: string };
        if (event === 'listening') resolve(url);
      });
    });
    this.ended = new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
    cleanup(async () => {
      // One that is stopped dies as well.
      child.kill('SIGKILL');
      await this.ended;
      rmSync(this.temp, { recursive: true, force: true });
    });
  }

  /** Where it listens, once it is ready. @throws Error if it ends before */
  async url(): Promise<string> {
    const url = await Promise.race([this.#url, this.ended]);
    if (typeof url === 'string') return url;
    throw new Error(`The relay ended:\n${url.stderr}`);
  }

  /** Processes it started, and theirs. */
  descendants(): number[] {
    const found = [this.#child.pid ?? 0];
    for (const pid of found) {
      const path = `/proc/${String(pid)}/task/${String(pid)}/children`;
      if (existsSync(path))
        found.push(...readFileSync(path, 'utf8').trim().split(' ').filter(Boolean).map(Number));
    }
    return found.slice(1);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}
