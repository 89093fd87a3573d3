import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'node:http';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { BridgePool } from '../../../../relay/bridges/pool.js';
import { closeAfterAll } from '../../../support/cleanup.js';
import { startRelay, type RelayUnderTest } from '../../../support/relay.js';

const cleanup = closeAfterAll();
let relay: RelayUnderTest;

beforeAll(async () => {
  const dir = mkdtempSync(join(tmpdir(), 'assets-test-'));
  cleanup(() => rmSync(dir, { recursive: true, force: true }));
  const sdk = join(dir, 'sdk');
  const demo = join(dir, 'demo');
  mkdirSync(join(demo, 'deep'), { recursive: true });
  mkdirSync(sdk);
  writeFileSync(join(dir, 'secret.txt'), 'secret');
  writeFileSync(join(demo, 'index.html'), '<h1>start</h1>');
  writeFileSync(join(demo, 'deep', 'index.html'), '<h1>deep</h1>');
  writeFileSync(join(demo, '.hidden'), 'secret');
  writeFileSync(join(demo, 'a b é.txt'), 'named');
  symlinkSync(join(dir, 'secret.txt'), join(demo, 'link.txt'));
  symlinkSync(dir, join(demo, 'up'));
  writeFileSync(join(sdk, 'sage-embed.js'), 'entry');
  writeFileSync(join(sdk, 'sage-embed.js.gz'), gzipSync('entry'));
  writeFileSync(join(sdk, 'long.js'), 'long '.repeat(1_000));
  writeFileSync(join(sdk, 'editor-B7xY12aZ.js'), 'chunk');
  relay = await startRelay(cleanup, new BridgePool(), { sdkDir: sdk, demoDir: demo });
});

/** Sends the path as it is: `fetch` would clean it first. */
function raw(path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request(`${relay.url}/`, { path }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      );
    })
      .on('error', reject)
      .end();
  });
}

describe('static files', () => {
  test('a folder answers with its index page', async () => {
    expect(await (await fetch(`${relay.url}/`)).text()).toBe('<h1>start</h1>');
    expect(await (await fetch(`${relay.url}/demo/`)).text()).toBe('<h1>start</h1>');
    expect(await (await fetch(`${relay.url}/demo/deep/`)).text()).toBe('<h1>deep</h1>');
  });

  test('names may hold spaces and letters beyond ASCII', async () => {
    expect(await (await fetch(`${relay.url}/demo/a b é.txt`)).text()).toBe('named');
  });

  test.each([
    '/demo/../secret.txt',
    '/demo/%2e%2e/secret.txt',
    '/demo/..%2fsecret.txt',
    '/demo/..%5csecret.txt',
    '/demo/deep/../../secret.txt',
    '/demo//secret.txt',
    '/demo/%2fetc/passwd',
    '/demo//etc/passwd',
    '/demo/link.txt',
    '/demo/up/secret.txt',
    '/demo/.hidden',
    '/demo/a%00.txt',
    '/demo/%',
    '/sdk/../demo/index.html',
    '/demo/deep',
  ])('%s is not found', async (path) => {
    const { status, body } = await raw(path);
    expect(status).toBe(404);
    expect(body).not.toContain('secret');
  });

  test('the entry of the SDK is asked for again soon, a hashed chunk never', async () => {
    const entry = await fetch(`${relay.url}/sdk/sage-embed.js`);
    expect(entry.headers.get('cache-control')).toContain('max-age=300');
    const chunk = await fetch(`${relay.url}/sdk/editor-B7xY12aZ.js`);
    expect(chunk.headers.get('cache-control')).toContain('immutable');
  });

  test('the SDK can be loaded by pages of any site, with the right type', async () => {
    const { headers } = await fetch(`${relay.url}/sdk/sage-embed.js`);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('a compressed sibling is sent to whoever accepts it', async () => {
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const headers = { 'accept-encoding': 'gzip' };
      request(`${relay.url}/sdk/sage-embed.js`, { headers }, (response) => {
        expect(response.headers['content-encoding']).toBe('gzip');
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks)));
      })
        .on('error', reject)
        .end();
    });
    expect(gunzipSync(answer).toString()).toBe('entry');
  });

  test('text without such a sibling is compressed for whoever accepts it', async () => {
    const answer = await fetch(`${relay.url}/sdk/long.js`, { headers: { 'accept-encoding': 'br' } });
    expect(answer.headers.get('content-encoding')).toBe('br');
    expect(Number(answer.headers.get('content-length'))).toBeLessThan(1_000);
    expect(await answer.text()).toBe('long '.repeat(1_000));
    const plain = await fetch(`${relay.url}/sdk/long.js`, {
      headers: { 'accept-encoding': 'br;q=0, identity' },
    });
    expect(plain.headers.get('content-encoding')).toBeNull();
  });

  test('what has not changed is not sent again', async () => {
    const first = await fetch(`${relay.url}/sdk/sage-embed.js`);
    const headers = { 'if-none-match': first.headers.get('etag')! };
    const second = await fetch(`${relay.url}/sdk/sage-embed.js`, { headers, cache: 'no-store' });
    expect(second.status).toBe(304);
  });

  test('HEAD tells the length and sends nothing', async () => {
    const answer = await fetch(`${relay.url}/demo/index.html`, { method: 'HEAD' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-length')).toBe('14');
    expect(await answer.text()).toBe('');
  });
});

describe('other paths', () => {
  test('liveness is told even without a bridge, readiness is not', async () => {
    expect((await fetch(`${relay.url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${relay.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({ ready: false, reason: 'no bridge is ready' });
  });

  test('an unknown path is a plain 404', async () => {
    const answer = await fetch(`${relay.url}/nothing/here`);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toContain('text/plain');
  });
});
