/**
 * The SockJS 0.3 protocol, section by section of its text, on real sockets. What uWebSockets.js can't do by its nature
 * is left out: HTTP/1.0 (it answers 505) and the hixie-76 handshake of browsers before 2012.
 */
import { randomUUID } from 'node:crypto';
import { connect as connectSocket } from 'node:net';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { BridgePool } from '../../relay/bridges/pool.js';
import { closeAfterAll } from '../support/cleanup.js';
import { request, type RawAnswer, type RequestOptions } from '../support/raw-http.js';
import { startRelay } from '../support/relay.js';

const cleanup = closeAfterAll();
let top = '';
let echo = '';
let close = '';

beforeAll(async () => {
  ({ url: top } = await startRelay(cleanup, new BridgePool(), { hasTestServices: true }));
  echo = `${top}/echo`;
  close = `${top}/close`;
});

const get = (url: string, headers: Record<string, string> = {}): Promise<RawAnswer> =>
  request(onTestFinished, 'GET', url, { headers });
const post = (url: string, body = '', headers: Record<string, string> = {}): Promise<RawAnswer> =>
  request(onTestFinished, 'POST', url, { body, headers });
const options = (url: string, headers: RequestOptions['headers'] = {}): Promise<RawAnswer> =>
  request(onTestFinished, 'OPTIONS', url, { headers });

const newSession = (base: string): string => `${base}/000/${randomUUID()}`;

const NEVER_CACHED = 'no-store, no-cache, no-transform, must-revalidate, max-age=0';
const JAVASCRIPT = 'application/javascript;charset=UTF-8';
const HTML = 'text/html;charset=UTF-8';
const PLAIN = 'text/plain;charset=UTF-8';

const typeOf = (answer: RawAnswer): string | undefined => answer.header('content-type')?.replaceAll(' ', '');

function expectNotCached(answer: RawAnswer): void {
  expect(answer.header('cache-control')).toBe(NEVER_CACHED);
  expect(answer.header('expires')).toBeUndefined();
  expect(answer.header('last-modified')).toBeUndefined();
}

function expectCors(answer: RawAnswer, origin: string): void {
  expect(answer.header('access-control-allow-origin')).toBe(origin);
  expect(answer.header('access-control-allow-credentials')).toBe('true');
}

async function expectPreflight(url: string, methods: string): Promise<void> {
  for (const origin of ['test', 'null']) {
    const answer = await options(url, { origin, 'access-control-request-method': methods });
    expect([200, 204]).toContain(answer.status);
    expect(answer.header('cache-control')).toMatch(/public.*max-age=[1-9][0-9]{6}/);
    expect(Date.parse(answer.header('expires') ?? '')).toBeGreaterThan(Date.now());
    expect(Number(answer.header('access-control-max-age'))).toBeGreaterThan(1_000_000);
    for (const method of methods.split(', ')) {
      expect(answer.header('access-control-allow-methods')).toContain(method);
    }
    expectCors(answer, origin);
    expect(await answer.body()).toBe('');
  }
}

/** Opens a session by polling. */
async function open(base = echo): Promise<string> {
  const url = newSession(base);
  expect(await (await post(`${url}/xhr`)).body()).toBe('o\n');
  return url;
}

async function send(url: string, body: string): Promise<void> {
  const answer = await post(`${url}/xhr_send`, body);
  expect(answer.status).toBe(204);
  expect(await answer.body()).toBe('');
}

/** A WebSocket whose frames and end are waited for in turn. */
async function connect(url: string) {
  const ws = new WebSocket(url.replace(/^http/, 'ws'));
  onTestFinished(() => ws.terminate());
  const frames: string[] = [];
  let ended: { code: number; reason: string } | undefined;
  let wake = (): void => undefined;
  ws.on('message', (data) => {
    frames.push((data as Buffer).toString());
    wake();
  });
  ws.on('close', (code, reason) => {
    ended = { code, reason: reason.toString() };
    wake();
  });
  ws.on('error', () => undefined);
  await new Promise((resolve, reject) => {
    ws.once('open', resolve);
    ws.once('error', reject);
  });
  const until = async (isReady: () => boolean): Promise<void> => {
    while (!isReady()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return {
    ws,
    async frame(): Promise<string | undefined> {
      await until(() => frames.length > 0 || ended !== undefined);
      return frames.shift();
    },
    async end(): Promise<{ code: number; reason: string } | undefined> {
      await until(() => ended !== undefined);
      return ended;
    },
  };
}

describe('greeting', () => {
  test.each(['', '/'])('is said at the base URL with %j behind it', async (suffix) => {
    const answer = await get(echo + suffix);
    expect(answer.status).toBe(200);
    expect(typeOf(answer)?.toLowerCase()).toBe(PLAIN.toLowerCase());
    expect(await answer.body()).toBe('Welcome to SockJS!\n');
    expect(answer.header('set-cookie')).toBeUndefined();
    expect(answer.header('content-length')).toBe('19');
  });

  test('is said twice on one connection', async () => {
    const answer = await get(echo, { connection: 'Keep-Alive' });
    expect(['keep-alive', undefined]).toContain(answer.header('connection')?.toLowerCase());
  });

  test.each(['/a', '/a.html', '//', '///', '/a/a', '/a/a/', '/a/'])('is not said at %s', async (suffix) => {
    expect((await get(echo + suffix)).status).toBe(404);
  });
});

describe('iframe page', () => {
  const page =
    /^<!DOCTYPE html>\n<html>\n<head>\n {2}<meta http-equiv="X-UA-Compatible" content="IE=edge" \/>\n {2}<meta http-equiv="Content-Type" content="text\/html; charset=UTF-8" \/>\n {2}<script src="([^"]*)"><\/script>\n {2}<script>\n {4}document\.domain = document\.domain;\n {4}SockJS\.bootstrap_iframe\(\);\n {2}<\/script>\n<\/head>\n<body>\n {2}<h2>Don't panic!<\/h2>\n {2}<p>This is a SockJS hidden iframe\. It's used for cross domain magic\.<\/p>\n<\/body>\n<\/html>$/;

  test.each([
    '/iframe.html',
    '/iframe-a.html',
    '/iframe-.html',
    '/iframe-0.1.2.html',
    '/iframe-0.1.2abc-dirty.2144.html',
    '/iframe-a.html?t=1234',
    '/iframe-0.1.2.html?t=123414',
    '/iframe-0.1.2abc-dirty.2144.html?t=qweqweq123',
  ])('%s is served, to be kept', async (suffix) => {
    const answer = await get(echo + suffix);
    expect(answer.status).toBe(200);
    expect(typeOf(answer)).toBe(HTML);
    expect(answer.header('cache-control')).toMatch(/public.*max-age=[1-9][0-9]{6}/);
    expect(answer.header('expires')).toBeDefined();
    expect(answer.header('etag')).toBeDefined();
    expect(answer.header('last-modified')).toBeUndefined();
    expect(answer.header('set-cookie')).toBeUndefined();
    const script = page.exec((await answer.body()).trim())?.[1] ?? '';
    expect(script).toMatch(/^\//);
    const client = await get(top + script);
    expect(client.status).toBe(200);
    expect(client.header('cache-control')).toMatch(/public/);
    expect(await client.body()).toContain('SockJS');
  });

  test.each([
    '/iframe.htm',
    '/iframe',
    '/IFRAME.HTML',
    '/IFRAME',
    '/iframe.HTML',
    '/iframe.xml',
    '/iframe-/.html',
  ])('%s does not exist', async (suffix) => {
    expect((await get(echo + suffix)).status).toBe(404);
  });

  test('is not sent again to who has it', async () => {
    const etag = (await get(`${echo}/iframe.html`)).header('etag') ?? '';
    const again = await get(`${echo}/iframe.html`, { 'if-none-match': etag });
    expect(again.status).toBe(304);
    expect(again.header('content-type')).toBeUndefined();
  });
});

describe('info', () => {
  interface Info {
    websocket: boolean;
    cookie_needed: boolean;
    origins: string[];
    entropy: number;
  }
  const info = async (base: string): Promise<Info> =>
    JSON.parse(await (await get(`${base}/info`)).body()) as Info;

  test('tells what the server can do', async () => {
    const answer = await get(`${echo}/info`, { origin: 'test' });
    expect(answer.status).toBe(200);
    expect(typeOf(answer)).toBe('application/json;charset=UTF-8');
    expect(answer.header('set-cookie')).toBeUndefined();
    expectNotCached(answer);
    expectCors(answer, 'test');
    const said = JSON.parse(await answer.body()) as Info;
    expect(said).toMatchObject({ websocket: true, cookie_needed: false, origins: ['*:*'] });
    expect(Number.isInteger(said.entropy)).toBe(true);
    expect(said.entropy).toBeGreaterThanOrEqual(0);
    expect(said.entropy).toBeLessThan(2 ** 32);
  });

  test('brings fresh entropy each time', async () => {
    expect((await info(echo)).entropy).not.toBe((await info(echo)).entropy);
  });

  test('lets pages of other sites ask', async () => {
    await expectPreflight(`${echo}/info`, 'OPTIONS, GET');
  });

  test('lets pages opened as files ask', async () => {
    const answer = await options(`${echo}/info`, { origin: 'null', 'access-control-request-method': 'POST' });
    expect(answer.header('access-control-allow-origin')).toBe('null');
  });

  test('tells where there are no WebSockets', async () => {
    expect((await info(`${top}/disabled_websocket_echo`)).websocket).toBe(false);
  });
});

describe('session URLs', () => {
  test.each(['/a/a', '/_/_', '/1/', '/abcdefgh_i-j%20/abcdefg_i-j%20'])(
    '%s may begin one',
    async (prefix) => {
      const answer = await post(`${echo}${prefix}${randomUUID()}/xhr`);
      expect(answer.status).toBe(200);
      expect(await answer.body()).toBe('o\n');
    },
  );

  test.each(['//', '/a./a', '/a/a.', '/./.', '/', '///'])('%s may not', async (suffix) => {
    expect((await get(`${echo}${suffix}/xhr`)).status).toBe(404);
    expect((await post(`${echo}${suffix}/xhr`)).status).toBe(404);
  });

  test('the server part means nothing', async () => {
    const session = randomUUID();
    expect(await (await post(`${echo}/000/${session}/xhr`)).body()).toBe('o\n');
    await send(`${echo}/000/${session}`, '["a"]');
    expect(await (await post(`${echo}/999/${session}/xhr`)).body()).toBe('a["a"]\n');
  });

  test('a transport of another method is refused with 405 and what is allowed', async () => {
    for (const [url, method] of [
      [`${newSession(echo)}/xhr`, 'GET'],
      [`${newSession(echo)}/xhr_send`, 'GET'],
      [`${newSession(echo)}/eventsource`, 'POST'],
      [`${echo}/info`, 'POST'],
    ] as const) {
      const answer = await request(onTestFinished, method, url);
      expect(answer.status).toBe(405);
      expect(answer.header('allow')).toBeTruthy();
      expect(answer.header('content-type')).toBeUndefined();
      expect(await answer.body()).toBe('');
    }
  });
});

describe('framing', () => {
  test('a session opens, echoes, and lets one request wait at a time', async () => {
    const url = await open();
    await send(url, '["a"]');
    expect(await (await post(`${url}/xhr`)).body()).toBe('a["a"]\n');
    expect((await post(`${echo}/000/bad_session/xhr_send`, '["a"]')).status).toBe(404);
    const waiting = [post(`${url}/xhr`), post(`${url}/xhr`)];
    // Whichever came second is refused.
    const refused = await Promise.race(waiting);
    expect(refused.status).toBe(200);
    expect(await refused.body()).toBe('c[2010,"Another connection still open"]\n');
    await send(url, '["b"]');
    const answers = await Promise.all(waiting);
    expect(await answers.find((answer) => answer !== refused)?.body()).toBe('a["b"]\n');
  });

  test('the close frame is served again and again', async () => {
    const url = await open(close);
    for (let turn = 0; turn < 3; turn += 1) {
      const answer = await post(`${url}/xhr`);
      expect(answer.status).toBe(200);
      expect(await answer.body()).toBe('c[3000,"Go away!"]\n');
    }
  });

  test('a session ends five seconds after its last waiting request, and not before', async () => {
    const url = await open();
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    await send(url, '["still here"]');
    await expect
      .poll(async () => (await post(`${url}/xhr_send`, '["x"]')).status, { timeout: 10_000, interval: 250 })
      .toBe(404);
    expect(await (await post(`${url}/xhr`)).body()).toBe('o\n');
  });
});

describe('WebSocket', () => {
  test('plain requests are refused', async () => {
    expect((await get(`${echo}/0/0/websocket`)).status).toBe(400);
    const rewritten = await get(`${echo}/0/0/websocket`, { upgrade: 'WebSocket', connection: 'close' });
    expect(rewritten.status).toBe(400);
    expect(await rewritten.body()).toContain('Can "Upgrade" only to "WebSocket".');
    const keyed = await get(`${echo}/0/0/websocket`, {
      upgrade: 'websocket',
      connection: 'close',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'x3JJHMbDL1EzLkh9GBhXDw==',
    });
    expect(keyed.status).toBe(400);
    for (const headers of [{ upgrade: 'WebSocket', connection: 'Upgrade' }, {}]) {
      const answer = await post(`${echo}/0/0/websocket`, '', headers);
      expect(answer.status).toBe(405);
      expect(answer.header('allow')).toContain('GET');
      expect(answer.header('content-type')).toBeUndefined();
    }
  });

  test('frames go both ways', async () => {
    const socket = await connect(`${newSession(echo)}/websocket`);
    expect(await socket.frame()).toBe('o');
    socket.ws.send('["a"]');
    expect(await socket.frame()).toBe('a["a"]');
    socket.ws.send('"b"');
    expect(await socket.frame()).toBe('a["b"]');
  });

  test('the close frame is followed by the end', async () => {
    const socket = await connect(`${newSession(close)}/websocket`);
    expect(await socket.frame()).toBe('o');
    expect(await socket.frame()).toBe('c[3000,"Go away!"]');
    expect(await socket.frame()).toBeUndefined();
  });

  test('the handshake is that of RFC 6455', async () => {
    const answer = await get(`${newSession(echo)}/websocket`, {
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-version': '13',
      'sec-websocket-origin': 'http://asd',
      'sec-websocket-key': 'x3JJHMbDL1EzLkh9GBhXDw==',
    });
    expect(answer.status).toBe(101);
    expect(answer.header('sec-websocket-accept')).toBe('HSmrc0sMlYUkAGmm5OPpG2HaGWk=');
    expect(answer.header('connection')?.toLowerCase()).toBe('upgrade');
    expect(answer.header('upgrade')?.toLowerCase()).toBe('websocket');
    expect(answer.header('content-length')).toBeUndefined();
  });

  test('empty frames are ignored', async () => {
    const socket = await connect(`${newSession(echo)}/websocket`);
    expect(await socket.frame()).toBe('o');
    for (const frame of ['', '[]', '["a"]']) socket.ws.send(frame);
    expect(await socket.frame()).toBe('a["a"]');
  });

  test('two may have one session name, at once and one after the other', async () => {
    const url = `${newSession(echo)}/websocket`;
    const [first, second] = [await connect(url), await connect(url)];
    expect([await first.frame(), await second.frame()]).toEqual(['o', 'o']);
    first.ws.send('["a"]');
    expect(await first.frame()).toBe('a["a"]');
    second.ws.send('["b"]');
    expect(await second.frame()).toBe('a["b"]');
    first.ws.close();
    await first.end();
    const third = await connect(url);
    expect(await third.frame()).toBe('o');
    third.ws.send('["a"]');
    expect(await third.frame()).toBe('a["a"]');
  });

  test.each(['["a', '{"a":1}', '[1]', '7', 'null'])(
    'the broken payload %s ends the connection',
    async (payload) => {
      const socket = await connect(`${newSession(echo)}/websocket`);
      expect(await socket.frame()).toBe('o');
      socket.ws.send(payload);
      expect(await socket.frame()).toBeUndefined();
    },
  );

  test('a session URL with dots has none', async () => {
    await expect(connect(`${echo}/a./${randomUUID()}/websocket`)).rejects.toThrow('404');
  });

  test('a service without them has none', async () => {
    const base = `${top}/disabled_websocket_echo`;
    await expect(connect(`${newSession(base)}/websocket`)).rejects.toThrow('404');
    await expect(connect(`${base}/websocket`)).rejects.toThrow('404');
  });
});

describe('xhr', () => {
  test.each(['/xhr', '/xhr_send'])('%s lets pages of other sites ask', async (suffix) => {
    await expectPreflight(`${echo}/abc/abc${suffix}`, 'OPTIONS, POST');
  });

  test('polls and sends', async () => {
    const url = newSession(echo);
    const opened = await post(`${url}/xhr`, '', { origin: 'test' });
    expect(opened.status).toBe(200);
    expect(await opened.body()).toBe('o\n');
    expect(typeOf(opened)).toBe(JAVASCRIPT);
    expectCors(opened, 'test');
    expectNotCached(opened);
    const sent = await post(`${url}/xhr_send`, '["x"]', { origin: 'test' });
    expect(sent.status).toBe(204);
    expect(await sent.body()).toBe('');
    expect(typeOf(sent)).toBe(PLAIN);
    expectCors(sent, 'test');
    expectNotCached(sent);
    const polled = await post(`${url}/xhr`);
    expect(polled.status).toBe(200);
    expect(await polled.body()).toBe('a["x"]\n');
  });

  test('a session that does not exist takes no messages', async () => {
    expect((await post(`${newSession(echo)}/xhr_send`, '["x"]')).status).toBe(404);
  });

  test('payloads that are no JSON, or none, are told so, and the session lives', async () => {
    const url = await open();
    const broken = await post(`${url}/xhr_send`, '["x');
    expect(broken.status).toBe(500);
    expect(await broken.body()).toContain('Broken JSON encoding.');
    const empty = await post(`${url}/xhr_send`, '');
    expect(empty.status).toBe(500);
    expect(await empty.body()).toContain('Payload expected.');
    await send(url, '["a"]');
    expect(await (await post(`${url}/xhr`)).body()).toBe('a["a"]\n');
  });

  test('any content type is taken', async () => {
    const url = await open();
    const types = [
      'text/plain',
      'T',
      'application/json',
      'application/xml',
      '',
      'application/json; charset=utf-8',
      'text/xml; charset=utf-8',
      'text/xml',
    ];
    for (const type of types) {
      expect((await post(`${url}/xhr_send`, '["a"]', { 'content-type': type })).status).toBe(204);
    }
    expect(await (await post(`${url}/xhr`)).body()).toBe(`a[${types.map(() => '"a"').join(',')}]\n`);
  });

  test('request headers are allowed as they were asked for', async () => {
    const ask = (more: Record<string, string>): Promise<RawAnswer> =>
      options(`${newSession(echo)}/xhr`, {
        origin: 'test',
        'access-control-request-method': 'POST',
        ...more,
      });
    const some = await ask({ 'access-control-request-headers': 'a, b, c' });
    expectCors(some, 'test');
    expect(some.header('access-control-allow-headers')).toBe('a, b, c');
    for (const none of [await ask({ 'access-control-request-headers': '' }), await ask({})]) {
      expectCors(none, 'test');
      expect(none.header('access-control-allow-headers')).toBeUndefined();
    }
  });

  test('a payload of no messages is a sign of life', async () => {
    const url = await open();
    await send(url, '[]');
    await send(url, '["a"]');
    expect(await (await post(`${url}/xhr`)).body()).toBe('a["a"]\n');
  });
});

describe('xhr_streaming', () => {
  test('lets pages of other sites ask', async () => {
    await expectPreflight(`${echo}/abc/abc/xhr_streaming`, 'OPTIONS, POST');
  });

  test('streams frames after a prelude', async () => {
    const url = newSession(echo);
    const stream = await post(`${url}/xhr_streaming`, '', { origin: 'test' });
    expect(stream.status).toBe(200);
    expect(typeOf(stream)).toBe(JAVASCRIPT);
    expect(stream.header('transfer-encoding')).toBe('chunked');
    expect(stream.header('content-length')).toBeUndefined();
    expectCors(stream, 'test');
    expectNotCached(stream);
    expect(await stream.chunk()).toBe(`${'h'.repeat(2_048)}\n`);
    expect(await stream.chunk()).toBe('o\n');
    await send(url, '["x"]');
    expect(await stream.chunk()).toBe('a["x"]\n');
  });

  test('ends after so many bytes, and the next request goes on', async () => {
    const url = newSession(echo);
    const stream = await post(`${url}/xhr_streaming`);
    await stream.chunk();
    expect(await stream.chunk()).toBe('o\n');
    const message = 'x'.repeat(128);
    for (let turn = 0; turn < 31; turn += 1) {
      await send(url, `["${message}"]`);
      expect(await stream.chunk()).toBe(`a["${message}"]\n`);
    }
    expect(await stream.chunk()).toBe('');
    const next = await post(`${url}/xhr_streaming`);
    await next.chunk();
    await send(url, '["more"]');
    expect(await next.chunk()).toBe('a["more"]\n');
  });
});

describe('eventsource', () => {
  test('streams events', async () => {
    const url = newSession(echo);
    const stream = await get(`${url}/eventsource`);
    expect(stream.status).toBe(200);
    expect(typeOf(stream)).toBe('text/event-stream');
    expectNotCached(stream);
    expect(await stream.chunk()).toBe('\r\n');
    expect(await stream.chunk()).toBe('data: o\r\n\r\n');
    await send(url, '["x"]');
    expect(await stream.chunk()).toBe('data: a["x"]\r\n\r\n');
    await send(url, String.raw`["  \u0000\n\r "]`);
    expect(await stream.chunk()).toBe(`data: a["  \\u0000\\n\\r "]\r\n\r\n`);
  });

  test('ends after so many bytes', async () => {
    const url = newSession(echo);
    const stream = await get(`${url}/eventsource`);
    await stream.chunk();
    await stream.chunk();
    const message = `"${'x'.repeat(4_096)}"`;
    await send(url, `[${message}]`);
    expect(await stream.chunk()).toBe(`data: a[${message}]\r\n\r\n`);
    expect(await stream.chunk()).toBe('');
  });
});

describe('htmlfile', () => {
  const head = (callback: string): string => `<!doctype html>
<html><head>
  <meta http-equiv="X-UA-Compatible" content="IE=edge" />
  <meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />
</head><body><h2>Don't panic!</h2>
  <script>
    document.domain = document.domain;
    var c = parent.${callback};
    c.start();
    function p(d) {c.message(d);};
    window.onload = function() {c.stop();};
  </script>`;

  test('streams scripts', async () => {
    const url = newSession(echo);
    const stream = await get(`${url}/htmlfile?c=%63allback`);
    expect(stream.status).toBe(200);
    expect(typeOf(stream)).toBe(HTML);
    expectNotCached(stream);
    const prelude = await stream.chunk();
    expect(prelude.trim()).toBe(head('callback'));
    expect(prelude.length).toBeGreaterThan(1_024);
    expect(await stream.chunk()).toBe('<script>\np("o");\n</script>\r\n');
    await send(url, '["x"]');
    expect(await stream.chunk()).toBe(String.raw`<script>${'\n'}p("a[\"x\"]");${'\n'}</script>${'\r\n'}`);
  });

  test('a message cannot end its script', async () => {
    const url = newSession(echo);
    const stream = await get(`${url}/htmlfile?c=f`);
    await stream.chunk();
    await stream.chunk();
    await send(url, '["</script><script>alert(1)"]');
    expect(await stream.chunk()).toBe(
      String.raw`<script>${'\n'}p("a[\"\u003c/script>\u003cscript>alert(1)\"]");${'\n'}</script>${'\r\n'}`,
    );
  });

  test('ends after so many bytes', async () => {
    const url = newSession(echo);
    const stream = await get(`${url}/htmlfile?c=callback`);
    await stream.chunk();
    await stream.chunk();
    const message = 'x'.repeat(4_096);
    await send(url, `["${message}"]`);
    expect(await stream.chunk()).toBe(`<script>\np("a[\\"${message}\\"]");\n</script>\r\n`);
    expect(await stream.chunk()).toBe('');
  });
});

describe.each(['htmlfile', 'jsonp'])('the callback of %s', (transport) => {
  test('is required', async () => {
    const answer = await get(`${echo}/a/a/${transport}`);
    expect(answer.status).toBe(500);
    expect(await answer.body()).toContain('"callback" parameter required');
  });

  test.each(['%20', '*', 'abc(', 'abc%28'])('is not %s', async (callback) => {
    const answer = await get(`${echo}/a/a/${transport}?c=${callback}`);
    expect(answer.status).toBe(500);
    expect(await answer.body()).toContain('invalid "callback" parameter');
  });
});

describe('jsonp', () => {
  const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

  async function openByJsonp(base = echo): Promise<string> {
    const url = newSession(base);
    expect(await (await get(`${url}/jsonp?c=x`)).body()).toBe('/**/x("o");\r\n');
    return url;
  }

  async function sendForm(url: string, body: string, headers: Record<string, string> = FORM): Promise<void> {
    const answer = await post(`${url}/jsonp_send`, body, headers);
    expect(answer.status).toBe(200);
    expect(await answer.body()).toBe('ok');
  }

  test('polls by scripts and sends by forms', async () => {
    const url = newSession(echo);
    const opened = await get(`${url}/jsonp?c=%63allback`);
    expect(opened.status).toBe(200);
    expect(typeOf(opened)).toBe(JAVASCRIPT);
    expectNotCached(opened);
    expect(await opened.body()).toBe('/**/callback("o");\r\n');
    const sent = await post(`${url}/jsonp_send`, 'd=%5B%22x%22%5D', FORM);
    expect(sent.status).toBe(200);
    expect(await sent.body()).toBe('ok');
    expect(typeOf(sent)?.toLowerCase()).toBe(PLAIN.toLowerCase());
    expectNotCached(sent);
    const polled = await get(`${url}/jsonp?c=%63allback`);
    expect(polled.status).toBe(200);
    expect(await polled.body()).toBe('/**/callback("a[\\"x\\"]");\r\n');
  });

  test('payloads that are no JSON, or none, are told so, and the session lives', async () => {
    const url = await openByJsonp();
    const broken = await post(`${url}/jsonp_send`, 'd=%5B%22x', FORM);
    expect(broken.status).toBe(500);
    expect(await broken.body()).toContain('Broken JSON encoding.');
    for (const body of ['', 'd=', 'p=p']) {
      const empty = await post(`${url}/jsonp_send`, body, FORM);
      expect(empty.status).toBe(500);
      expect(await empty.body()).toContain('Payload expected.');
    }
    await sendForm(url, 'd=%5B%22b%22%5D');
    expect(await (await get(`${url}/jsonp?c=x`)).body()).toBe('/**/x("a[\\"b\\"]");\r\n');
  });

  test('payloads come as forms or as they are', async () => {
    const url = await openByJsonp();
    await sendForm(url, 'd=%5B%22abc%22%5D');
    await sendForm(url, '["%61bc"]', { 'content-type': 'text/plain' });
    expect(await (await get(`${url}/jsonp?c=x`)).body()).toBe('/**/x("a[\\"abc\\",\\"%61bc\\"]");\r\n');
  });

  test('the close frame is served again and again', async () => {
    const url = await openByJsonp(close);
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await (await get(`${url}/jsonp?c=x`)).body()).toBe('/**/x("c[3000,\\"Go away!\\"]");\r\n');
    }
  });

  test('a payload of no messages is a sign of life', async () => {
    const url = await openByJsonp();
    await sendForm(url, 'd=%5B%5D');
    await sendForm(url, 'd=%5B%22x%22%5D');
    expect(await (await get(`${url}/jsonp?c=x`)).body()).toBe('/**/x("a[\\"x\\"]");\r\n');
  });
});

describe('JSESSIONID', () => {
  const base = (): string => `${top}/cookie_needed_echo`;

  test('is told to be needed', async () => {
    const answer = await get(`${base()}/info`);
    expect(answer.header('set-cookie')).toBeUndefined();
    expect(JSON.parse(await answer.body())).toMatchObject({ cookie_needed: true });
  });

  test.each([
    ['POST', '/xhr'],
    ['POST', '/xhr_streaming'],
    ['GET', '/eventsource'],
    ['GET', '/htmlfile?c=%63allback'],
    ['GET', '/jsonp?c=%63allback'],
  ])('is set by %s %s', async (method, suffix) => {
    const answer = await request(onTestFinished, method, newSession(base()) + suffix);
    expect(answer.status).toBe(200);
    expect(answer.header('set-cookie')).toMatch(/^JSESSIONID=dummy; *path=\/$/i);
  });

  test('is set by sends', async () => {
    const url = await open(base());
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const sent = await post(`${url}/jsonp_send`, 'd=%5B%22x%22%5D', form);
    expect(await sent.body()).toBe('ok');
    expect(sent.header('set-cookie')).toMatch(/^JSESSIONID=dummy; *path=\/$/i);
  });

  test('is given back as it came', async () => {
    const answer = await post(`${newSession(base())}/xhr`, '', { cookie: 'a=b; JSESSIONID=abcdef' });
    expect(await answer.body()).toBe('o\n');
    expect(answer.header('set-cookie')).toMatch(/^JSESSIONID=abcdef; *path=\/$/i);
  });
});

describe('raw WebSocket', () => {
  test('has no frames', async () => {
    const socket = await connect(`${echo}/websocket`);
    socket.ws.send('Hello world!\uffff');
    expect(await socket.frame()).toBe('Hello world!\uffff');
  });

  test('ends with the reason', async () => {
    const socket = await connect(`${close}/websocket`);
    expect(await socket.end()).toEqual({ code: 3_000, reason: 'Go away!' });
  });
});

describe('characters', () => {
  const escapedIn = (ranges: RegExp, from: number): string =>
    Array.from({ length: 65_536 - from }, (_, index) => index + from)
      .filter((code) => ranges.test(String.fromCharCode(code)))
      .map((code) => `\\u${code.toString(16).padStart(4, '0')}`)
      .join('');

  test('that get mangled on the way are escaped by the server', async () => {
    const fragile = escapedIn(/[\u200c-\u200f\u2028-\u202f\u2060-\u206f\ufff0-\uffff]/, 255);
    const url = await open();
    await send(url, `["${String(JSON.parse(`"${fragile}"`))}"]`);
    expect(await (await post(`${url}/xhr`)).body()).toBe(`a["${fragile}"]\n`);
  });

  test('that a client escapes are understood, lone surrogates too', async () => {
    // All that sockjs-client escapes is among these.
    const all = escapedIn(/[^]/, 0);
    const url = await open();
    await send(url, `["${all}"]`);
    const body = await (await post(`${url}/xhr`)).body();
    expect(JSON.parse(body.slice(1))).toEqual(JSON.parse(`["${all}"]`));
  });
});

describe('the end of a session', () => {
  async function stream(url: string): Promise<RawAnswer> {
    const answer = await post(`${url}/xhr_streaming`);
    await answer.chunk();
    return answer;
  }

  test('ends the request that waits, and the next is told why', async () => {
    const url = newSession(close);
    const first = await stream(url);
    expect(await first.chunk()).toBe('o\n');
    expect(await first.chunk()).toBe('c[3000,"Go away!"]\n');
    const second = await stream(url);
    expect(await second.chunk()).toBe('c[3000,"Go away!"]\n');
    expect(await first.chunk()).toBe('');
    expect(await second.chunk()).toBe('');
  });

  test('a second stream is refused and ended', async () => {
    const url = newSession(echo);
    const first = await stream(url);
    expect(await first.chunk()).toBe('o\n');
    const second = await stream(url);
    expect(await second.chunk()).toBe('c[2010,"Another connection still open"]\n');
    expect(await second.chunk()).toBe('');
  });

  test('comes with a broken stream', async () => {
    const url = newSession(echo);
    const first = await stream(url);
    expect(await first.chunk()).toBe('o\n');
    first.cut();
    await expect
      .poll(async () => (await post(`${url}/xhr`)).body())
      .toBe('c[1002,"Connection interrupted"]\n');
  });

  test('comes with a broken poll', async () => {
    const url = await open();
    const socket = connectSocket(Number(new URL(top).port), '127.0.0.1');
    socket.write(`POST ${new URL(url).pathname}/xhr HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`);
    const poll = async (): Promise<string> => (await post(`${url}/xhr`)).body();
    await expect.poll(poll).toBe('c[2010,"Another connection still open"]\n');
    socket.destroy();
    await expect.poll(poll).toBe('c[1002,"Connection interrupted"]\n');
  });
});
