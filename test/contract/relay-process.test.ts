/** The built relay as a process: how it starts, computes and ends. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startFakeBridge, type FakeBridge } from '../support/fake-bridge.js';
import { connectGreeted } from '../support/raw-client.js';
import { RelayProcess } from '../support/relay-process.js';
import { sagePython } from '../support/sage-python.js';

const isAlive = (pid: number): boolean => {
  try {
    const state = /\) (\w)/.exec(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'))?.[1];
    return state !== 'Z';
  } catch {
    return false;
  }
};

describe('a relay that cannot start', () => {
  test('tells everything that is wrong with its settings and ends with 78', async () => {
    const { code, stdout, stderr } = await new RelayProcess(onTestFinished, { PORT: 'x', LOG_LEVEL: 'y' })
      .ended;
    expect(code).toBe(78);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/PORT is "x"[^]*LOG_LEVEL is "y"[^]*SAGE_PYTHON is not set/);
  });

  test('says in a sentence that its port is taken and ends with 69', async () => {
    const bridge = await startFakeBridge(onTestFinished);
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    const path = (bridge.address as { path: string }).path;
    const env = { PORT: String(port), BRIDGES: `unix://${path}`, BRIDGE_TOKEN: bridge.token };
    const { code, stderr } = await new RelayProcess(onTestFinished, env).ended;
    expect(code).toBe(69);
    expect(stderr).toContain(`Cannot listen on 127.0.0.1, port ${String(port)}`);
    expect(stderr).not.toContain('at ');
  });

  test('does not share the port of another relay', async () => {
    const bridge = await startFakeBridge(onTestFinished);
    const path = (bridge.address as { path: string }).path;
    const env = { BRIDGES: `unix://${path}`, BRIDGE_TOKEN: bridge.token };
    const { port } = new URL(await new RelayProcess(onTestFinished, env).url());
    expect((await new RelayProcess(onTestFinished, { ...env, PORT: port }).ended).code).toBe(69);
  });

  test('tells the last words of a bridge that does not start, leaves nothing, and ends with 69', async () => {
    const words = 'require("node:process").stderr.write("no sage here\\n"); process.exit(3)';
    const relay = new RelayProcess(onTestFinished, {
      SAGE_PYTHON: JSON.stringify([process.execPath, '-e', words, '--']),
    });
    const { code, stderr } = await relay.ended;
    expect(code).toBe(69);
    expect(stderr).toMatch(/did not start: exit code 3[^]*no sage here/);
    expect(readdirSync(relay.temp)).toEqual([]);
  });

  test('says so when there is no such Python', async () => {
    const { code, stderr } = await new RelayProcess(onTestFinished, { SAGE_PYTHON: '/nowhere/python' }).ended;
    expect(code).toBe(69);
    expect(stderr).toContain('/nowhere/python');
  });
});

describe('a relay with a settings file', () => {
  test('uses the bridges of its file, and others when the file has changed and it is told so', async () => {
    const [first, second] = [await startFakeBridge(onTestFinished), await startFakeBridge(onTestFinished)];
    const dir = mkdtempSync(join(tmpdir(), 'relay-settings-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const file = join(dir, 'relay.json');
    const write = (bridges: readonly string[]): void => {
      writeFileSync(file, JSON.stringify({ bridges, bridgeToken: first.token }));
    };
    const pathOf = ({ address }: FakeBridge): string => `unix://${(address as { path: string }).path}`;
    write([pathOf(first)]);
    const relay = new RelayProcess(onTestFinished, { SAGE_EMBED_CONFIG: file });
    const url = await relay.url();
    const bridges = async () =>
      ((await (await fetch(`${url}/status`)).json()) as { bridges: { ready: boolean; retired: boolean }[] })
        .bridges;
    const until = async (found: readonly { ready: boolean; retired: boolean }[]): Promise<void> => {
      for (;;) {
        const now = (await bridges()).map(({ ready, retired }) => ({ ready, retired }));
        if (JSON.stringify(now) === JSON.stringify(found)) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const used = { ready: true, retired: false };
    await until([used]);
    const client = await connectGreeted(url, onTestFinished);
    client.send({ type: 'open', session: 's' });
    await client.waitFor('opened');

    write([pathOf(second)]);
    relay.signal('SIGHUP');
    await until([{ ready: true, retired: true }, used]);
    client.send({ type: 'execute', execution: 'old', session: 's', code: 'x = 41' });
    client.send({ type: 'execute', execution: 'new', code: 'print(2+2)' });
    expect((await client.done('old')).status).toBe('ok');
    expect((await client.done('new')).status).toBe('ok');
    expect(second.commands.some(({ type }) => type === 'execute')).toBe(true);

    writeFileSync(file, '{ "bridges": ["nonsense"] }');
    relay.signal('SIGHUP');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await bridges()).toHaveLength(2);
    client.send({ type: 'execute', execution: 'still', code: 'print(2+2)' });
    expect((await client.done('still')).status).toBe('ok');
  });
});

describe('a relay with a bridge of its own', () => {
  test('computes, and leaves no process and no file when it is told to stop', async () => {
    const relay = new RelayProcess(onTestFinished, { SAGE_PYTHON: JSON.stringify(sagePython()) });
    const url = await relay.url();
    const answer = await fetch(`${url}/service`, {
      method: 'POST',
      body: new URLSearchParams({ code: 'print(6*7)' }),
    });
    expect(await answer.json()).toMatchObject({ stdout: '42\n', success: true });
    const client = await connectGreeted(url, onTestFinished);
    client.send({ type: 'open', session: 's' });
    await client.waitFor('opened');
    const started = relay.descendants();
    expect(started.length).toBeGreaterThan(2);
    relay.signal('SIGTERM');
    expect((await client.waitForClose()).code).toBe(4_200);
    const { code, stdout } = await relay.ended;
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(started.filter(isAlive)).toEqual([]);
    expect(readdirSync(relay.temp)).toEqual([]);
  });

  test('stops at once at the second signal, and leaves as little', async () => {
    const relay = new RelayProcess(onTestFinished, { SAGE_PYTHON: JSON.stringify(sagePython()) });
    const client = await connectGreeted(await relay.url(), onTestFinished);
    client.send({ type: 'execute', execution: 'e1', code: 'while True: pass' });
    await client.waitFor('status');
    const started = relay.descendants();
    relay.signal('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const signalledAt = performance.now();
    relay.signal('SIGINT');
    expect((await relay.ended).code).toBe(0);
    expect(performance.now() - signalledAt).toBeLessThan(2_000);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(started.filter(isAlive)).toEqual([]);
    expect(readdirSync(relay.temp)).toEqual([]);
  });

  // Sage starts twice in it, one after the other.
  test('starts the bridge again when it dies: sessions are told, and work goes on', async () => {
    const relay = new RelayProcess(onTestFinished, { SAGE_PYTHON: JSON.stringify(sagePython()) });
    const url = await relay.url();
    const client = await connectGreeted(url, onTestFinished);
    client.send({ type: 'open', session: 's' });
    const { token } = await client.waitFor('opened');
    // What depends on chance can't be built again.
    client.send({ type: 'execute', execution: 'e0', session: 's', code: 'a = random()' });
    expect((await client.done('e0', 30_000)).status).toBe('ok');
    process.kill(relay.descendants()[0]!, 'SIGKILL');
    expect(await client.waitFor('closed', undefined, 2_000)).toMatchObject({ reason: 'lost' });
    client.send({ type: 'execute', execution: 'e1', code: 'print(2+2)' });
    expect(await client.done('e1')).toMatchObject({ status: 'lost', error: { code: 'unavailable' } });
    while (!(await fetch(`${url}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 50));
    client.send({ type: 'execute', execution: 'e2', code: 'print(2+2)' });
    expect((await client.done('e2', 30_000)).status).toBe('ok');
    client.send({ type: 'open', session: 's', token });
    await client.waitFor('closed', ({ code }) => code === 'session-lost');
  }, 180_000);
});
