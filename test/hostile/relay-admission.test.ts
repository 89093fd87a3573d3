import { once } from 'node:events';
import { connect } from 'node:net';
import { SignJWT } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseNetwork } from '../../relay/address.js';
import type { AdmissionOptions } from '../../relay/admission/admission.js';
import { createLog } from '../../relay/observe/log.js';
import { MAX_CLIENT_MESSAGE_BYTES, MAX_CODE_LENGTH, PROTOCOL_VERSION } from '../../relay/protocol/index.js';
import { connectClient, type RawClient } from '../support/raw-client.js';
import { startRelayOnFake } from '../support/relay.js';

const FOREVER = 'while True: pass';
const secret = 'a secret that is long enough for HMAC';

/** A relay that believes proxies of this machine. */
async function setUp(admission: Partial<AdmissionOptions> = {}) {
  const trustedProxies = [parseNetwork('127.0.0.0/8')!];
  const { relay, bridge } = await startRelayOnFake(onTestFinished, {
    admission: { allowedOrigins: '*', trustedProxies, ...admission },
  });
  const enter = (address: string, headers: Record<string, string> = {}): Promise<RawClient> =>
    connectClient(relay.url, onTestFinished, { 'X-Forwarded-For': address, ...headers });
  const execute = (
    address: string,
    headers: Record<string, string> = {},
    body: object = {},
  ): Promise<Response> =>
    fetch(`${relay.url}/api/v1/execute`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': address, ...headers },
      body: JSON.stringify({ code: 'print(2+2)', ...body }),
    });
  return { relay, bridge, enter, execute };
}

describe('a client that wants more than its share', () => {
  test('gets no further connection, and is told so before the upgrade', async () => {
    const { relay, enter } = await setUp({ connectionsPerAddress: 2 });
    const first = await enter('203.0.113.1');
    await enter('203.0.113.1');
    await expect(enter('203.0.113.1')).rejects.toThrow('429');
    // What it writes left of its own address helps it nothing.
    await expect(enter('198.51.100.7, 203.0.113.1')).rejects.toThrow('429');
    await enter('203.0.113.2');
    await first.close();
    await expect
      .poll(() =>
        enter('203.0.113.1').then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    const metrics = await (await fetch(`${relay.url}/metrics`)).text();
    expect(metrics).toMatch(/sage_embed_refusals_total\{reason="connections"\} [2-9]/);
  });

  test('is told when to come again, over HTTP', async () => {
    const { execute } = await setUp({ perClient: { executionsPerMinute: 2 } });
    expect((await execute('203.0.113.1')).status).toBe(200);
    expect((await execute('203.0.113.1')).status).toBe(200);
    const refused = await execute('203.0.113.1');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ error: { code: 'busy' } });
    expect((await execute('203.0.113.2')).status).toBe(200);
  });

  test('is told when to come again, in the end of its execution', async () => {
    const { enter } = await setUp({ perClient: { executionsPerMinute: 1 } });
    const client = await enter('203.0.113.1');
    client.hello();
    client.send({ type: 'execute', execution: 'e1', code: 'print(2+2)' });
    client.send({ type: 'execute', execution: 'e2', code: 'print(2+2)' });
    expect((await client.done('e1')).status).toBe('ok');
    const { status, error } = await client.done('e2');
    expect(status).toBe('lost');
    expect(error).toMatchObject({ code: 'busy' });
    expect(error!.retryAfterMs).toBeGreaterThan(1_000);
  });

  test('opens no further session, not by coming back either, until one is over', async () => {
    const { enter } = await setUp({ perClient: { sessions: 1 } });
    const client = await enter('203.0.113.1');
    client.hello();
    client.send({ type: 'open', session: 's1' });
    client.send({ type: 'open', session: 's2' });
    await client.waitFor('opened');
    expect(await client.waitFor('closed')).toMatchObject({ session: 's2', reason: 'refused', code: 'busy' });
    const { token } = await client.waitFor('opened');
    client.cut();
    const again = await enter('203.0.113.1');
    again.hello();
    again.send({ type: 'open', session: 's2' });
    expect(await again.waitFor('closed')).toMatchObject({ session: 's2', code: 'busy' });
    again.send({ type: 'open', session: 's1', token, after: 0 });
    await again.waitFor('opened', ({ session }) => session === 's1');
    again.send({ type: 'close', session: 's1' });
    await again.waitFor('closed', ({ session }) => session === 's1');
    again.send({ type: 'open', session: 's3' });
    await again.waitFor('opened', ({ session }) => session === 's3');
  });

  test('does not hinder others: all together have a bound too', async () => {
    const { enter } = await setUp({ executions: 1 });
    const client = await enter('203.0.113.1');
    client.hello();
    client.send({ type: 'execute', execution: 'e1', code: FOREVER });
    await client.waitFor('status');
    const other = await enter('203.0.113.2');
    other.hello();
    other.send({ type: 'execute', execution: 'e1', code: 'print(2+2)' });
    expect((await other.done('e1')).error).toMatchObject({ code: 'busy' });
    client.cut();
    await expect
      .poll(async () => {
        const execution = `e${String(Math.random()).slice(2)}`;
        other.send({ type: 'execute', execution, code: 'print(2+2)' });
        return (await other.done(execution)).status;
      })
      .toBe('ok');
  });
});

test('a client behind a balancer that speaks the PROXY protocol is known by its own address', async () => {
  const { relay } = await setUp({ takesProxyProtocol: true, perClient: { executionsPerMinute: 1 } });
  const execute = async (address: readonly number[]): Promise<string> => {
    const signature = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
    const socket = connect(Number(new URL(relay.url).port), '127.0.0.1');
    socket.write(
      Buffer.from([...signature, 0x21, 0x11, 0, 12, ...address, 127, 0, 0, 1, 0x30, 0x39, 0x1f, 0x90]),
    );
    const body = '{"code": "print(2+2)"}';
    socket.write(
      `POST /api/v1/execute HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`,
    );
    const [head] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return head.toString().slice(9, 12);
  };
  expect(await execute([203, 0, 113, 1])).toBe('200');
  expect(await execute([203, 0, 113, 1])).toBe('429');
  expect(await execute([203, 0, 113, 2])).toBe('200');
});

describe('embed keys', () => {
  const book = 'https://book.example.org';
  const embedKeys: AdmissionOptions['embedKeys'] = [
    { id: 'book', origins: [book], perClient: { executionsPerMinute: 1 } },
    { id: 'campus', origins: [book], token: { algorithm: 'HS256', secret } },
  ];
  const mint = (exp = Math.floor(Date.now() / 1_000) + 600): Promise<string> =>
    new SignJWT({ aud: 'sage-embed', exp, sub: 'student-1', limits: { sessions: 0 } })
      .setProtectedHeader({ alg: 'HS256', kid: 'campus' })
      .sign(new TextEncoder().encode(secret));
  const hello = (client: RawClient, key?: string): void => {
    client.send({ type: 'hello', version: PROTOCOL_VERSION, ...(key !== undefined && { key }) });
  };
  const setUpKeys = () => setUp({ allowedOrigins: [], embedKeys });

  test('let in pages that may not come without, and only those', async () => {
    const { enter } = await setUpKeys();
    await expect(enter('203.0.113.1', { origin: 'https://other.example' })).rejects.toThrow('403');
    const good = await enter('203.0.113.1', { origin: book });
    hello(good, 'book');
    await good.waitFor('welcome');
    for (const key of [undefined, 'nobody', 'campus', 'a.b.c', await mint(1)]) {
      const bad = await enter('203.0.113.1', { origin: book });
      hello(bad, key);
      expect(await bad.waitFor('error')).toMatchObject({ code: 'unauthorized' });
      expect((await bad.waitForClose()).code).toBe(4_401);
    }
  });

  test('that are signed let in too, and what was said meanwhile is heard in order', async () => {
    const { enter } = await setUpKeys();
    const client = await enter('203.0.113.1', { origin: book });
    hello(client, await mint());
    client.send({ type: 'execute', execution: 'e1', code: 'print(2+2)' });
    client.send({ type: 'open', session: 's1' });
    expect((await client.done('e1')).status).toBe('ok');
    // Its own limits are lower than the key's.
    expect(await client.waitFor('closed')).toMatchObject({ code: 'busy' });
    expect(client.received[0]).toMatchObject({ type: 'welcome' });
  });

  test('that take long to check can not be used to fill the memory', async () => {
    const { enter } = await setUpKeys();
    const client = await enter('203.0.113.1', { origin: book });
    hello(client, await mint());
    for (let count = 0; count < 8; count += 1) client.sendText('x'.repeat(200_000));
    // Either it was checked before all that was there, or there was too much.
    const { code } = await client.waitForClose();
    expect([4_400, 4_429]).toContain(code);
  });

  test('work over HTTP, in a header or in the body', async () => {
    const { execute } = await setUpKeys();
    const page = { origin: book };
    expect((await execute('203.0.113.1', page)).status).toBe(403);
    expect((await execute('203.0.113.1', { ...page, Authorization: 'Bearer book' })).status).toBe(200);
    expect((await execute('203.0.113.1', page, { key: 'book' })).status).toBe(429);
    expect((await execute('203.0.113.2', page, { key: 'book' })).status).toBe(200);
    expect((await execute('203.0.113.2', page, { key: await mint() })).status).toBe(200);
    expect((await execute('203.0.113.2', page, { key: 'nobody' })).status).toBe(403);
  });
});

describe('sizes', () => {
  test('of a message, its code and its depth are taken to the bound and not beyond', async () => {
    const { enter } = await setUp();
    const client = await enter('');
    client.hello();
    await client.waitFor('welcome');
    const padded = (length: number): string => {
      const text = JSON.stringify({ type: 'ping', nonce: length });
      return text + ' '.repeat(length - text.length);
    };
    client.sendText(padded(MAX_CLIENT_MESSAGE_BYTES));
    await client.waitFor('pong', ({ nonce }) => nonce === MAX_CLIENT_MESSAGE_BYTES);
    client.sendText(padded(MAX_CLIENT_MESSAGE_BYTES + 1));
    expect(await client.waitFor('error')).toMatchObject({ code: 'too-large' });

    client.send({ type: 'execute', execution: 'e1', code: 'x'.repeat(MAX_CODE_LENGTH) });
    expect((await client.done('e1')).status).toBe('error');
    client.send({ type: 'execute', execution: 'e2', code: 'x'.repeat(MAX_CODE_LENGTH + 1) });
    expect(await client.waitFor('error', ({ about }) => about === 'e2')).toMatchObject({ code: 'too-large' });

    const nested = (depth: number): string => `{"type":"ping","x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    client.sendText(nested(15));
    await client.waitFor('error', ({ message }) => message.includes('is no field here'));
    client.sendText(nested(16));
    await client.waitFor('error', ({ message }) => message.includes('deeper than 16'));
    expect((await client.waitForClose()).code).toBe(4_400);
    // As deep as a message can be: no stack is deep enough for everything.
    const deep = await enter('');
    deep.hello();
    deep.sendText(nested(130_000));
    expect((await deep.waitForClose()).code).toBe(4_400);
    const next = await enter('');
    next.hello();
    await next.waitFor('welcome');
  });
});

describe('a reader that stops reading', () => {
  test.each(['in a session', 'without a session'])(
    'has its computation %s held back at the source, gets answers first and everything in the end',
    async (where) => {
      const { relay, bridge, enter } = await setUp();
      const client = await enter('203.0.113.1');
      client.hello();
      await client.waitFor('welcome');
      const session = where === 'in a session' ? { session: 's1' } : {};
      if (session.session) {
        client.send({ type: 'open', ...session });
        await client.waitFor('opened');
      }
      client.pause();
      const executions = ['e1', 'e2'];
      for (const execution of executions) {
        client.send({
          type: 'execute',
          execution,
          ...session,
          code: 'for i in range(400): print("x" * 20000)',
        });
        // Kernel buffers take some megabytes before anybody notices.
        await expect
          .poll(() => bridge.commands.some((c) => c.type === 'execute' && c.execution === execution))
          .toBe(true);
      }
      await expect.poll(() => bridge.commands.some(({ type }) => type === 'hold')).toBe(true);
      client.send({
        type: 'execute',
        execution: 'late',
        ...session,
        code: 'for i in range(400): print("y" * 20000)',
      });
      await expect
        .poll(() => bridge.commands.some((c) => c.type === 'execute' && c.execution === 'late'))
        .toBe(true);
      client.send({ type: 'ping', nonce: 7 });
      client.resume();
      for (const execution of [...executions, 'late']) {
        expect((await client.done(execution, 30_000)).status).toBe('ok');
        expect(client.stdout(execution)).toHaveLength(400 * 20_001);
      }
      const pongAt = client.received.findIndex(({ type }) => type === 'pong');
      const lateAt = client.received.findIndex((m) => m.type === 'output' && m.execution === 'late');
      expect(pongAt).toBeGreaterThan(-1);
      expect(pongAt).toBeLessThan(lateAt);
      expect(relay.admission.queued).toBe(0);
    },
  );
});

test('no log line, however detailed, holds code, output, keys or tokens', async () => {
  const lines: string[] = [];
  const log = createLog('trace', { write: (line) => lines.push(line) });
  const { relay } = await startRelayOnFake(onTestFinished, {
    log,
    admission: { allowedOrigins: '*', embedKeys: [{ id: 'very-public-key', origins: ['*'] }] },
  });
  const client = await connectClient(relay.url, onTestFinished);
  client.send({ type: 'hello', version: PROTOCOL_VERSION, key: 'very-public-key' });
  client.send({ type: 'open', session: 's1' });
  const { token } = await client.waitFor('opened');
  client.send({ type: 'execute', execution: 'run-1', session: 's1', code: 'print("precious")' });
  await client.done('run-1');
  client.send({ type: 'execute', execution: 'run-2', code: '1/0' });
  await client.done('run-2');
  const answer = await fetch(`${relay.url}/api/v1/execute?code=precious`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-Request-Id': 'request-1',
      Authorization: 'Bearer very-public-key',
    },
    body: JSON.stringify({ code: 'print("precious")' }),
  });
  expect(answer.headers.get('x-request-id')).toBe('request-1');
  await fetch(`${relay.url}/api/v1/execute`, {
    method: 'POST',
    headers: { 'X-Request-Id': 'not sane: \u00e9' },
  });
  log.error({ token: 'precious', options: { key: 'precious', code: 'precious' } }, 'a mistake of ours');
  const text = lines.join('');
  for (const secretText of ['precious', 'division', 'very-public-key', token])
    expect(text).not.toContain(secretText);
  for (const id of ['run-1', 'run-2', 'request-1']) expect(text).toContain(id);
  expect(text).toContain('(hidden)');
  expect(text).not.toContain('not sane');
});

describe('/metrics', () => {
  const read = (url: string, headers: Record<string, string> = {}): Promise<number> =>
    fetch(`${url}/metrics`, { headers }).then(({ status }) => status);
  const remote = { 'X-Forwarded-For': '203.0.113.1' };

  test('is for programs of this machine', async () => {
    const { relay } = await setUp();
    expect(await read(relay.url)).toBe(200);
    expect(await read(relay.url, remote)).toBe(403);
    expect(await read(relay.url, { origin: 'http://localhost:1' })).toBe(403);
  });

  test('is for whoever has the token, or for everybody, where the operator says so', async () => {
    const token = 'a token for the scraper';
    const admission = { allowedOrigins: '*', trustedProxies: [parseNetwork('127.0.0.0/8')!] } as const;
    const start = async (metricsAccess: { access: 'local' | 'everybody'; token: string | undefined }) =>
      (await startRelayOnFake(onTestFinished, { admission, metricsAccess })).relay.url;
    const locked = await start({ access: 'local', token: token.replaceAll(' ', '-') });
    expect(await read(locked, { ...remote, Authorization: 'Bearer a-token-for-the-scraper' })).toBe(200);
    expect(await read(locked, { ...remote, Authorization: 'Bearer another' })).toBe(403);
    expect(await read(await start({ access: 'everybody', token: undefined }), remote)).toBe(200);
  });

  test('counts what happens', async () => {
    const { relay, enter, execute } = await setUp();
    const client = await enter('203.0.113.1');
    client.hello();
    client.send({ type: 'open', session: 's1' });
    client.send({ type: 'execute', execution: 'e1', session: 's1', code: 'print(2+2)' });
    client.send({ type: 'execute', execution: 'e2', code: '1/0' });
    await client.done('e1');
    await client.done('e2');
    await execute('203.0.113.1');
    const text = await (await fetch(`${relay.url}/metrics`)).text();
    for (const line of [
      /^sage_embed_executions_total\{kind="session",status="ok"\} 1$/m,
      /^sage_embed_executions_total\{kind="stateless",status="error"\} 1$/m,
      /^sage_embed_executions_total\{kind="http",status="ok"\} 1$/m,
      /^sage_embed_first_result_seconds_count 1$/m,
      /^sage_embed_connections\{transport="websocket"\} 1$/m,
      /^sage_embed_sessions 1$/m,
      /^sage_embed_executions_pending 0$/m,
      /^sage_embed_bridge_ready\{bridge="[^"]+"\} 1$/m,
      /^sage_embed_http_request_seconds_count\{route="\/api\/v1\/execute",status="2xx"\} 1$/m,
      /^sage_embed_build_info\{version="0\.0\.0-test",node="[^"]+"\} 1$/m,
    ]) {
      expect(text).toMatch(line);
    }
  });
});
