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
    first.isMute = second.isMute = true;
    client.send({ type: 'execute', execution: 'e1', code: 'print(2+2)' });
    await until(() => first.sessions + second.sessions === 1);
    const [chosen, other] = first.sessions === 1 ? [first, second] : [second, first];
    other.isMute = false;
    await chosen.close();
    expect((await client.done('e1')).status).toBe('ok');
    expect(client.stdout('e1')).toBe('4\n');
  });

  test('takes its output back and starts over when its bridge dies after some of it', async () => {
    const { client, bridge } = await setUp();
    client.send({ type: 'execute', execution: 'e1', code: 'print("begun", flush=True)\nwhile True: pass' });
    await client.waitFor('output');
    bridge.breakLinks();
    await client.waitFor('output', ({ output }) => output.kind === 'clear');
    await until(() => client.stdout('e1') === 'begun\nbegun\n');
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
    expect(await client.waitFor('closed')).toMatchObject({ reason: 'taken-over', code: 'session-lost' });
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

  test('says an answer again that may have been lost with its link', async () => {
    const { client, bridge } = await setUp();
    client.send({ type: 'open', session: 's' });
    client.send({ type: 'execute', execution: 'e1', session: 's', code: 'print(input())' });
    await client.waitFor('output');
    bridge.losesAnswers = true;
    client.send({ type: 'answer', execution: 'e1', session: 's', text: 'heard', prompt: 1 });
    await until(() => bridge.commands.some(({ type }) => type === 'answer'));
    bridge.losesAnswers = false;
    bridge.breakLinks();
    expect(await client.done('e1')).toMatchObject({ status: 'ok' });
    expect(client.stdout('e1')).toBe('heard\n');
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

describe('a session to be opened', () => {
  test('is opened on another bridge when the first has no room, and what was sent runs there', async () => {
    const [first, second] = [await startFakeBridge(onTestFinished), await startFakeBridge(onTestFinished)];
    first.isFull = true;
    const pool = await linkTo(onTestFinished, [first, second], { random: () => 0 });
    const relay = await startRelay(onTestFinished, pool);
    const client = await connectGreeted(relay.url, onTestFinished);
    for (const session of ['s1', 's2', 's3']) {
      client.send({ type: 'open', session });
      client.send({ type: 'execute', execution: session, session, code: 'print(2+2)' });
    }
    for (const execution of ['s1', 's2', 's3']) expect((await client.done(execution)).status).toBe('ok');
    expect(first.commands.some(({ type }) => type === 'open')).toBe(true);
    expect(second.sessions).toBe(3);
  });

  test('is refused with the time to come again when no bridge has room', async () => {
    const [first, second] = [await startFakeBridge(onTestFinished), await startFakeBridge(onTestFinished)];
    first.isFull = second.isFull = true;
    const relay = await startRelay(onTestFinished, await linkTo(onTestFinished, [first, second]));
    const client = await connectGreeted(relay.url, onTestFinished);
    client.send({ type: 'open', session: 's' });
    client.send({ type: 'execute', execution: 'e1', session: 's', code: 'print(2+2)' });
    expect(await client.done('e1')).toMatchObject({ status: 'lost', error: { code: 'busy' } });
    expect(await client.waitFor('closed')).toMatchObject({ reason: 'refused', retryAfterMs: 2_000 });
    expect(client.received.filter(({ type }) => type === 'done')).toHaveLength(1);
  });

  test('tells at once when there is no bridge at all', async () => {
    const relay = await startRelay(onTestFinished, new BridgePool());
    const client = await connectGreeted(relay.url, onTestFinished);
    const startedAt = performance.now();
    client.send({ type: 'open', session: 's' });
    expect(await client.waitFor('closed')).toMatchObject({ code: 'unavailable', retryAfterMs: 2_000 });
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe('a session and two relays', () => {
  async function twoRelays() {
    const bridge = await startFakeBridge(onTestFinished);
    const keys = [
      'the newer key of these two relays, long enough',
      'the older key of these two relays, long enough',
    ];
    const start = async (sessionKeys: readonly string[]) =>
      startRelay(onTestFinished, await linkTo(onTestFinished, [bridge]), { sessionKeys });
    return { bridge, first: await start(keys.slice(1)), second: await start(keys) };
  }

  test('is resumed through the other one, though the key has been changed since', async () => {
    const { first, second } = await twoRelays();
    const client = await connectGreeted(first.url, onTestFinished);
    client.send({ type: 'open', session: 's' });
    client.send({ type: 'execute', execution: 'e1', session: 's', code: 'x = 41' });
    const { token } = await client.waitFor('opened');
    await client.done('e1');
    client.cut();
    const other = await connectGreeted(second.url, onTestFinished);
    other.send({ type: 'open', session: 's', token, after: 0 });
    other.send({ type: 'execute', execution: 'e1', session: 's', code: 'x = 41' });
    other.send({ type: 'execute', execution: 'e2', session: 's', code: 'print(x)' });
    await other.done('e2');
    expect(other.stdout('e2')).toBe('41\n');
    expect(
      other.received.filter((message) => message.type === 'done').map(({ execution }) => execution),
    ).toEqual(['e1', 'e2']);
  });

  test('runs an execution once that is sent through both', async () => {
    const { bridge, first, second } = await twoRelays();
    const client = await connectGreeted(first.url, onTestFinished);
    client.send({ type: 'open', session: 's' });
    const { token } = await client.waitFor('opened');
    client.send({ type: 'execute', execution: 'e1', session: 's', code: FOREVER });
    await client.waitFor('status');
    const other = await connectGreeted(second.url, onTestFinished);
    other.send({ type: 'open', session: 'mine', token, after: 0 });
    other.send({ type: 'execute', execution: 'e1', session: 'mine', code: FOREVER });
    await other.waitFor('status');
    other.send({ type: 'interrupt', session: 'mine', execution: 'e1' });
    expect((await other.done('e1')).status).toBe('interrupted');
    other.send({ type: 'execute', execution: 'e2', session: 'mine', code: 'print(2+2)' });
    await other.done('e2');
    expect(bridge.commands.filter(({ type }) => type === 'execute')).toHaveLength(3);
    const starts = other.received.filter(
      (message) => message.type === 'status' && message.execution === 'e1',
    );
    expect(starts).toHaveLength(1);
  });

  test('tells the one that had it that it was taken over', async () => {
    const { first, second } = await twoRelays();
    const client = await connectGreeted(first.url, onTestFinished);
    client.send({ type: 'open', session: 's' });
    const { token } = await client.waitFor('opened');
    const other = await connectGreeted(second.url, onTestFinished);
    other.send({ type: 'open', session: 's', token, after: 0 });
    await other.waitFor('opened');
    expect(await client.waitFor('closed')).toMatchObject({ reason: 'taken-over', code: 'session-lost' });
    // And back, while that word may still be on its way.
    client.send({ type: 'open', session: 's', token, after: 0 });
    expect(await client.waitFor('opened', ({ resumed }) => resumed)).toMatchObject({ missed: 0 });
    client.send({ type: 'execute', execution: 'e1', session: 's', code: 'print(2+2)' });
    await client.done('e1');
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

  test('tells what is left of the limits of a session and of an execution without one', async () => {
    const { client } = await setUp();
    client.send({ type: 'open', session: 's' });
    await client.waitFor('opened');
    client.send({ type: 'budget', request: 'r1', session: 's' });
    expect(await client.waitFor('remaining')).toEqual({
      type: 'remaining',
      request: 'r1',
      idleMs: 10_000,
      lifetimeMs: 60_000,
    });
    client.send({ type: 'execute', execution: 'e1', code: FOREVER });
    await client.waitFor('status');
    client.send({ type: 'budget', request: 'r2', execution: 'e1' });
    expect(await client.waitFor('remaining', (each) => each.request === 'r2')).toEqual({
      type: 'remaining',
      request: 'r2',
      execution: 'e1',
      wallMs: 9_000,
      cpuMs: 4_000,
    });
  });

  test.each([
    ['of nothing', {}, 'bad-message'],
    ['of a session that is not open', { session: 'x' }, 'unknown-session'],
    ['of an execution that does not run', { execution: 'x' }, 'unknown-execution'],
  ])('refuses to tell what is left %s', async (_, about, code) => {
    const { client } = await setUp();
    client.send({ type: 'budget', request: 'r1', ...about });
    expect(await client.waitFor('error')).toMatchObject({ code, about: 'r1' });
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
    const drained = relay.drain({ spreadMs: 50, graceMs: 5_000, handsOver: true });
    expect((await fetch(`${relay.url}/readyz`)).status).toBe(503);
    expect((await idle.waitForClose()).code).toBe(4_200);
    client.send({ type: 'execute', execution: 'e2', code: 'print(2+2)' });
    expect(await client.done('e2')).toMatchObject({ status: 'lost', error: { code: 'draining' } });
    client.send({ type: 'interrupt', execution: 'e1' });
    expect((await client.done('e1')).status).toBe('interrupted');
    expect((await client.waitForClose()).code).toBe(4_200);
    await drained;
  });
});
