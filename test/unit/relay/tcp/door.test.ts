import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { StartError } from '../../../../relay/errors.js';
import type { TcpDoorOptions } from '../../../../relay/tcp/door.js';
import { connectLines, type LineClient } from '../../../support/line-client.js';
import { startRelayOnFake, type RelayUnderTest } from '../../../support/relay.js';

const TOKEN = 'sixteen letters or more';

/** Takes some tenths of a second. */
const slow =
  'k = globals().get("k", 0) + 1\nfrom time import sleep\nfor i in range(3):\n    print("a", k, i, flush=True); sleep(float(0.2))';

const start = async (options: Partial<TcpDoorOptions> = {}): Promise<RelayUnderTest> => {
  const tcp = { host: '127.0.0.1', port: 0, token: undefined, tls: undefined, ...options };
  return (await startRelayOnFake(onTestFinished, { tcp })).relay;
};

const enter = async (relay: RelayUnderTest): Promise<LineClient> => {
  const client = await connectLines(relay.tcpUrl!, onTestFinished);
  client.send({ type: 'hello', version: 1 });
  return client;
};

describe('the TCP door', { timeout: 30_000 }, () => {
  test('speaks the messages of the WebSocket, one a line', async () => {
    const client = await enter(await start());
    client.send({ type: 'open', session: 's' });
    client.send({ type: 'execute', execution: 'e', session: 's', code: 'print(2+2)' });
    expect(await client.waitFor('welcome')).toMatchObject({ version: 1 });
    expect(await client.waitFor('opened')).toMatchObject({ session: 's' });
    expect(await client.waitFor('output')).toMatchObject({ output: { text: '4\n' } });
    expect(await client.waitFor('done')).toMatchObject({ execution: 'e', status: 'ok' });
  });

  test('takes messages in any pieces', async () => {
    const client = await connectLines((await start()).tcpUrl!, onTestFinished);
    const text =
      '{"type":"hello","version":1}\r\n\n{"type":"execute","execution":"e","code":"print(\\"∑\\")"}\n';
    for (const byte of Buffer.from(text)) client.socket.write(Buffer.of(byte));
    expect(await client.waitFor('output')).toMatchObject({ output: { text: '∑\n' } });
  });

  test('refuses a line that is too long by the name it carries, and reads on', async () => {
    const client = await enter(await start());
    client.send({ type: 'execute', execution: 'big', code: 'x'.repeat(300_000) });
    expect(await client.waitFor('error')).toMatchObject({ code: 'too-large', about: 'big' });
    client.send({ type: 'ping', nonce: 7 });
    expect(await client.waitFor('pong')).toMatchObject({ nonce: 7 });
  });

  test('ends a connection that is no messages', async () => {
    const client = await connectLines((await start()).tcpUrl!, onTestFinished);
    client.socket.write('GET / HTTP/1.1\r\n');
    expect(await client.waitFor('error')).toMatchObject({ code: 'bad-message' });
    await client.waitForClose();
  });

  test('keeps the sessions of a connection that broke', async () => {
    const relay = await start();
    const first = await enter(relay);
    first.send({ type: 'open', session: 's' });
    first.send({ type: 'execute', execution: 'a', session: 's', code: 'a = 6' });
    await first.waitFor('done');
    const { token } = await first.waitFor('opened');
    first.socket.destroy();
    const second = await enter(relay);
    second.send({ type: 'open', session: 's', token, after: 0 });
    expect(await second.waitFor('opened')).toMatchObject({ resumed: true });
    second.send({ type: 'execute', execution: 'b', session: 's', code: 'print(a)' });
    await vi.waitFor(() => {
      expect(second.received).toContainEqual(
        expect.objectContaining({ output: expect.objectContaining({ text: '6\n' }) as object }),
      );
    });
  });

  test('answers all that was asked by a client that has nothing more to say, and ends', async () => {
    const client = await enter(await start());
    client.send({ type: 'execute', execution: 'a', code: slow });
    client.send({ type: 'open', session: 's' });
    client.send({ type: 'execute', execution: 'b', session: 's', code: 'print(2+2)' });
    client.socket.end();
    await client.waitForClose();
    const ends = client.received.filter(({ type }) => type === 'done');
    expect(ends).toMatchObject([{ execution: 'b' }, { execution: 'a', status: 'ok' }]);
  });

  test('stops what ran for a client that has gone', async () => {
    const relay = await start();
    const client = await enter(relay);
    client.send({ type: 'execute', execution: 'a', code: 'while True: pass' });
    const running = async (): Promise<unknown> => (await fetch(`${relay.url}/status`)).json();
    await vi.waitFor(async () => {
      expect(await running()).toMatchObject({ relay: { connections: 1, executions: 1 } });
    });
    client.socket.destroySoon();
    await vi.waitFor(
      async () => {
        expect(await running()).toMatchObject({ relay: { connections: 0, executions: 0 } });
      },
      { timeout: 2_000 },
    );
  });

  test('tells its clients to connect again when the relay is to end', async () => {
    const relay = await start();
    const client = await enter(relay);
    await client.waitFor('welcome');
    await relay.drain({ spreadMs: 0, graceMs: 100, handsOver: false });
    expect(await client.waitFor('error')).toMatchObject({ code: 'draining' });
    await client.waitForClose();
  });

  test('outlives a client that comes during the end of the relay and breaks off', async () => {
    const failed = vi.fn();
    process.on('uncaughtException', failed);
    onTestFinished(() => void process.off('uncaughtException', failed));
    const relay = await start();
    const client = await enter(relay);
    client.send({ type: 'execute', execution: 'a', code: slow });
    await client.waitFor('output');
    const drained = relay.drain({ spreadMs: 0, graceMs: 5_000, handsOver: false });
    const { hostname: host, port } = new URL(relay.tcpUrl!);
    // It reads nothing, so that the farewell does not end it first.
    const late = connect({
      host,
      port: Number(port),
      onread: { buffer: Buffer.alloc(1), callback: () => false },
    });
    late.once('connect', () => late.write('{"type":"hello","version":1}\n'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    late.resetAndDestroy();
    expect(await client.waitFor('done')).toMatchObject({ execution: 'a', status: 'ok' });
    await drained;
    expect(failed).not.toHaveBeenCalled();
  });

  test('lets a client that stopped reading wait without filling memory', async () => {
    const client = await enter(await start());
    await client.waitFor('welcome');
    client.socket.pause();
    const before = process.memoryUsage().rss;
    for (let number = 0; number < 40; number += 1) {
      client.send({
        type: 'execute',
        execution: `e${String(number)}`,
        code: 'for i in range(20): print("x" * 30000)',
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
    client.socket.resume();
    await vi.waitFor(
      () => {
        expect(client.received.filter(({ type }) => type === 'done')).toHaveLength(40);
      },
      { timeout: 20_000 },
    );
    expect(client.received.filter(({ type }) => type === 'output')).toHaveLength(800);
  });

  test('is counted in /status', async () => {
    const relay = await start();
    const client = await enter(relay);
    await client.waitFor('welcome');
    expect(await (await fetch(`${relay.url}/status`)).json()).toMatchObject({ relay: { connections: 1 } });
  });

  test('does not open on a port that is taken', async () => {
    const { port } = new URL((await start()).tcpUrl!);
    await expect(start({ port: Number(port) })).rejects.toThrow(StartError);
  });
});

describe('a token', { timeout: 30_000 }, () => {
  test('opens the door', async () => {
    const relay = await start({ token: TOKEN });
    const client = await connectLines(relay.tcpUrl!, onTestFinished);
    client.send({ type: 'auth', version: 1, token: TOKEN });
    client.send({ type: 'hello', version: 1 });
    expect(await client.waitFor('welcome')).toBeDefined();
  });

  test.each([
    ['a wrong one', { type: 'auth', version: 1, token: 'wrong' }],
    ['none', { type: 'hello', version: 1 }],
    ['an empty one', { type: 'auth', version: 1, token: '' }],
  ])('keeps it shut to who says %s', async (_what, message) => {
    const relay = await start({ token: TOKEN });
    const client = await connectLines(relay.tcpUrl!, onTestFinished);
    client.send(message);
    client.send({ type: 'hello', version: 1 });
    expect(await client.waitFor('error')).toMatchObject({ code: 'unauthorized' });
    await client.waitForClose();
    expect(client.received).toHaveLength(1);
  });
});

const hasOpenSsl = ((): boolean => {
  try {
    execFileSync('openssl', ['version']);
    return true;
  } catch {
    console.log('openssl is not installed: no certificate to test TLS with');
    return false;
  }
})();

describe('TLS', { timeout: 30_000 }, () => {
  const folder = (): string => {
    const dir = mkdtempSync(join(tmpdir(), 'tcp-door-'));
    onTestFinished(() => {
      rmSync(dir, { recursive: true });
    });
    return dir;
  };

  test.skipIf(!hasOpenSsl)('covers all that is said', async () => {
    const dir = folder();
    const [certFile, keyFile] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
    const kind = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-subj',
      '/CN=localhost',
    ];
    execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', keyFile, '-out', certFile], {
      stdio: 'ignore',
    });
    const relay = await start({ tls: { certFile, keyFile } });
    expect(relay.tcpUrl).toMatch(/^tls:/);
    const client = await enter(relay);
    client.send({ type: 'execute', execution: 'e', code: 'print(2+2)' });
    expect(await client.waitFor('output')).toMatchObject({ output: { text: '4\n' } });
    // Who speaks plainly learns nothing.
    const plain = await connectLines(relay.tcpUrl!.replace('tls:', 'tcp:'), onTestFinished);
    plain.send({ type: 'hello', version: 1 });
    await plain.waitForClose();
    expect(plain.received).toEqual([]);
  });

  test('needs a certificate that can be read', async () => {
    const files = { certFile: join(folder(), 'none.pem'), keyFile: '/nowhere/key.pem' };
    await expect(start({ tls: files })).rejects.toThrow(/TCP_TLS_CERT and TCP_TLS_KEY can't be used/);
  });
});
