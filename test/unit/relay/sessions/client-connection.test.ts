import { describe, expect, onTestFinished, test } from 'vitest';
import { BridgePool } from '../../../../relay/bridges/pool.js';
import { MAX_SESSIONS_PER_CONNECTION } from '../../../../relay/protocol/index.js';
import { startFakeBridge } from '../../../support/fake-bridge.js';
import { connectGreeted } from '../../../support/raw-client.js';
import { linkTo, startRelay, startRelayOnFake } from '../../../support/relay.js';

const FOREVER = 'while True: pass';

async function setUp() {
  const { relay, bridge } = await startRelayOnFake(onTestFinished);
  return { relay, bridge, client: await connectGreeted(relay.url, onTestFinished) };
}

const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe('an execution without a session', () => {
  test('ends in one done after its output, without sequence numbers', async () => {
    const { client } = await setUp();
    client.send({ type: 'execute', execution: 'e1', code: 'print(2+2)' });
    expect(await client.done('e1')).toEqual({
      type: 'done',
      execution: 'e1',
      status: 'ok',
      wallMs: 1,
      cpuMs: 1,
      cached: false,
      truncated: false,
    });
    expect(client.stdout('e1')).toBe('4\n');
    expect(client.received.some((message) => 'seq' in message || 'session' in message)).toBe(false);
  });

  test('runs once when it is sent twice', async () => {
    const { client, bridge } = await setUp();
    client.send({ type: 'execute', execution: 'e1', code: FOREVER });
    client.send({ type: 'execute', execution: 'e1', code: FOREVER });
    client.send({ type: 'interrupt', execution: 'e1' });
    expect((await client.done('e1')).status).toBe('interrupted');
    expect(bridge.commands.filter(({ type }) => type === 'execute')).toHaveLength(1);
  });

  test('is killed when its client goes away', async () => {
    const { client, bridge } = await setUp();
    client.send({ type: 'execute', execution: 'e1', code: FOREVER });
    await client.waitFor('status');
    client.cut();
    await until(() => bridge.sessions === 0);
  });

  test('is lost at once, with the time to come again, when no bridge is there', async () => {
    const relay = await startRelay(onTestFinished, new BridgePool());
    const client = await connectGreeted(relay.url, onTestFinished);
    client.send({ type: 'execute', execution: 'e1', code: 'print(2+2)' });
    const done = await client.done('e1');
    expect(done).toMatchObject({ status: 'lost', error: { code: 'unavailable', retryAfterMs: 2_000 } });
  });

  test('runs on another bridge when the first dies before any output', async () => {
    const first = await startFakeBridge(onTestFinished);
    const second = await startFakeBridge(onTestFinished);
    const pool = await linkTo(onTestFinished, [first, second]);
    const relay = await startRelay(onTestFinished, pool);
    const client = await connectGreeted(relay.url, onTestFinished);
    first.isMute = true;
    client.send({ type: 'execute', execution: 'e1', code: 'print(2+2)' });
    await until(() => first.sessions === 1);
    await first.close();
    expect((await client.done('e1')).status).toBe('ok');
    expect(client.stdout('e1')).toBe('4\n');
  });

  test('is lost when its bridge dies after some output', async () => {
    const { client, bridge } = await setUp();
    client.send({ type: 'execute', execution: 'e1', code: 'print("begun", flush=True)\nwhile True: pass' });
    await client.waitFor('output');
    bridge.breakLinks();
    expect(await client.done('e1')).toMatchObject({ status: 'lost', error: { code: 'unavailable' } });
  });
});

describe('a session', () => {
  test('keeps variables between executions and numbers its messages without holes', async () => {
    const { client } = await setUp();
    client.send({ type: 'open', session: 's' });
    client.send({ type: 'execute', execution: 'e1', session: 's', code: 'x = 41' });
    client.send({ type: 'execute', execution: 'e2', session: 's', code: 'print(x)' });
    await client.done('e2');
    expect(client.stdout('e2')).toBe('41\n');
    const numbers = client.received.flatMap((message) => ('seq' in message ? [message.seq] : []));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(client.received.every((message) => !('session' in message) || message.session === 's')).toBe(true);
  });

  test('is resumed with its token on another connection, and what was missed is told once', async () => {
    const { relay, client } = await setUp();
    client.send({ type: 'open', session: 's' });
    const { token } = await client.waitFor('opened');
    client.send({ type: 'execute', execution: 'e1', session: 's', code: 'x = 41' });
    const { seq } = await client.done('e1');
    client.send({ type: 'execute', execution: 'e2', session: 's', code: 'print(x)' });
    await client.done('e2');
    client.cut();
    const again = await connectGreeted(relay.url, onTestFinished);
    again.send({ type: 'open', session: 'mine', token, after: seq });
    expect(await again.waitFor('opened')).toMatchObject({ session: 'mine', resumed: true, missed: 0 });
    await again.done('e2');
    expect(again.stdout('e2')).toBe('41\n');
    expect(again.received.some((message) => 'execution' in message && message.execution === 'e1')).toBe(
      false,
    );
    again.send({ type: 'execute', execution: 'e3', session: 'mine', code: 'print(x)' });
    await again.done('e3');
    expect(again.stdout('e3')).toBe('41\n');
  });

  test('is taken over from a connection that is still there', async () => {
    const { relay, client } = await setUp();
    client.send({ type: 'open', session: 's' });
    const { token } = await client.waitFor('opened');
    const again = await connectGreeted(relay.url, onTestFinished);
    again.send({ type: 'open', session: 's', token });
    await again.waitFor('opened');
    expect(await client.waitFor('closed')).toMatchObject({ reason: 'lost', code: 'session-lost' });
  });

  test('goes on after its link broke, with no output lost or doubled', async () => {
    const { client, bridge } = await setUp();
    client.send({ type: 'open', session: 's' });
    client.send({ type: 'execute', execution: 'e1', session: 's', code: 'x = 41' });
    await client.done('e1');
    bridge.breakLinks();
    client.send({ type: 'execute', execution: 'e2', session: 's', code: 'print(x)' });
    await client.done('e2');
    expect(client.stdout('e2')).toBe('41\n');
    const numbers = client.received.flatMap((message) => ('seq' in message ? [message.seq] : []));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  test('is told to be lost within two seconds when its bridge is gone', async () => {
    const { client, bridge } = await setUp();
    client.send({ type: 'open', session: 's' });
    await client.waitFor('opened');
    client.send({ type: 'execute', execution: 'e1', session: 's', code: FOREVER });
    await client.waitFor('status');
    await bridge.close();
    const closed = await client.waitFor('closed', undefined, 2_000);
    expect(closed).toMatchObject({ session: 's', reason: 'lost', code: 'session-lost' });
    expect(await client.done('e1')).toMatchObject({ status: 'lost', session: 's' });
    client.send({ type: 'open', session: 's' });
    expect(await client.waitFor('closed', ({ code }) => code === 'unavailable')).toMatchObject({
      reason: 'refused',
    });
  });

  test('that the bridge refuses ends what was sent after it', async () => {
    const { client, bridge } = await setUp();
    bridge.isFull = true;
    client.send({ type: 'open', session: 's' });
    client.send({ type: 'execute', execution: 'e1', session: 's', code: 'print(2+2)' });
    expect(await client.done('e1')).toMatchObject({ status: 'lost' });
    expect(await client.waitFor('closed')).toMatchObject({ reason: 'refused', code: 'busy' });
  });

  test('refuses a name of an execution that has run in it', async () => {
    const { client } = await setUp();
    client.send({ type: 'open', session: 's' });
    client.send({ type: 'execute', execution: 'e1', session: 's', code: 'x = 41' });
    await client.done('e1');
    client.send({ type: 'execute', execution: 'e1', session: 's', code: 'x = 42' });
    await client.waitFor('done', ({ error }) => error?.code === 'duplicate-id');
  });

  test('with a token that nobody signed is refused', async () => {
    const { client } = await setUp();
    client.send({ type: 'open', session: 's', token: 'an invented token.signed-by-nobody' });
    expect(await client.waitFor('closed')).toMatchObject({ reason: 'refused', code: 'unauthorized' });
  });

  test('can be held only so many times by one connection', async () => {
    const { client } = await setUp();
    for (let index = 0; index <= MAX_SESSIONS_PER_CONNECTION; index += 1) {
      client.send({ type: 'open', session: `s${String(index)}` });
    }
    const closed = await client.waitFor('closed');
    expect(closed).toMatchObject({ session: 's32', reason: 'refused', code: 'too-many' });
  });

  test('ends what has not ended when it is closed', async () => {
    const { client } = await setUp();
    client.send({ type: 'open', session: 's' });
    client.send({ type: 'execute', execution: 'e1', session: 's', code: FOREVER });
    client.send({ type: 'execute', execution: 'e2', session: 's', code: 'print(2+2)' });
    client.send({ type: 'close', session: 's' });
    expect((await client.done('e1')).status).toBe('killed');
    expect((await client.done('e2')).status).toBe('killed');
    expect(await client.waitFor('closed')).toMatchObject({ reason: 'closed' });
    expect(client.received.filter(({ type }) => type === 'done')).toHaveLength(2);
  });
});

describe('a connection', () => {
  test('answers questions under the name the client gave them', async () => {
    const { client } = await setUp();
    client.send({ type: 'complete', request: 'r1', before: 'fac' });
    expect(await client.waitFor('completions')).toEqual({
      type: 'completions',
      request: 'r1',
      target: 'fac',
      items: [],
    });
  });

  test('answers a ping', async () => {
    const { client } = await setUp();
    client.send({ type: 'ping', nonce: 7 });
    expect(await client.waitFor('pong')).toEqual({ type: 'pong', nonce: 7 });
  });

  test('is told to go elsewhere when the relay ends, after its work has ended', async () => {
    const { relay, client } = await setUp();
    const idle = await connectGreeted(relay.url, onTestFinished);
    client.send({ type: 'execute', execution: 'e1', code: FOREVER });
    await client.waitFor('status');
    const drained = relay.drain(5_000);
    expect((await idle.waitForClose()).code).toBe(4_200);
    client.send({ type: 'execute', execution: 'e2', code: 'print(2+2)' });
    expect(await client.done('e2')).toMatchObject({ status: 'lost', error: { code: 'draining' } });
    client.send({ type: 'interrupt', execution: 'e1' });
    expect((await client.done('e1')).status).toBe('interrupted');
    expect((await client.waitForClose()).code).toBe(4_200);
    await drained;
  });
});
