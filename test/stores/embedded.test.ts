import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomBytes } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LmdbStore } from '../../relay/stores/lmdb.js';
import { MemoryStore } from '../../relay/stores/memory.js';
import type { Store } from '../../relay/stores/store.js';
import { closeAfterAll } from '../support/cleanup.js';
import { storeContract } from './store.contract.js';

const cleanup = closeAfterAll();

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'store-test-'));
  return dir;
}

const memory = new MemoryStore(64_000_000);
cleanup(() => memory.close());
storeContract('memory', () => memory);

const dir = folder();
const lmdb = new LmdbStore(dir, 64_000_000);
cleanup(async () => {
  await lmdb.close();
  rmSync(dir, { recursive: true });
});
storeContract('LMDB', () => lmdb);

const fill = async (store: Store, count: number): Promise<string[]> => {
  const names = Array.from({ length: count }, (_, index) => `n${String(index)}`);
  for (const name of names) await store.put('result', name, randomBytes(10_000));
  return names;
};

const held = async (store: Store, names: readonly string[]): Promise<boolean[]> =>
  Promise.all(names.map(async (name) => (await store.get('result', name)) !== undefined));

describe('a bounded store', () => {
  test('in memory lets go what was used least recently', async () => {
    const store = new MemoryStore(1_000_000);
    onTestFinished(() => store.close());
    const names = await fill(store, 30);
    await store.get('result', 'n0');
    for (let index = 0; index < 40; index += 1)
      await store.put('result', `m${String(index)}`, randomBytes(10_000));
    expect(store.stats().bytes).toBeLessThanOrEqual(1_000_000);
    const [first, second] = await held(store, names);
    expect([first, second]).toEqual([true, false]);
  });

  test('in LMDB lets go what was written first, and keeps documents', async () => {
    const dir = folder();
    const store = new LmdbStore(dir, 2_000_000);
    onTestFinished(async () => {
      await store.close();
      rmSync(dir, { recursive: true });
    });
    await store.put('document', 'd', Buffer.from('a document'));
    const names = await fill(store, 600);
    await store.sweep();
    expect(store.stats().bytes).toBeLessThanOrEqual(2_000_000);
    const there = await held(store, names);
    expect(there[0]).toBe(false);
    expect(there.at(-1)).toBe(true);
    expect((await store.get('document', 'd'))?.value.toString()).toBe('a document');
  });

  test('in memory refuses documents when it is full of them', async () => {
    const store = new MemoryStore(400_000);
    onTestFinished(() => store.close());
    await store.put('document', 'a', randomBytes(90_000));
    await expect(store.put('document', 'b', randomBytes(90_000))).rejects.toMatchObject({ code: 'full' });
    await store.delete('document', 'a');
    await store.put('document', 'b', randomBytes(90_000));
  });
});

/** A disk of 3 MB that only the command sees. */
const onSmallDisk = (dir: string, ...command: string[]) =>
  spawnSync(
    'unshare',
    ['-rm', 'sh', '-c', 'mount -t tmpfs -o size=3m tmpfs "$0" && exec "$@"', dir, ...command],
    { encoding: 'utf8', timeout: 60_000 },
  );

const whyNoSmallDisk = ((): string | undefined => {
  const dir = folder();
  const { status, stderr, error } = onSmallDisk(dir, 'true');
  rmSync(dir, { recursive: true });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
})();
if (whyNoSmallDisk !== undefined)
  console.log(`No disk can be mounted here: the test of a full one is left out (${whyNoSmallDisk}).`);

describe('the LMDB store', () => {
  test.skipIf(whyNoSmallDisk !== undefined)(
    'on a disk that is full says so, can be read, lets the oldest go and goes on',
    () => {
      const dir = folder();
      onTestFinished(() => rmSync(dir, { recursive: true }));
      const program = fileURLToPath(new URL('full-disk.mjs', import.meta.url));
      const { stdout, stderr } = onSmallDisk(dir, process.execPath, program, dir);
      const told = JSON.parse(stdout || JSON.stringify({ stderr })) as { written: number };
      expect(told).toMatchObject({
        end: 'full',
        readable: true,
        later: 'ok',
        oldestIsGone: true,
        unhandled: [],
      });
      expect(told.written).toBeGreaterThan(10);
    },
  );

  test('has after a restart what it had before, and rejects what is asked of it when it is closed', async () => {
    const dir = folder();
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const first = new LmdbStore(dir, 10_000_000);
    await first.put('result', 'a', Buffer.from('kept'), { ttlMs: 60_000 });
    await first.close();
    await expect(first.get('result', 'a')).rejects.toMatchObject({ code: 'unavailable' });
    const second = new LmdbStore(dir, 10_000_000);
    onTestFinished(() => second.close());
    expect((await second.get('result', 'a'))?.value.toString()).toBe('kept');
  });
});
