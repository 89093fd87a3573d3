import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A temporary folder that only this demo uses: what it leaves there, and which processes know of it, is its doing. */
function makeTemporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'demo-test-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Command lines of the processes that have the folder in their arguments or their environment. */
function processesOf(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        return `${args}${environment}`.includes(folder) ? [args.replaceAll('\0', ' ')] : [];
      } catch {
        return [];
      }
    });
}

/** Runs `npm run demo` until it prints its URL. */
async function startDemo(env: NodeJS.ProcessEnv): Promise<{
  url: string;
  startMs: number;
  signal: (name: NodeJS.Signals) => void;
  exit: Promise<number | null>;
}> {
  const start = performance.now();
  const child = spawn('npm', ['run', '--silent', 'demo'], {
    cwd: ROOT,
    env: { ...process.env, LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  closers.push(() => child.kill('SIGKILL'));
  const exit = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  let text = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const found = /Open (http\S+)/.exec(text)?.[1];
      if (found) resolve(found);
    });
    child.once('exit', () => reject(new Error(text)));
  });
  return {
    url,
    startMs: performance.now() - start,
    signal: (name) => {
      // A terminal's Ctrl-C reaches the whole foreground group; SIGTERM comes to the one process somebody named.
      if (name === 'SIGINT') process.kill(-(child.pid ?? 0), name);
      else child.kill(name);
    },
    exit,
  };
}

describe('npm run demo', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'computes, and after %s leaves no process and no temporary file',
    async (name) => {
      const folder = makeTemporary();
      const demo = await startDemo({ PORT: '0', TMPDIR: folder });
      expect(demo.startMs).toBeLessThan(30_000);
      const reply = await fetch(new URL('/service', demo.url), {
        method: 'POST',
        body: new URLSearchParams({ code: 'print(6*7)' }),
      });
      expect(await reply.json()).toMatchObject({ stdout: '42\n', success: true });
      const status = (await (await fetch(new URL('/status', demo.url))).json()) as {
        bridges: { sandbox?: { mode: string; layers: { state: string; reason?: string }[] } }[];
      };
      const sandbox = status.bridges[0]?.sandbox;
      expect(sandbox?.mode).toBe('best-effort');
      // What this machine can't do is said with its reason.
      for (const layer of sandbox?.layers ?? []) {
        expect(layer.state === 'enforced' || layer.reason !== undefined).toBe(true);
      }
      expect(processesOf(folder).length).toBeGreaterThan(3);
      expect(readdirSync(folder)).not.toEqual([]);
      demo.signal(name);
      // npm itself ends by the signal it was sent, once the demo has ended.
      expect([0, null]).toContain(await demo.exit);
      await expect.poll(() => processesOf(folder), { timeout: 5_000 }).toEqual([]);
      await expect.poll(() => readdirSync(folder), { timeout: 1_000 }).toEqual([]);
    },
  );

  it('says in one sentence that a port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    closers.push(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(startDemo({ PORT: String(port) })).rejects.toThrow(
      new RegExp(`${port}.*another program uses the port`),
    );
  });

  it('names every setting that is wrong, with its value', async () => {
    const wrong = startDemo({ PORT: 'eighty', LOG_LEVEL: 'loud' });
    await expect(wrong).rejects.toThrow(/PORT.*eighty[^]*LOG_LEVEL.*loud|LOG_LEVEL.*loud[^]*PORT.*eighty/);
  });
});
