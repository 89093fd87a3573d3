/** The real thing: the built relay with its own bridge and a Chromium to look at it with. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/relay/main.js', import.meta.url));

/** Flags under which Chromium runs as root, without a GPU, and asks nobody but us. */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the relay on a free port; resolves when it listens. The caller ends it. */
export function startRelay(
  env: NodeJS.ProcessEnv = {},
): Promise<{ process: ChildProcess; url: string; log: () => string; exit: Promise<number | null> }> {
  const child = spawn(process.execPath, [MAIN], {
    env: { ...process.env, LOG_LEVEL: 'warn', STORE: 'memory', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const exit = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = JSON.parse(line) as { event: string; url: string };
      if (event.event === 'listening') {
        resolve({ process: child, url: event.url.replace(/\/$/, ''), log: () => log, exit });
      }
    });
    child.once('exit', (code) => reject(new Error(`the relay ended with ${String(code)}:\n${log}`)));
  });
}

export interface Live {
  /** Origin of the relay, without a slash at the end. */
  readonly url: string;
  readonly relayPid: number;
  /** A page at this path of the relay, or at this address; fails the test later if a script error happens on it. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>;
  /** Errors of scripts and of the console on all pages so far. */
  readonly problems: string[];
}

/** One relay and one browser for the tests of a file, ended after them. */
export function useLive(): () => Live {
  let live: Live | undefined;
  let browser: Browser | undefined;
  let relay: Awaited<ReturnType<typeof startRelay>> | undefined;

  beforeAll(async () => {
    const path = process.env['CHROMIUM_PATH'];
    if (!path)
      throw new Error('CHROMIUM_PATH is not set: run `npm test -- e2e`, which finds or installs it.');
    [relay, browser] = await Promise.all([
      startRelay(),
      chromium.launch({ executablePath: path, args: CHROMIUM_ARGS }),
    ]);
    const problems: string[] = [];
    const { url } = relay;
    const { pid } = relay.process;
    const shown = browser;
    live = {
      url,
      relayPid: pid ?? 0,
      problems,
      async open(where, options = {}) {
        const page = await shown.newPage({ viewport: { width: 1_000, height: 900 }, ...options });
        page.on('pageerror', (error) => problems.push(`${where}: ${error.message}`));
        page.on('console', (message) => {
          if (message.type() === 'error') problems.push(`${where}: ${message.text()}`);
        });
        await page.goto(new URL(where, url).href);
        return page;
      },
    };
  });

  afterAll(async () => {
    await browser?.close();
    relay?.process.kill('SIGTERM');
    await relay?.exit;
  });

  return () => {
    if (!live) throw new Error('not started');
    return live;
  };
}
