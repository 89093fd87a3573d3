import { beforeAll, describe, expect, test } from 'vitest';
import { BridgePool } from '../../../../relay/bridges/pool.js';
import { closeAfterAll } from '../../../support/cleanup.js';
import { startRelay, startRelayOnFake, type RelayUnderTest } from '../../../support/relay.js';

const cleanup = closeAfterAll();
let relay: RelayUnderTest;
let alone: RelayUnderTest;
let picky: RelayUnderTest;

beforeAll(async () => {
  relay = (await startRelayOnFake(cleanup)).relay;
  alone = await startRelay(cleanup, new BridgePool());
  picky = (
    await startRelayOnFake(cleanup, {
      admission: { allowedOrigins: ['https://book.example.org'] },
    })
  ).relay;
});

const execute = (body: unknown, headers: Record<string, string> = {}, url = relay.url): Promise<Response> =>
  fetch(`${url}/api/v1/execute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const service = (body: URLSearchParams | FormData, url = relay.url): Promise<Response> =>
  fetch(`${url}/service`, { method: 'POST', body });

describe('POST /api/v1/execute', () => {
  test('answers with the whole result', async () => {
    const answer = await execute({ code: 'print(2+2)' });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      status: 'ok',
      outputs: [{ kind: 'stream', name: 'stdout', text: '4\n' }],
      wallMs: 1,
      cpuMs: 1,
      cached: false,
      truncated: false,
    });
  });

  test('joins adjacent text', async () => {
    const answer = await execute({ code: 'for i in range(3): print("a" * 2)' });
    expect(await answer.json()).toMatchObject({ outputs: [{ text: 'aa\naa\naa\n' }] });
  });

  test('leaves out what the code took back, as a page that shows it does', async () => {
    const answer = await execute({ code: 'print("a"); show(1); salvus.delete_last_output(); print("b")' });
    expect(await answer.json()).toMatchObject({
      outputs: [{ kind: 'stream', name: 'stdout', text: 'a\nb\n' }],
    });
  });

  test('a failure of the code is a result', async () => {
    const answer = await execute({ code: '1/0' });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ status: 'error', outputs: [{ name: 'ZeroDivisionError' }] });
  });

  test.each([
    ['what is not JSON', 'print(2)', 400, { code: 'bad-message' }],
    ['no code', {}, 400, { code: 'bad-message', field: 'code', message: 'code is missing.' }],
    ['a language that is not known', { code: '1', language: 'cobol' }, 400, { field: 'language' }],
    [
      'a field that is not known',
      { code: '1', cdoe: '2' },
      400,
      { field: 'cdoe', message: 'cdoe is no field here.' },
    ],
    ['code above the limit', { code: 'x'.repeat(65_537) }, 413, { code: 'too-large', field: 'code' }],
    ['a body above the limit', { code: 'x'.repeat(1_000_000) }, 413, { code: 'too-large' }],
  ])('refuses %s with a code', async (_what, body, status, error) => {
    const answer = await execute(body);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error });
  });

  test('says which methods there are where one is not', async () => {
    for (const [path, allowed] of [
      ['execute', 'GET, POST, OPTIONS'],
      ['jobs/x', 'GET, DELETE, OPTIONS'],
    ] as const) {
      const answer = await fetch(`${relay.url}/api/v1/${path}`, { method: 'PUT' });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, allowed]);
    }
  });

  test('refuses a type that any page could send without asking', async () => {
    expect((await execute({ code: '1' }, { 'content-type': 'text/plain' })).status).toBe(415);
  });

  test('tells at once when no bridge can be reached, and when to come again', async () => {
    const answer = await execute({ code: '1' }, {}, alone.url);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(await answer.json()).toMatchObject({ error: { code: 'unavailable', retryAfterMs: 2_000 } });
  });

  test('is open to pages of listed origins and its own only', async () => {
    const from = (origin: string): Promise<Response> =>
      execute({ code: 'print(2+2)' }, { origin }, picky.url);
    const good = await from('https://book.example.org');
    expect(good.status).toBe(200);
    expect(good.headers.get('access-control-allow-origin')).toBe('https://book.example.org');
    expect((await from(picky.url)).status).toBe(200);
    const bad = await from('https://attacker.example');
    expect(bad.status).toBe(403);
    expect(bad.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('answers the browser that asks before it sends', async () => {
    const answer = await fetch(`${relay.url}/api/v1/execute`, {
      method: 'OPTIONS',
      headers: { origin: 'https://book.example.org', 'access-control-request-method': 'POST' },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-headers')).toContain('Content-Type');
  });
});

describe('POST /service', () => {
  test('answers as SageMathCell does', async () => {
    const answer = await service(new URLSearchParams({ code: 'print(2+2)', accepted_tos: 'true' }));
    expect(await answer.text()).toBe(
      '{"stdout":"4\\n","success":true,"execute_reply":' +
        '{"status":"ok","execution_count":1,"user_expressions":{},"payload":[]}}',
    );
  });

  test('joins repeated code', async () => {
    const form = new URLSearchParams();
    form.append('code', 'print(');
    form.append('code', '3+4)');
    expect(await (await service(form)).json()).toMatchObject({ stdout: '7\n' });
  });

  test('reads multipart forms', async () => {
    const form = new FormData();
    form.set('code', 'print("effectuées ∑ 😀")');
    expect(await (await service(form)).json()).toMatchObject({ stdout: 'effectuées ∑ 😀\n' });
  });

  test('tells an exception in the reply', async () => {
    const answer = await service(new URLSearchParams({ code: '1/0' }));
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      success: false,
      execute_reply: {
        status: 'error',
        ename: 'ZeroDivisionError',
        traceback: ['Traceback …', expect.any(String)],
      },
    });
  });

  test('tells the values of expressions as Jupyter does', async () => {
    const form = new URLSearchParams({ code: 'x = 41', user_expressions: '{"WEBWORK":"x","B":"y"}' });
    expect(await (await service(form)).json()).toMatchObject({
      execute_reply: {
        user_expressions: {
          WEBWORK: { status: 'ok', data: { 'text/plain': '41' }, metadata: {} },
          B: { status: 'error', ename: 'NameError', evalue: "name 'y' is not defined", traceback: [] },
        },
      },
    });
  });

  test.each(['[]', '{"a":1}', '{"1a":"x"}', 'x'])('refuses user_expressions %s', async (text) => {
    const answer = await service(new URLSearchParams({ code: '', user_expressions: text }));
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('user_expressions must be a JSON object');
  });

  test('tells code that asks that there is nobody to answer', async () => {
    const answer = await service(new URLSearchParams({ code: 'print(input())' }));
    expect(await answer.json()).toMatchObject({ success: false, execute_reply: { ename: 'EOFError' } });
  });

  test('refuses too long code in the words that clients know', async () => {
    const answer = await service(new URLSearchParams({ code: 'x'.repeat(65_001) }));
    expect(answer.status).toBe(413);
    expect(await answer.text()).toBe('Max code size is 65000 characters');
  });

  test('refuses a body that is no form', async () => {
    const answer = await fetch(`${relay.url}/service`, { method: 'POST', body: '{"code":"1"}' });
    expect(answer.status).toBe(400);
  });

  test('a page may read the answer', async () => {
    const answer = await fetch(`${relay.url}/service`, {
      method: 'POST',
      headers: { origin: 'https://book.example.org' },
      body: new URLSearchParams({ code: 'print(2+2)' }),
    });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://book.example.org');
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
  });
});
