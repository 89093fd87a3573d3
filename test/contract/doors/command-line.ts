/** The command line over the real Sage, as people type it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RelayUnderTest } from '../../support/relay.js';

const MAIN = fileURLToPath(new URL('../../../dist/relay/cli/main.js', import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param relay one that computes and has a TCP door, once the tests run */
export function testCommandLine(relay: () => RelayUnderTest): void {
  const type = async (args: string[], input?: string, server = relay().url): Promise<Ended> => {
    const env = { ...process.env, SAGE_EMBED_SERVER: server };
    const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: 'pipe' });
    onTestFinished(() => void child.kill('SIGKILL'));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number]>,
    ]);
    return { code, stdout, stderr };
  };

  const workersUsed = async (): Promise<number> => {
    const told = (await (await fetch(`${relay().url}/status`)).json()) as { bridges: { started: number }[] };
    return told.bridges[0]!.started;
  };

  describe('sage-embed', () => {
    test('exec writes text to standard output and ends with 0', async () => {
      expect(await type(['exec', 'print(6*7); factor(91)'])).toEqual({
        code: 0,
        stdout: '42\n7 * 13\n',
        stderr: '',
      });
    });

    test('exec reads the code from standard input, and talks to the TCP door', async () => {
      expect(await type(['exec', '-', '--server', relay().tcpUrl!], 'print(2^10)')).toMatchObject({
        code: 0,
        stdout: '1024\n',
      });
    });

    test('exec lets code that was all of standard input ask for more in vain', async () => {
      const { code, stderr } = await type(['exec', '-'], 'print(input("name? "))');
      expect(code).toBe(1);
      expect(stderr).toContain('EOFError');
    });

    test('exec writes what went wrong to standard error and ends with 1', async () => {
      const { code, stdout, stderr } = await type(['exec', 'print(1)\n1/0']);
      expect([code, stdout]).toEqual([1, '1\n']);
      expect(stderr).toContain('ZeroDivisionError: rational division by zero');
      expect(await type(['exec', 'while True: pass', '--timeout', '0.3'])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('0.3 s') as string,
      });
    });

    test('exec prints one JSON object', async () => {
      const { stdout } = await type(['exec', '--json', '2^3']);
      expect(JSON.parse(stdout)).toMatchObject({
        status: 'ok',
        outputs: [{ kind: 'display', data: { 'text/plain': '8' } }],
      });
    });

    test('exec saves images and files, and overwrites none', async () => {
      const dir = mkdtempSync(join(tmpdir(), 'sage-embed-out-'));
      onTestFinished(() => {
        rmSync(dir, { recursive: true });
      });
      const code = 'open("a.csv", "w").write("1,2\\n")\nplot(sin, (0, 1))';
      for (let times = 0; times < 2; times += 1) {
        expect(await type(['exec', code, '--out', dir])).toMatchObject({ code: 0 });
      }
      expect(readdirSync(dir).sort()).toEqual(['a-2.csv', 'a.csv', 'image-2.svg', 'image.svg']);
      expect(readFileSync(join(dir, 'a.csv'), 'utf8')).toBe('1,2\n');
      expect(readFileSync(join(dir, 'image.svg'), 'utf8')).toContain('<svg');
    });

    test('repl computes in one session, over several lines, and answers what the code asks', async () => {
      const typed = 'a = 6\nfor i in [1, 2]:\n    print(a * i)\n\n1/0\nx = input()\nAda\nprint(x)\na + 1';
      const { code, stdout, stderr } = await type(['repl'], typed);
      expect([code, stdout]).toEqual([0, '6\n12\nAda\n7\n']);
      expect(stderr).toContain('ZeroDivisionError');
    });

    test('repl stops what runs on Ctrl-C and goes on', async () => {
      const env = { ...process.env, SAGE_EMBED_SERVER: relay().url };
      const child = spawn(process.execPath, [MAIN, 'repl'], { env, stdio: 'pipe' });
      onTestFinished(() => void child.kill('SIGKILL'));
      child.stdin.write('a = 5\nprint("begun", flush=True)\nwhile True: pass\n\n');
      let stdout = '';
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
        if (stdout !== 'begun\n') return;
        // Some moments later the loop runs.
        setTimeout(() => child.kill('SIGINT'), 500);
        child.stdin.end('print(a)\n');
      });
      const [code] = (await once(child, 'close')) as [number];
      expect([code, stdout]).toEqual([0, 'begun\n5\n']);
    });

    test('repl takes no line for an answer that was stopped', async () => {
      const env = { ...process.env, SAGE_EMBED_SERVER: relay().url };
      const child = spawn(process.execPath, [MAIN, 'repl'], { env, stdio: 'pipe' });
      onTestFinished(() => void child.kill('SIGKILL'));
      child.stdin.write('print("asks", flush=True)\nx = input()\n');
      const said = { out: '', err: '' };
      child.stdout.on('data', (chunk: Buffer) => {
        said.out += chunk.toString();
        // Some moments later it waits for the answer.
        if (said.out === 'asks\n') setTimeout(() => child.kill('SIGINT'), 500);
      });
      child.stderr.on('data', (chunk: Buffer) => {
        said.err += chunk.toString();
        child.stdin.end('print(5+5)\n');
      });
      const [code] = (await once(child, 'close')) as [number];
      expect([code, said.out]).toEqual([0, 'asks\n10\n']);
      expect(said.err).toContain('Stopped on request.');
    });

    test.skipIf(!existsSync('/dev/full'))('says that its words can not be written', async () => {
      const full = openSync('/dev/full', 'w');
      const child = spawn(process.execPath, [MAIN, 'help'], { stdio: ['ignore', full, 'pipe'] });
      closeSync(full);
      const [said, [code]] = await Promise.all([
        text(child.stderr!),
        once(child, 'close') as Promise<[number]>,
      ]);
      expect(said).toMatch(/^sage-embed: standard output can't be written: ENOSPC.*\n$/);
      expect(code).toBe(74);
    });

    test('status tells that the relay is up; bench measures it', async () => {
      expect(await type(['status'])).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^relay .* up [^]*bridge .*: Sage \d/) as string,
      });
      const before = await workersUsed();
      const { stdout } = await type(['bench', '--rounds', '3', '--json']);
      expect(JSON.parse(stdout)).toHaveLength(5);
      // One to begin with, one a round by a connection of its own and one by the same; and one for the session.
      expect((await workersUsed()) - before).toBeGreaterThanOrEqual(8);
    });

    test('config shows what holds, and hides secrets', async () => {
      const secret = 'a secret that is long enough to be taken';
      const env = { ...process.env, SESSION_KEYS: secret, PORT: '1234', SAGE_PYTHON: '/usr/bin/python3' };
      const child = spawn(process.execPath, [MAIN, 'config'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
      const shown = await text(child.stdout);
      expect(shown).toMatch(/^PORT +1234 +\(environment\)$/m);
      expect(shown).toMatch(/^SESSION_KEYS +\(hidden\)/m);
      expect(shown).not.toContain(secret);
    });

    test('ends without a word when nobody reads what it says any more', async () => {
      const env = { ...process.env, SAGE_PYTHON: '/usr/bin/python3' };
      const child = spawn(process.execPath, [MAIN, 'config'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      child.stdout.destroy();
      const [said, [code]] = await Promise.all([
        text(child.stderr),
        once(child, 'close') as Promise<[number]>,
      ]);
      expect([said, code]).toEqual(['', 141]);
    });

    test('says why it can not do what was typed, and ends with a code that tells', async () => {
      const mistakes: [string[], number, string][] = [
        [['exek'], 64, 'Did you mean exec?'],
        [['exec'], 64, 'Give the code'],
        [['exec', '1', '--langage', 'x'], 64, "Unknown option '--langage'"],
        [['exec', '1', '--language', 'cobol'], 64, 'must be one of sage, python,'],
        [['exec', '1', '2'], 64, 'does not take "2"'],
        [['exec', '-1+2'], 64, 'Code that begins with - goes behind --.'],
        [
          ['exec', '1', '--server', relay().url.replace('http:', 'tcp:')],
          69,
          'no door of a relay for programs',
        ],
        [
          ['exec', '1', '--server', 'tcp://127.0.0.1:9'],
          69,
          'tcp://127.0.0.1:9: The server cannot be reached.',
        ],
        [['exec', '1', '--server', 'nowhere'], 64, 'must be a URL'],
        [['status', '--server', 'http://127.0.0.1:9'], 69, "can't be reached"],
      ];
      await Promise.all(
        mistakes.map(async ([args, code, words]) => {
          const ended = await type(args);
          expect(ended).toMatchObject({ code, stdout: '' });
          expect(ended.stderr).toContain(words);
        }),
      );
    });

    test('tells a language that the server has not from a server that is not there', async ({ skip }) => {
      const told = (await (await fetch(`${relay().url}/status`)).json()) as {
        bridges: { languages: string[] }[];
      };
      const missing = ['macaulay2', 'octave'].find((name) => !told.bridges[0]!.languages.includes(name));
      skip(missing === undefined, 'every language is installed here');
      const { code, stderr } = await type(['exec', '1', '--language', missing!]);
      expect(code).toBe(64);
      expect(stderr).toContain('is not installed on this server');
    });

    test('helps, and tells its version', async () => {
      expect((await type(['help'])).stdout).toMatch(/exec[^]*repl/);
      expect((await type(['exec', '--help'])).stdout).toContain('--out DIR');
      expect((await type(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    });
  });
}
