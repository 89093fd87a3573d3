import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ResultCache } from '../../../../relay/cache/result-cache.js';
import { Documents } from '../../../../relay/documents/documents.js';
import { LmdbStore } from '../../../../relay/stores/lmdb.js';
import { MemoryStore } from '../../../../relay/stores/memory.js';
import type { Store } from '../../../../relay/stores/store.js';
import { exported, imported, purge, releaseOrphans, verify } from '../../../../relay/upkeep/upkeep.js';
import { silentLog } from '../../../support/relay.js';

const END = { status: 'ok', wallMs: 1, cpuMs: 1, truncated: false, pure: true } as const;
const SAGE = { sage: '10.8', fingerprint: 'f1' };
const IMAGE = randomBytes(9_000).toString('base64');
const keyOf = (index: number): string => String(index).padStart(43, 'k');

const memory = (): MemoryStore => {
  const store = new MemoryStore(64_000_000);
  onTestFinished(() => store.close());
  return store;
};

function lmdb(): LmdbStore {
  const dir = mkdtempSync(join(tmpdir(), 'upkeep-'));
  const store = new LmdbStore(dir, 64_000_000);
  onTestFinished(async () => {
    await store.close();
    rmSync(dir, { recursive: true });
  });
  return store;
}

const cacheOn = (store: Store): ResultCache => {
  const cache = new ResultCache({ memoryBytes: 1_000_000, store, log: silentLog });
  onTestFinished(() => cache.close());
  return cache;
};

/** Ten results, one of them with a picture, and a document. */
async function filled(store: Store) {
  const cache = cacheOn(store);
  for (let index = 0; index < 10; index += 1) {
    const sage = index < 3 ? { ...SAGE, sage: '9.5' } : SAGE;
    const text = { kind: 'stream', name: 'stdout', text: `${String(index)}\n` } as const;
    const picture = {
      kind: 'display',
      result: true,
      data: { 'text/plain': 'a plot', 'image/png': IMAGE },
    } as const;
    const told = (index === 9 ? [text, picture] : [text]).map((output) => ({ output }));
    cache.keep(keyOf(index), sage, told, END);
  }
  await cache.guarded?.settled(5_000);
  return new Documents(store).create('worksheet', { text: 'a worksheet' });
}

async function* all(lines: AsyncIterable<string>): AsyncIterable<string> {
  for await (const line of lines) yield line;
}

describe('a store as a whole', () => {
  test('moves from one kind of store to another with all it holds', async () => {
    const from = memory();
    const { readCapability } = await filled(from);
    const to = lmdb();
    expect(await imported(to, all(exported(from)))).toEqual({ result: 10, blob: 1, document: 2 });
    const back = memory();
    await imported(back, all(exported(to)));
    const hit = await cacheOn(back).find(keyOf(9));
    expect(hit?.entry.outputs[1]).toMatchObject({ data: { 'image/png': IMAGE } });
    expect((await new Documents(back).load(readCapability)).content).toEqual({ text: 'a worksheet' });
    expect((await verify(back)).defects).toEqual([]);
  });

  test('refuses a line that is none and names it', async () => {
    const lines = async function* () {
      await Promise.resolve();
      yield '{"kind": "result"}';
    };
    await expect(imported(memory(), lines())).rejects.toThrow(/^Line 1 is no line of an export/);
  });

  test('is found to be sound, or what is wrong in it is named and, on demand, deleted', async () => {
    const store = memory();
    await filled(store);
    expect(await verify(store)).toMatchObject({ entries: { result: 10, blob: 1, document: 2 }, defects: [] });
    await store.put('result', keyOf(1), randomBytes(200));
    for await (const { key } of store.entries('blob')) await store.put('blob', key, randomBytes(10));
    const { defects } = await verify(store, true);
    expect(defects.map(({ kind, problem }) => `${kind} ${problem}`).sort()).toEqual([
      'blob is not what its hash says',
      'result is corrupt',
    ]);
    const left = (await verify(store, true)).defects;
    expect(left.map(({ problem }) => problem.slice(0, 14))).toEqual(['names the file']);
    expect((await verify(store)).defects).toEqual([]);
  });

  test('loses the results of one Sage, or one result, when they are purged', async () => {
    const store = memory();
    await filled(store);
    expect(await purge(store, { sage: '9.5' })).toBe(3);
    expect(await purge(store, { key: keyOf(5) })).toBe(1);
    expect(await purge(store, { key: keyOf(5) })).toBe(0);
    expect((await verify(store)).entries.result).toBe(6);
    expect(await purge(store, { fingerprint: 'f1' })).toBe(6);
  });

  test('gives a time to files that no document names any more', async () => {
    const store = memory();
    await store.put('blob', 'a'.repeat(64), Buffer.from('named'));
    await store.put('blob', 'b'.repeat(64), Buffer.from('not named'));
    await new Documents(store).create('cell', `<img src="/blobs/${'a'.repeat(64)}/x.png">`);
    expect(await releaseOrphans(store)).toBe(1);
    expect(await store.get('blob', 'a'.repeat(64))).not.toHaveProperty('expiresAt');
    expect(await store.get('blob', 'b'.repeat(64))).toHaveProperty('expiresAt');
  });
});
