/** SockJS as production serves it: which pages get in, what a stranger can guess or break, what is bounded. */
import { connect } from 'node:net';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  MAX_CLIENT_MESSAGE_BYTES,
  parseServerMessage,
  type ServerMessage,
} from '../../relay/protocol/index.js';
import type { AllowedOrigins } from '../../relay/admission/admission.js';
import type { RelayOptions } from '../../relay/server.js';
import { connectGreeted } from '../support/raw-client.js';
import { request, type RawAnswer, type RequestOptions } from '../support/raw-http.js';
import { startRelayOnFake } from '../support/relay.js';

const BOOK = 'https://book.example.org';
const ATTACKER = 'https://attacker.example';

const HELLO = JSON.stringify({ type: 'hello', version: 1 });

type Ask = (method: string, path: string, more?: RequestOptions) => Promise<RawAnswer>;

let counter = 0;
const newName = (): string => `a-session-${String((counter += 1))}`;

async function setUp(options: Partial<RelayOptions> = {}) {
  const { relay, bridge } = await startRelayOnFake(onTestFinished, options);
  const ask: Ask = (method, path, more = {}) => request(onTestFinished, method, `${relay.url}${path}`, more);
  const expectHealthy = async (): Promise<void> => {
    const client = await connectGreeted(relay.url, onTestFinished);
    client.send({ type: 'execute', execution: 'good', code: 'print(2+2)' });
    expect((await client.done('good')).status).toBe('ok');
  };
  return { relay, bridge, ask, expectHealthy, client: (name = newName()) => pollingClient(ask, name) };
}

/** A client that polls, one request after the other. */
function pollingClient(ask: Ask, name: string) {
  const path = `/sockjs/000/${name}`;
  const received: ServerMessage[] = [];
  const poll = async (): Promise<string> => {
    const frame = (await (await ask('POST', `${path}/xhr`)).body()).trimEnd();
    if (frame.startsWith('a')) {
      for (const text of JSON.parse(frame.slice(1)) as string[])
        received.push(JSON.parse(text) as ServerMessage);
    }
    return frame;
  };
  return {
    path,
    received,
    poll,
    send: async (...messages: readonly (object | string)[]): Promise<number> => {
      const texts = messages.map((message) =>
        typeof message === 'string' ? message : JSON.stringify(message),
      );
      return (await ask('POST', `${path}/xhr_send`, { body: JSON.stringify(texts) })).status;
    },
    /** Polls until a message fits. */
    until: async (fits: (message: ServerMessage) => boolean): Promise<ServerMessage> => {
      for (;;) {
        const found = received.find(fits);
        if (found !== undefined) return found;
        expect(await poll()).toMatch(/^[ah]/);
      }
    },
  };
}

type Polling = ReturnType<typeof pollingClient>;

async function greet(client: Polling): Promise<Polling> {
  expect(await client.poll()).toBe('o');
  expect(await client.send(HELLO)).toBe(204);
  await client.until(({ type }) => type === 'welcome');
  return client;
}

describe('production', () => {
  test('has no transports for browsers of another age, no cookies and no test services', async () => {
    const { ask } = await setUp();
    const session = `/sockjs/000/${newName()}`;
    for (const [method, path] of [
      ['GET', `${session}/jsonp?c=f`],
      ['GET', `${session}/htmlfile?c=f`],
      ['POST', `${session}/jsonp_send`],
      ['GET', '/echo'],
      ['GET', '/close/info'],
    ] as const) {
      expect((await ask(method, path)).status, path).toBe(404);
    }
    for (const [method, path] of [
      ['GET', '/sockjs/info'],
      ['POST', `${session}/xhr`],
      ['POST', `/sockjs/000/${newName()}/xhr_streaming`],
    ] as const) {
      const answer = await ask(method, path, { headers: { cookie: 'JSESSIONID=abc' } });
      expect(answer.status).toBe(200);
      expect(answer.header('set-cookie')).toBeUndefined();
    }
  });

  test('computes by polling, and by a stream', async () => {
    const { client, ask } = await setUp();
    const polling = await greet(client());
    await polling.send({ type: 'execute', execution: 'e', code: 'print(2+2)' });
    await polling.until(({ type }) => type === 'done');
    expect(polling.received).toContainEqual(
      expect.objectContaining({ type: 'output', output: { kind: 'stream', name: 'stdout', text: '4\n' } }),
    );
    const streaming = client();
    const stream = await ask('POST', `${streaming.path}/xhr_streaming`);
    await stream.chunk();
    expect(await stream.chunk()).toBe('o\n');
    await streaming.send(HELLO, { type: 'execute', execution: 'e', code: 'print(2+2)' });
    let heard = '';
    while (!heard.includes('"done')) heard += (await stream.chunk()).replaceAll('\\', '');
    expect(heard).toContain('"text":"4n"');
  });

  test('resumes over one transport what began on another', async () => {
    const { client, relay } = await setUp();
    const first = await greet(client());
    await first.send(
      { type: 'open', session: 's' },
      { type: 'execute', execution: 'e', session: 's', code: 'print(2+2)' },
    );
    const opened = await first.until(({ type }) => type === 'opened');
    await first.until(({ type }) => type === 'done');
    const second = await connectGreeted(relay.url, onTestFinished);
    second.send({ type: 'open', session: 's', token: (opened as { token: string }).token, after: 0 });
    await second.waitFor('opened', ({ resumed }) => resumed);
    expect((await second.done('e')).status).toBe('ok');
    expect(second.stdout('e')).toBe('4\n');
  });

  test('tells clients over every transport to go elsewhere when it shuts down', async () => {
    const { client, relay, ask } = await setUp();
    const streaming = client();
    const stream = await ask('POST', `${streaming.path}/xhr_streaming`);
    await stream.chunk();
    await stream.chunk();
    const waiting = await greet(client());
    const poll = waiting.poll();
    await relay.drain({ spreadMs: 0, graceMs: 0, handsOver: false });
    expect(await stream.chunk()).toBe('c[4200,"draining"]\n');
    expect(await poll).toBe('c[4200,"draining"]');
    expect((await ask('POST', `/sockjs/000/${newName()}/xhr`)).status).toBe(503);
  });

  test('sends heartbeats to requests that wait', async () => {
    const { client, ask } = await setUp({ sockJs: { heartbeatMs: 100 } });
    const streaming = client();
    const stream = await ask('POST', `${streaming.path}/xhr_streaming`);
    await stream.chunk();
    expect(await stream.chunk()).toBe('o\n');
    expect(await stream.chunk()).toBe('h\n');
    expect(await stream.chunk()).toBe('h\n');
    const polling = client();
    expect(await polling.poll()).toBe('o');
    expect(await polling.poll()).toBe('h');
  });
});

describe('pages of other sites', () => {
  const doors: readonly (readonly [string, string])[] = [
    ['GET', '/sockjs/info'],
    ['POST', '/sockjs/000/the-session/xhr'],
    ['POST', '/sockjs/000/the-session/xhr_streaming'],
    ['POST', '/sockjs/000/the-session/xhr_send'],
    ['GET', '/sockjs/000/the-session/eventsource'],
    ['OPTIONS', '/sockjs/info'],
    ['OPTIONS', '/sockjs/000/the-session/xhr'],
    ['OPTIONS', '/sockjs/000/the-session/xhr_send'],
    ['OPTIONS', '/sockjs/000/the-session/xhr_streaming'],
  ];

  test.each(doors)('that are not listed get nothing from %s %s', async (method, path) => {
    const { ask } = await setUp({ admission: { allowedOrigins: [BOOK] } });
    for (const headers of [
      { origin: ATTACKER },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      const answer = await ask(method, path, { headers });
      expect(answer.status).toBe(403);
      expect(answer.header('access-control-allow-origin')).toBeUndefined();
      expect(answer.header('access-control-allow-credentials')).toBeUndefined();
    }
    const good = await ask(method, path, { headers: { origin: BOOK } });
    expect(good.status).not.toBe(403);
    expect(good.header('access-control-allow-origin')).toBe(BOOK);
    expect(good.header('access-control-allow-credentials')).toBe('true');
    expect(good.header('vary')).toContain('Origin');
  });

  test('that are not listed open no WebSocket, framed or raw', async () => {
    const { relay } = await setUp({ admission: { allowedOrigins: [BOOK] } });
    const from = (origin: string, path: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const ws = new WebSocket(`${relay.url.replace('http', 'ws')}/sockjs/${path}`, { origin });
        onTestFinished(() => ws.terminate());
        ws.once('open', () => resolve());
        ws.once('error', reject);
      });
    for (const path of ['websocket', '000/the-session/websocket']) {
      await expect(from(ATTACKER, path)).rejects.toThrow('403');
      await expect(from(BOOK, path)).resolves.toBeUndefined();
    }
  });

  test('send no form into a session, even if they know its name', async () => {
    const { ask, client, bridge } = await setUp({ admission: { allowedOrigins: [BOOK, ATTACKER] } });
    const victim = client();
    const opened = await ask('POST', `${victim.path}/xhr`, { headers: { origin: BOOK } });
    expect(await opened.body()).toBe('o\n');
    const body = JSON.stringify([
      HELLO,
      JSON.stringify({ type: 'execute', execution: 'e', code: 'print(2+2)' }),
    ]);
    // Both may use the relay, but not each other's sessions.
    for (const path of ['/xhr_send', '/xhr', '/xhr_streaming']) {
      const headers = { origin: ATTACKER, 'content-type': 'text/plain' };
      expect((await ask('POST', victim.path + path, { headers, body })).status).toBe(403);
    }
    expect(bridge.sessions).toBe(0);
  });

  test('frame the iframe page only if they are listed', async () => {
    const policyOf = async (allowedOrigins: AllowedOrigins): Promise<string | undefined> => {
      const { ask } = await setUp({ admission: { allowedOrigins } });
      return (await ask('GET', '/sockjs/iframe.html')).header('content-security-policy');
    };
    expect(await policyOf([BOOK, 'null'])).toBe(`frame-ancestors 'self' ${BOOK}`);
    expect(await policyOf('local')).toBe(
      "frame-ancestors 'self' http://localhost:* http://127.0.0.1:* http://[::1]:*",
    );
    expect(await policyOf('*')).toBe('frame-ancestors *');
  });
});

describe('names of sessions', () => {
  test.each([
    ['short', 'abcdefg'],
    ['long', 'a'.repeat(129)],
    ['dotted', 'abcdefgh.i'],
  ])('that are too %s are none', async (_what, name) => {
    const { ask } = await setUp();
    expect((await ask('POST', `/sockjs/000/${name}/xhr`)).status).toBe(404);
  });

  test('that nobody uses tell a guesser nothing', async () => {
    const { ask } = await setUp();
    const answer = await ask('POST', `/sockjs/000/${newName()}/xhr_send`, { body: '["x"]' });
    expect(answer.status).toBe(404);
  });
});

describe('too much', () => {
  test('a body beyond all measure is refused, and the session lives', async () => {
    const { ask, client } = await setUp();
    const victim = await greet(client());
    const body = `["${'x'.repeat(8 * MAX_CLIENT_MESSAGE_BYTES)}"]`;
    expect((await ask('POST', `${victim.path}/xhr_send`, { body })).status).toBe(413);
    expect(await victim.send({ type: 'ping', nonce: 7 })).toBe(204);
    await victim.until((message) => message.type === 'pong' && message.nonce === 7);
  });

  test('a message that is too large is told so, and the session lives', async () => {
    const { client } = await setUp();
    const victim = await greet(client());
    await victim.send({ type: 'execute', execution: 'big', code: 'x'.repeat(MAX_CLIENT_MESSAGE_BYTES) });
    expect(await victim.until(({ type }) => type === 'error')).toMatchObject({
      code: 'too-large',
      about: 'big',
    });
    await victim.send({ type: 'execute', execution: 'e', code: 'print(2+2)' });
    await victim.until(({ type }) => type === 'done');
  });

  test('endless nonsense ends the session with 4429', async () => {
    const { client, expectHealthy } = await setUp();
    const attacker = await greet(client());
    expect(await attacker.send(...Array.from({ length: 50_000 }, () => '{"type":"launch"}'))).toBe(204);
    let frame = await attacker.poll();
    while (frame.startsWith('a')) frame = await attacker.poll();
    expect(frame).toMatch(/^c\[4429,/);
    await expectHealthy();
  });

  test('sessions beyond the limit are refused, until others have ended', async () => {
    const { ask } = await setUp({ sockJs: { maxSessions: 3, disconnectMs: 300 } });
    const open = async (): Promise<RawAnswer> => ask('POST', `/sockjs/000/${newName()}/xhr`);
    for (let index = 0; index < 3; index += 1) expect((await open()).status).toBe(200);
    const refused = await open();
    expect(refused.status).toBe(429);
    expect(Number(refused.header('retry-after'))).toBeGreaterThan(0);
    await expect.poll(async () => (await open()).status, { timeout: 10_000 }).toBe(200);
  });

  test('a client that went away leaves nothing running', async () => {
    const { ask, client, bridge } = await setUp({ sockJs: { disconnectMs: 300 } });
    const streaming = client();
    const stream = await ask('POST', `${streaming.path}/xhr_streaming`);
    await streaming.send(HELLO, { type: 'execute', execution: 'e', code: 'while True: pass' });
    await expect.poll(() => bridge.sessions).toBe(1);
    stream.cut();
    await expect.poll(() => bridge.sessions).toBe(0);
    // One that polled, and then no more.
    const polling = await greet(client());
    await polling.send({ type: 'execute', execution: 'e', code: 'while True: pass' });
    await expect.poll(() => bridge.sessions).toBe(1);
    await expect.poll(() => bridge.sessions, { timeout: 10_000 }).toBe(0);
  });

  test(
    'a stream that nobody reads delays nobody, and what it brings is bounded',
    { timeout: 90_000 },
    async () => {
      const { relay, ask, client, bridge, expectHealthy } = await setUp();
      const attacker = client();
      const socket = connect(Number(new URL(relay.url).port), '127.0.0.1');
      onTestFinished(() => void socket.destroy());
      socket.on('error', () => undefined);
      socket.write(`POST ${attacker.path}/xhr_streaming HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`);
      socket.pause();
      await expect.poll(() => attacker.send(HELLO)).toBe(204);
      const code = 'for i in range(300): print("a" * 30000)';
      for (let index = 0; index < 12; index += 1) {
        await attacker.send({ type: 'execute', execution: `e${String(index)}`, code });
      }
      await attacker.send({ type: 'execute', execution: 'last', code: 'while True: pass' });
      await expectHealthy();
      await expect.poll(() => bridge.sessions, { timeout: 60_000, interval: 200 }).toBe(0);
      // The answer ended after so many bytes; the client did not come back for the rest.
      expect((await ask('POST', `${attacker.path}/xhr`)).status).toBe(200);
      await expectHealthy();
    },
  );
});

describe('clients that hardly send', () => {
  const API = 'POST /api/v1/execute HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
  test('are closed within fifteen seconds, and meanwhile others are served', async () => {
    const { relay, expectHealthy } = await setUp();
    const { port } = new URL(relay.url);
    const startedAt = performance.now();
    const kinds = [
      { begin: 'POST /sockjs/000/abcdefgh/xhr HTTP/1.1\r\nHost: x\r\n', drip: '' },
      { begin: 'GET /sockjs/info HTTP/1.1\r\nHost: x\r\nX-Slow: ', drip: 'a' },
      { begin: `${API}Content-Length: 1000\r\n\r\n`, drip: ' ' },
    ];
    const held = kinds
      .flatMap((kind) => Array.from({ length: 100 }, () => kind))
      .map(({ begin, drip }) => {
        const socket = connect(Number(port), '127.0.0.1');
        socket.on('error', () => undefined);
        socket.write(begin);
        socket.resume();
        const timer = setInterval(() => socket.write(drip), 1_000);
        return new Promise<number>((resolve) => {
          socket.once('close', () => {
            clearInterval(timer);
            resolve(performance.now() - startedAt);
          });
        });
      });
    await expectHealthy();
    // Three seconds for machines that are busy.
    for (const ms of await Promise.all(held)) expect(ms).toBeLessThan(15_000 + 3_000);
    await expectHealthy();
  });
});

describe('near misses', () => {
  const segment = fc.oneof(
    fc.constantFrom(
      '',
      '.',
      '..',
      '000',
      'abcdefgh',
      '%2e',
      '%00',
      '__proto__',
      'xhr',
      'xhr_send',
      'websocket',
      'info',
    ),
    fc.stringMatching(/^[!-~]{0,20}$/),
  );
  const transport = fc.constantFrom(
    'xhr_send',
    'xhr',
    'xhr_streaming',
    'eventsource',
    'jsonp',
    'jsonp_send',
    'htmlfile',
    'websocket',
    'constructor',
  );
  const path = fc.oneof(
    fc.array(segment, { maxLength: 5 }).map((parts) => `/sockjs/${parts.join('/')}`),
    transport.map((name) => `/sockjs/000/fuzzing1/${name}`),
  );
  const body = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.array(fc.string()).map((texts) => JSON.stringify(texts)),
    fc.constantFrom(
      '',
      '[',
      '[[[[',
      '["',
      '["{\\"type\\":\\"hello\\",\\"version\\":1}"]',
      '["\\ud800"]',
      '[null]',
    ),
  );

  test('of paths and bodies are all answered, and the relay lives', { timeout: 90_000 }, async () => {
    const { relay, expectHealthy } = await setUp({ sockJs: { disconnectMs: 50, heartbeatMs: 50 } });
    const { port } = new URL(relay.url);
    const method = fc.constantFrom('GET', 'POST', 'OPTIONS', 'HEAD', 'PUT', 'DELETE');
    await fc.assert(
      fc.asyncProperty(method, path, body, async (verb, where, what) => {
        const bytes = Buffer.from(what);
        const socket = connect(Number(port), '127.0.0.1');
        socket.on('error', () => undefined);
        const answer = new Promise<string>((resolve) => {
          socket.once('data', (chunk: Buffer) => resolve(chunk.toString('latin1')));
          socket.once('close', () => resolve(''));
        });
        const isPath = !/[\s#?]/.test(where);
        socket.write(
          `${verb} ${where.replace(/[\s#?]/g, '')} HTTP/1.1\r\nHost: x\r\nContent-Length: ${String(bytes.length)}\r\n\r\n`,
        );
        socket.write(bytes);
        const status = Number((await answer).split(' ')[1]);
        socket.destroy();
        expect([200, 204, 304, 400, 403, 404, 405, 413, 429, 500]).toContain(status);
        // 500 is for payloads alone.
        if (status === 500) expect(where).toMatch(/send$/);
        expect(isPath || status > 0).toBe(true);
      }),
      { numRuns: 1_500 },
    );
    await expectHealthy();
  });

  test('of frames on a framed WebSocket are answered by frames or ended', { timeout: 90_000 }, async () => {
    const { relay, expectHealthy } = await setUp();
    const frame = fc.oneof(
      body,
      fc.array(fc.constantFrom(HELLO, '{"type":"ping"}', '', 'x')).map((all) => JSON.stringify(all)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 20 }), async (frames) => {
        const ws = new WebSocket(`${relay.url.replace('http', 'ws')}/sockjs/000/fuzzing2/websocket`);
        const heard: string[] = [];
        ws.on('message', (data) => heard.push((data as Buffer).toString()));
        ws.on('error', () => undefined);
        const closed = new Promise((resolve) => ws.once('close', resolve));
        await new Promise((resolve) => ws.once('open', resolve));
        for (const text of frames) ws.send(text);
        ws.send('{');
        await closed;
        expect(heard[0]).toBe('o');
        for (const said of heard.slice(1)) {
          expect(said).toMatch(/^[ach]/);
          if (!said.startsWith('a')) continue;
          for (const text of JSON.parse(said.slice(1)) as string[]) {
            expect(parseServerMessage(text)).toMatchObject({ ok: true });
          }
        }
      }),
      { numRuns: 300 },
    );
    await expectHealthy();
  });
});
