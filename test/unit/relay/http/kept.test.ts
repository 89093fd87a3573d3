import { createHash } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ResultCache } from '../../../../relay/cache/result-cache.js';
import { MAX_VERSIONS } from '../../../../relay/documents/documents.js';
import { MemoryStore } from '../../../../relay/stores/memory.js';
import { startFakeBridge } from '../../../support/fake-bridge.js';
import { checkedFetch, type CheckedFetch } from '../../../support/open-api.js';
import { linkTo, silentLog, startRelay } from '../../../support/relay.js';

const described = new Map<string, Promise<CheckedFetch>>();

/** Holds every answer of the API against its description. */
async function fetch(address: string, init?: RequestInit): Promise<Response> {
  const { origin, pathname, search } = new URL(address);
  if (!/^\/(api|blobs)\//.test(pathname)) return globalThis.fetch(address, init);
  let api = described.get(origin);
  if (api === undefined) described.set(origin, (api = checkedFetch(origin)));
  return (await api)(pathname + search, init);
}

async function setUp() {
  const store = new MemoryStore(32_000_000);
  const cache = new ResultCache({ memoryBytes: 1_000_000, store, log: silentLog });
  const bridge = await startFakeBridge(onTestFinished);
  bridge.isPure = true;
  const relay = await startRelay(onTestFinished, await linkTo(onTestFinished, [bridge]), { cache, store });
  onTestFinished(async () => {
    cache.close();
    await store.close();
  });
  return { store, cache, bridge, url: relay.url };
}

const post = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

describe('a result', () => {
  test('has an address of its own, from which any site and any cache may have it for as long as it is kept', async () => {
    const { url } = await setUp();
    const first = await post(`${url}/api/v1/execute`, { code: 'print(2+2)' });
    expect(first.headers.get('x-sage-cache')).toBe('miss');
    const second = await post(`${url}/api/v1/execute`, { code: 'print(2+2)' });
    expect(second.headers.get('x-sage-cache')).toBe('memory');
    expect([first.headers.get('age'), second.headers.get('age')]).toEqual([null, '0']);
    const where = first.headers.get('content-location') ?? '';
    expect(where).toBe(second.headers.get('content-location'));
    const answer = await fetch(url + where);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      status: 'ok',
      sage: 'fake 0',
      outputs: [{ kind: 'stream', name: 'stdout', text: '4\n' }],
    });
    expect(answer.headers.get('cache-control')).toMatch(/^public, max-age=\d{7}, immutable$/);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    const etag = answer.headers.get('etag') ?? '';
    const again = await fetch(url + where, { headers: { 'If-None-Match': etag } });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
  });

  test('that is not kept has none', async () => {
    const { url, bridge } = await setUp();
    bridge.isPure = false;
    const answer = await post(`${url}/api/v1/execute`, { code: 'print(2+2)' });
    expect(answer.headers.get('content-location')).toBeNull();
    for (const key of ['A'.repeat(43), 'short', 'a%2fb']) {
      const missing = await fetch(`${url}/api/v1/results/${key}`);
      expect(missing.status).toBe(404);
      expect(missing.headers.get('cache-control')).toBe('no-store');
    }
  });

  test('is shared by /service, which says where it came from', async () => {
    const { url } = await setUp();
    const ask = (): Promise<Response> =>
      fetch(`${url}/service`, { method: 'POST', body: new URLSearchParams({ code: 'print(20+3)' }) });
    expect((await ask()).headers.get('x-sage-cache')).toBe('miss');
    const second = await ask();
    expect(second.headers.get('x-sage-cache')).toBe('memory');
    expect(await second.json()).toMatchObject({ stdout: '23\n', success: true });
  });

  test('is told of in the same way by a job and by a page for people', async () => {
    const { url } = await setUp();
    const headersOf = ({ headers }: Response): (string | null)[] =>
      ['x-sage-cache', 'age', 'content-location'].map((name) => headers.get(name));
    const code = 'print(30+3)';
    const begun = await post(`${url}/api/v1/execute`, { code, wait: 0 });
    expect(begun.status).toBe(202);
    const job = url + (begun.headers.get('location') ?? '');
    const ended = await fetch(`${job}?wait=20`);
    const where = ended.headers.get('content-location');
    expect(where).toMatch(/^\/api\/v1\/results\//);
    expect(headersOf(ended)).toEqual(['miss', null, where]);
    const page = await post(`${url}/api/v1/execute`, { code }, { Accept: 'text/html' });
    expect(headersOf(page)).toEqual(['memory', '0', where]);
    expect((await fetch(url + (where ?? ''))).status).toBe(200);
  });

  test('is computed anew for who asks for that', async () => {
    const { url, bridge } = await setUp();
    for (let round = 0; round < 2; round += 1) {
      const answer = await post(`${url}/api/v1/execute`, { code: 'print(2+2)', cache: 'bypass' });
      expect(answer.headers.get('x-sage-cache')).toBe('miss');
    }
    expect(bridge.commands.filter(({ type }) => type === 'execute')).toHaveLength(2);
  });
});

const PNG = Buffer.concat([
  Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex'),
  Buffer.alloc(500, 3),
]);

describe('a file', () => {
  const put = async (store: MemoryStore, bytes: Buffer): Promise<string> => {
    const hash = createHash('sha256').update(bytes).digest('hex');
    await store.put('blob', hash, bytes);
    return hash;
  };

  test.each([
    { what: 'an image', bytes: PNG, name: 'page.html', type: 'image/png', shown: 'inline' },
    {
      what: 'text',
      bytes: Buffer.from('a,b\n1,2\n'),
      name: 't.csv',
      type: 'text/plain; charset=utf-8',
      shown: 'inline',
    },
    {
      what: 'a page',
      bytes: Buffer.from('<!doctype html><script>alert(1)</script>'),
      name: 'x.png',
      type: 'text/plain; charset=utf-8',
      shown: 'inline',
    },
    {
      what: 'an SVG picture',
      bytes: Buffer.from('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'),
      name: 'x',
      type: 'image/svg+xml',
      shown: 'inline',
    },
    {
      what: 'a program',
      bytes: Buffer.from('7f454c46020101', 'hex'),
      name: 'x.png',
      type: 'application/octet-stream',
      shown: 'attachment',
    },
    {
      what: 'an archive',
      bytes: Buffer.from('504b0304140000000800', 'hex'),
      name: 'x',
      type: 'application/octet-stream',
      shown: 'attachment',
    },
  ])(
    'that is $what is served as that whatever it is called, and can do nothing',
    async ({ bytes, name, type, shown }) => {
      const { url, store } = await setUp();
      const answer = await fetch(`${url}/blobs/${await put(store, bytes)}/${name}`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe(type);
      expect(answer.headers.get('content-disposition')).toMatch(new RegExp(`^${shown};`));
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'.*; sandbox$/);
      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    },
  );

  test('is had in parts, and not again by who has it', async () => {
    const { url, store } = await setUp();
    const hash = await put(store, PNG);
    const where = `${url}/blobs/${hash}/a.png`;
    const ask = (headers: Record<string, string>): Promise<Response> => fetch(where, { headers });
    const part = await ask({ Range: 'bytes=1-3' });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe(`bytes 1-3/${String(PNG.length)}`);
    expect(await part.text()).toBe('PNG');
    const tail = await ask({ Range: 'bytes=-10' });
    expect(Buffer.from(await tail.arrayBuffer()).equals(PNG.subarray(-10))).toBe(true);
    expect((await ask({ Range: 'bytes=99999-' })).status).toBe(416);
    expect((await ask({ 'If-None-Match': `"${hash}"` })).status).toBe(304);
  });

  test('that is missing, or is not what its hash says, is not found', async () => {
    const { url, store } = await setUp();
    await store.put('blob', 'f'.repeat(64), PNG);
    for (const hash of ['f'.repeat(64), '0'.repeat(64), 'nothing']) {
      expect((await fetch(`${url}/blobs/${hash}/a.png`)).status).toBe(404);
    }
  });
});

describe('a document', () => {
  const CONTENT = { cells: [{ code: 'factor(2026)' }] };

  async function saved() {
    const context = await setUp();
    const answer = await post(`${context.url}/api/v1/documents`, { kind: 'worksheet', content: CONTENT });
    expect(answer.status).toBe(201);
    const { read, edit } = (await answer.json()) as { read: string; edit: string };
    const put = (path: string, content: unknown, version: string): Promise<Response> =>
      fetch(context.url + path, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json', 'If-Match': version },
        body: JSON.stringify({ content }),
      });
    return {
      ...context,
      read: context.url + read,
      edit: context.url + edit,
      put: (...[c, v]: [unknown, string]) => put(edit, c, v),
      putRead: (...[c, v]: [unknown, string]) => put(read, c, v),
    };
  }

  test('is read by both of its addresses and changed by one', async () => {
    const { read, edit, put, putRead } = await saved();
    expect(await (await fetch(read)).json()).toMatchObject({
      version: 1,
      latest: 1,
      canEdit: false,
      content: CONTENT,
    });
    expect(await (await fetch(edit)).json()).toMatchObject({ canEdit: true });
    expect((await putRead({ cells: [] }, '"1"')).status).toBe(403);
    const changed = await put({ cells: [] }, '"1"');
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).toBe('"2"');
    expect(await (await fetch(read)).json()).toMatchObject({ version: 2, content: { cells: [] } });
    expect(await (await fetch(`${read}?version=1`)).json()).toMatchObject({
      version: 1,
      latest: 2,
      content: CONTENT,
    });
  });

  test('that somebody saved meanwhile is not overwritten unknowingly', async () => {
    const { put, read } = await saved();
    expect((await put('first', '"1"')).status).toBe(200);
    const late = await put('second', '"1"');
    expect(late.status).toBe(412);
    expect(await late.json()).toMatchObject({ error: { code: 'conflict' } });
    expect((await put('third', '*')).status).toBe(200);
    expect(await (await fetch(read)).json()).toMatchObject({ version: 3, content: 'third' });
    expect((await put('fourth', '')).status).toBe(400);
  });

  test('saved by many at once gets one of their versions', async () => {
    const { put, read } = await saved();
    const statuses = (await Promise.all(['a', 'b', 'c', 'd'].map((text) => put(text, '"1"')))).map(
      ({ status }) => status,
    );
    expect(statuses.sort()).toEqual([200, 412, 412, 412]);
    expect(await (await fetch(read)).json()).toMatchObject({ version: 2 });
  });

  test('keeps its latest versions', async () => {
    const { put, read } = await saved();
    for (let version = 1; version <= MAX_VERSIONS + 2; version += 1)
      await put(version, `"${String(version)}"`);
    const { versions } = (await (await fetch(`${read}/versions`)).json()) as {
      versions: { version: number }[];
    };
    expect(versions.map(({ version }) => version)).toEqual(
      Array.from({ length: MAX_VERSIONS }, (_, index) => MAX_VERSIONS + 3 - index),
    );
    expect((await fetch(`${read}?version=1`)).status).toBe(404);
  });

  test('is gone when it is deleted, for everybody', async () => {
    const { read, edit, store } = await saved();
    expect((await fetch(read, { method: 'DELETE' })).status).toBe(403);
    expect((await fetch(edit, { method: 'DELETE' })).status).toBe(204);
    for (const url of [read, edit]) expect((await fetch(url)).status).toBe(404);
    for await (const entry of store.entries('document')) throw new Error(`left: ${entry.key}`);
  });

  test('is found by nobody who does not know its whole address, which is not in the store', async () => {
    const { read, edit, store, url } = await saved();
    const id = read.split('/').at(-1)?.split('.')[0] ?? '';
    expect((await fetch(`${url}/api/v1/documents/${id}.${'A'.repeat(22)}`)).status).toBe(404);
    for await (const { value } of store.entries('document')) {
      for (const address of [read, edit]) expect(value.toString()).not.toContain(address.split('.').at(-1));
    }
  });

  test('that is too long, or none, is refused', async () => {
    const { url, put } = await saved();
    expect((await put('x'.repeat(600_000), '"1"')).status).toBe(413);
    for (const body of [{}, [], { content: 1, more: 1 }, { kind: 'book', content: 1 }]) {
      expect((await post(`${url}/api/v1/documents`, body)).status).toBe(400);
    }
  });

  test('keeps the files it names', async () => {
    const { put, store } = await saved();
    const hash = createHash('sha256').update(PNG).digest('hex');
    await store.put('blob', hash, PNG, { ttlMs: 60_000 });
    await put({ image: `/blobs/${hash}/a.png` }, '"1"');
    expect(await store.get('blob', hash)).not.toHaveProperty('expiresAt');
  });
});
