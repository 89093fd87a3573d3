/** Clients that break the rules: each gets a coded answer, and the next good client notices nothing. */
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MAX_CLIENT_MESSAGE_BYTES, MAX_CODE_LENGTH } from '../../relay/protocol/index.js';
import { connectClient, connectGreeted } from '../support/raw-client.js';
import { startRelayOnFake } from '../support/relay.js';

/** A relay whose health is checked at the end: a good execution, and a bridge that holds nothing back. */
async function setUp() {
  const { relay, bridge } = await startRelayOnFake(onTestFinished);
  const attacker = await connectClient(relay.url, onTestFinished);
  const expectHealthy = async (): Promise<void> => {
    const client = await connectGreeted(relay.url, onTestFinished);
    client.send({ type: 'execute', execution: 'good', code: 'print(2+2)' });
    expect((await client.done('good')).status).toBe('ok');
    expect(client.stdout('good')).toBe('4\n');
  };
  return { relay, bridge, attacker, expectHealthy };
}

describe('what is not a message', () => {
  test.each(['', '{', 'null', '[]', '"hello"', '{"type":"hello"', '\u0000'])(
    '%j is refused and ends the connection with 4400',
    async (text) => {
      const { attacker, expectHealthy } = await setUp();
      attacker.sendText(text);
      expect(await attacker.waitFor('error')).toMatchObject({ code: 'bad-message' });
      expect((await attacker.waitForClose()).code).toBe(4_400);
      await expectHealthy();
    },
  );

  test('a binary message is refused and ends the connection with 4400', async () => {
    const { attacker, expectHealthy } = await setUp();
    attacker.sendBinary(Buffer.from('{"type":"hello","version":1}'));
    expect((await attacker.waitForClose()).code).toBe(4_400);
    await expectHealthy();
  });

  test('deep nesting is refused', async () => {
    const { attacker, expectHealthy } = await setUp();
    attacker.sendText(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
    expect(await attacker.waitFor('error')).toMatchObject({ code: 'bad-message' });
    await expectHealthy();
  });
});

describe('messages out of order', () => {
  test('without hello first the connection ends with 4406', async () => {
    const { attacker, expectHealthy } = await setUp();
    attacker.send({ type: 'execute', execution: 'e1', code: 'print(2+2)' });
    expect(await attacker.waitFor('error')).toMatchObject({ code: 'hello-expected' });
    expect((await attacker.waitForClose()).code).toBe(4_406);
    await expectHealthy();
  });

  test('another version is refused with 4406', async () => {
    const { attacker } = await setUp();
    attacker.send({ type: 'hello', version: 99 });
    expect(await attacker.waitFor('error')).toMatchObject({ code: 'unsupported-version' });
    expect((await attacker.waitForClose()).code).toBe(4_406);
  });
});

describe('messages that cannot be obeyed', () => {
  test.each([
    ['an unknown type', { type: 'launch' }, { code: 'unknown-type', field: 'type' }],
    [
      'a type of the other direction',
      { type: 'done', execution: 'e1' },
      { code: 'unknown-type', about: 'e1' },
    ],
    [
      'a missing field',
      { type: 'execute', execution: 'e1' },
      { code: 'bad-message', field: 'code', about: 'e1' },
    ],
    ['an unknown field', { type: 'ping', __proto: 1 }, { code: 'bad-message', field: '__proto' }],
    [
      'an identifier with a slash',
      { type: 'open', session: '../x' },
      { code: 'bad-message', field: 'session', about: '../x' },
    ],
    ['closing an unknown session', { type: 'close', session: 's' }, { code: 'unknown-session', about: 's' }],
    [
      'interrupting an unknown execution',
      { type: 'interrupt', execution: 'e1' },
      { code: 'unknown-execution', about: 'e1' },
    ],
    [
      'killing in an unknown session',
      { type: 'kill', execution: 'e1', session: 's' },
      { code: 'unknown-session', about: 'e1' },
    ],
    [
      'completing in an unknown session',
      { type: 'complete', request: 'r1', session: 's', before: '' },
      { code: 'unknown-session', about: 'r1' },
    ],
  ])('%s is answered by a coded error and the connection lives', async (_what, message, error) => {
    const { relay, expectHealthy } = await setUp();
    const attacker = await connectGreeted(relay.url, onTestFinished);
    attacker.send(message);
    expect(await attacker.waitFor('error')).toMatchObject(error);
    attacker.send({ type: 'ping', nonce: 1 });
    await attacker.waitFor('pong');
    await expectHealthy();
  });

  test('executing in an unknown session ends in one done', async () => {
    const { relay } = await setUp();
    const attacker = await connectGreeted(relay.url, onTestFinished);
    attacker.send({ type: 'execute', execution: 'e1', session: 's', code: '1' });
    expect(await attacker.done('e1')).toMatchObject({ status: 'lost', error: { code: 'unknown-session' } });
  });

  test('endless nonsense ends the connection with 4429', async () => {
    const { relay, expectHealthy } = await setUp();
    const attacker = await connectGreeted(relay.url, onTestFinished);
    for (let index = 0; index < 1_000; index += 1) attacker.send({ type: 'launch' });
    expect((await attacker.waitForClose()).code).toBe(4_429);
    await expectHealthy();
  });
});

describe('too much', () => {
  test('a megabyte of code is told to be too large, and the connection lives', async () => {
    const { relay, expectHealthy } = await setUp();
    const attacker = await connectGreeted(relay.url, onTestFinished);
    attacker.send({ type: 'execute', execution: 'e1', code: 'x'.repeat(1_000_000) });
    expect(await attacker.waitFor('error')).toMatchObject({ code: 'too-large', about: 'e1' });
    attacker.send({ type: 'execute', execution: 'e2', code: 'print(2+2)' });
    expect((await attacker.done('e2')).status).toBe('ok');
    await expectHealthy();
  });

  test('code one character above the limit is told to be too large', async () => {
    const { relay } = await setUp();
    const attacker = await connectGreeted(relay.url, onTestFinished);
    attacker.send({ type: 'execute', execution: 'e1', code: 'x'.repeat(MAX_CODE_LENGTH + 1) });
    expect(await attacker.waitFor('error')).toMatchObject({ code: 'too-large', field: 'code', about: 'e1' });
  });

  test('code at the limit is accepted, whatever its escapes', async () => {
    const { relay } = await setUp();
    const client = await connectGreeted(relay.url, onTestFinished);
    const code = '\n'.repeat(MAX_CODE_LENGTH);
    expect(JSON.stringify({ code }).length).toBeLessThan(MAX_CLIENT_MESSAGE_BYTES);
    client.send({ type: 'execute', execution: 'e1', code });
    expect((await client.done('e1')).status).toBe('error');
  });

  test('a message beyond all measure ends the connection, not the relay', async () => {
    const { relay, expectHealthy } = await setUp();
    const attacker = await connectGreeted(relay.url, onTestFinished);
    attacker.sendText(' '.repeat(20_000_000));
    await attacker.waitForClose();
    await expectHealthy();
  });

  test('a flood of opens is refused one by one', async () => {
    const { relay, bridge, expectHealthy } = await setUp();
    const attacker = await connectGreeted(relay.url, onTestFinished);
    for (let index = 0; index < 500; index += 1)
      attacker.send({ type: 'open', session: `s${String(index)}` });
    await attacker.waitFor('closed', ({ session }) => session === 's499');
    await attacker.waitFor('opened', ({ session }) => session === 's31');
    expect(attacker.received.filter(({ type }) => type === 'opened')).toHaveLength(32);
    expect(bridge.sessions).toBe(32);
    await expectHealthy();
  });

  test('a flood of executions ends each in one done', async () => {
    const { relay, bridge, expectHealthy } = await setUp();
    const attacker = await connectGreeted(relay.url, onTestFinished);
    for (let index = 0; index < 1_000; index += 1) {
      attacker.send({ type: 'execute', execution: `e${String(index)}`, code: 'while True: pass' });
    }
    expect(await attacker.done('e999')).toMatchObject({ status: 'lost', error: { code: 'too-many' } });
    expect(bridge.sessions).toBe(256);
    attacker.cut();
    await expectHealthy();
    while (bridge.sessions > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });
});

describe('a client that never reads', () => {
  test('delays nobody, and gets everything in order once it reads', async () => {
    const { relay, expectHealthy } = await setUp();
    const attacker = await connectGreeted(relay.url, onTestFinished);
    attacker.pause();
    attacker.send({ type: 'execute', execution: 'e1', code: 'for i in range(300): print("a" * 30000)' });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await expectHealthy();
    attacker.resume();
    expect((await attacker.done('e1')).status).toBe('ok');
    expect(attacker.stdout('e1')).toHaveLength(300 * 30_001);
  });

  test('is cut off when too much waits for it', async () => {
    const { relay, bridge, expectHealthy } = await setUp();
    const attacker = await connectGreeted(relay.url, onTestFinished);
    attacker.pause();
    for (let index = 0; index < 12; index += 1) {
      const code = 'for i in range(300): print("a" * 30000)';
      attacker.send({ type: 'execute', execution: `e${String(index)}`, code });
    }
    attacker.send({ type: 'execute', execution: 'last', code: 'while True: pass' });
    while (!bridge.commands.some((command) => command.type === 'kill')) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    attacker.resume();
    expect((await attacker.waitForClose()).code).toBe(1_006);
    await expectHealthy();
  });
});

describe('pages of other sites', () => {
  test('an origin that is not listed cannot connect', async () => {
    const { relay } = await startRelayOnFake(onTestFinished, {
      admission: { allowedOrigins: ['https://book.example.org'] },
    });
    const from = (origin: string) => connectClient(relay.url, onTestFinished, { origin });
    await expect(from('https://attacker.example')).rejects.toThrow('403');
    await expect(from('null')).rejects.toThrow('403');
    await expect(from('https://book.example.org')).resolves.toBeDefined();
  });
});

describe('a relay that nobody configured', () => {
  test('serves pages of its own machine and programs, and no site its user happens to visit', async () => {
    const { relay } = await startRelayOnFake(onTestFinished, { admission: { allowedOrigins: 'local' } });
    const from = (origin?: string, host?: string) =>
      connectClient(relay.url, onTestFinished, {
        ...(origin !== undefined && { origin }),
        ...(host !== undefined && { host }),
      });
    for (const good of [
      undefined,
      relay.url,
      'http://localhost:5173',
      'http://127.0.0.1',
      'http://[::1]:80',
    ]) {
      await expect(from(good)).resolves.toBeDefined();
    }
    for (const bad of [
      'https://attacker.example',
      'null',
      'http://localhost.attacker.example',
      'http://127.0.0.1.nip.io',
    ]) {
      await expect(from(bad)).rejects.toThrow('403');
    }
    // A name of the attacker's that was made to mean this machine.
    await expect(from('http://attacker.example', 'attacker.example')).rejects.toThrow('403');
  });
});

describe('raw bytes on the port', () => {
  test.each([
    ['nothing, then the end', ''],
    ['what is not HTTP', '\u0016\u0003\u0001\u0000'],
    ['a body shorter than promised', 'POST /service HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\ncode='],
    [
      'an upgrade without a key',
      'GET /sockjs/websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    ],
    ['a path of four kilobytes', `GET /${'a'.repeat(4_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
  ])('%s harms nobody', async (_what, bytes) => {
    const { relay, expectHealthy } = await setUp();
    const { port } = new URL(relay.url);
    const attacker = connect(Number(port), '127.0.0.1');
    attacker.on('error', () => undefined);
    attacker.end(bytes, 'latin1');
    attacker.resume();
    await new Promise((resolve) => attacker.once('close', resolve));
    await expectHealthy();
  });
});
