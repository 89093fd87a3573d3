import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Command lines of all processes that mention this project's bridge or relay and are not ours to ignore. */
function leftOvers(before: ReadonlySet<string>): string[] {
  return spawnSync('ps', ['-eo', 'pid,args', '--no-headers'], { encoding: 'utf8' })
    .stdout.split('\n')
    .map((line) => line.trim())
    .filter((line) => /sage_bridge|dist\/relay\/main\.js/.test(line) && !before.has(line));
}

const temporaryFiles = (): string[] => readdirSync(tmpdir()).filter((name) => /sage/i.test(name));

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
      const before = new Set(leftOvers(new Set()));
      const filesBefore = temporaryFiles();
      const demo = await startDemo({ PORT: '0' });
      expect(demo.startMs).toBeLessThan(30_000);
      const reply = await fetch(new URL('/service', demo.url), {
        method: 'POST',
        body: new URLSearchParams({ code: 'print(6*7)' }),
      });
      expect(await reply.json()).toMatchObject({ stdout: '42\n', success: true });
      demo.signal(name);
      // npm itself ends by the signal it was sent, once the demo has ended.
      expect([0, null]).toContain(await demo.exit);
      await expect.poll(() => leftOvers(before), { timeout: 5_000 }).toEqual([]);
      await expect.poll(temporaryFiles, { timeout: 1_000 }).toEqual(filesBefore);
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
