import { randomBytes } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Breaker } from '../../../../relay/cache/breaker.js';
import { outputsOf, type Told } from '../../../../relay/cache/entry.js';
import { GuardedStore } from '../../../../relay/cache/guarded-store.js';
import { ResultCache, type RunEnd } from '../../../../relay/cache/result-cache.js';
import { put, type Output } from '../../../../relay/protocol/index.js';
import { MemoryStore } from '../../../../relay/stores/memory.js';
import { StoreError, type Store } from '../../../../relay/stores/store.js';
import { silentLog } from '../../../support/relay.js';

const END: RunEnd = { status: 'ok', wallMs: 1, cpuMs: 1, truncated: false, pure: true };
const SAGE = { sage: '10.8', fingerprint: 'f1' };
const TEXT = [{ output: { kind: 'stream', name: 'stdout', text: 'x\n' } }] as const;

const newStore = (): MemoryStore => {
  const store = new MemoryStore(64_000_000);
  onTestFinished(() => store.close());
  return store;
};

const cacheOn = (store: Store, random = (): number => 0.5): ResultCache => {
  const cache = new ResultCache({ memoryBytes: 1_000_000, store, log: silentLog, random });
  onTestFinished(() => cache.close());
  return cache;
};

const never = (): Promise<never> => new Promise(() => undefined);

/** A store of which some members are others. */
const but = (store: Store, members: Partial<Store>): Store =>
  new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(members, name) ?? Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });

describe('a result', () => {
  test.each<[string, Partial<RunEnd>]>([
    ['was not pure', { pure: false }],
    ['was not measured', { pure: undefined }],
    ['was cut off', { truncated: true }],
    ['met a limit', { status: 'error', limit: 'memory' }],
    ['ran out of time', { status: 'timeout', limit: 'wall' }],
    ['was killed', { status: 'killed' }],
    ['was stopped', { status: 'interrupted' }],
    ['was lost', { status: 'lost' }],
  ])('that %s is not kept', async (_, end) => {
    const cache = cacheOn(newStore());
    expect(cache.keep('k', SAGE, TEXT, { ...END, ...end })).toBe(false);
    expect(await cache.find('k')).toBeUndefined();
  });

  test('lives for thirty days, more or less; a failure for a minute', async () => {
    const store = newStore();
    for (const [key, status, seconds] of [
      ['ok', 'ok', 2_592_000],
      ['error', 'error', 60],
    ] as const) {
      const lives = new Set<number>();
      for (const random of [0, 0.5, 0.99]) {
        const cache = cacheOn(store, () => random);
        cache.keep(key, SAGE, TEXT, { ...END, status });
        await cache.guarded?.settled(1_000);
        const stored = await store.get('result', key);
        lives.add(Math.round(((stored?.expiresAt ?? 0) - (stored?.writtenAt ?? 0)) / 1_000));
      }
      expect(Math.min(...lives)).toBeGreaterThanOrEqual(seconds * 0.89);
      expect(Math.max(...lives)).toBeLessThanOrEqual(seconds * 1.11);
      expect(lives.size).toBe(3);
    }
  });

  test('that is nearly over is renewed by the one who draws the lot, the sooner the longer it took', async () => {
    const store = newStore();
    const unlucky = cacheOn(store, () => 1 - Number.EPSILON);
    const lucky = cacheOn(store, () => 0);
    lucky.keep('k', SAGE, TEXT, { ...END, status: 'error', wallMs: 2_000 });
    await lucky.guarded?.settled(1_000);
    expect(await lucky.find('k')).toBeDefined();
    expect(await unlucky.find('k')).toBeUndefined();
  });

  test('comes back from the store with its pictures, which lie there once', async () => {
    const store = newStore();
    const image = randomBytes(20_000).toString('base64');
    const outputs = [
      { kind: 'display', result: true, data: { 'text/plain': 'p', 'image/png': image } },
    ] as const;
    const cache = cacheOn(store);
    const told = outputs.map((output) => ({ output }));
    for (const key of ['a', 'b']) cache.keep(key, SAGE, told, END);
    await cache.guarded?.settled(1_000);
    const hit = await cacheOn(store).find('b');
    expect(hit).toMatchObject({ from: 'memory', entry: { outputs } });
    const blobs = [];
    for await (const { key } of store.entries('blob')) blobs.push(key);
    expect(blobs).toHaveLength(1);
  });

  test('is kept without what its code took back', () => {
    const told: Told[] = [];
    const add = (output: Output): void => put(told, { output });
    add({ kind: 'stream', name: 'stdout', text: 'a' });
    add({ kind: 'display', data: { 'text/plain': 'gone' }, result: false });
    add({ kind: 'retract' });
    expect(outputsOf(told)).toEqual({ outputs: [{ kind: 'stream', name: 'stdout', text: 'a' }] });
  });

  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['cut short', (bytes) => bytes.subarray(0, -3)],
    [
      'with a bit turned',
      (bytes) => Buffer.from(bytes.map((byte, index) => (index === 60 ? byte ^ 1 : byte))),
    ],
    ['replaced by noise', () => randomBytes(100)],
    ['emptied', () => Buffer.alloc(0)],
  ])('that the store gives back %s is none, and is deleted', async (_, hurt) => {
    const store = newStore();
    const cache = cacheOn(store);
    cache.keep('k', SAGE, TEXT, END);
    await cache.guarded?.settled(1_000);
    const stored = await store.get('result', 'k');
    await store.put('result', 'k', hurt(stored?.value ?? Buffer.alloc(0)));
    const reader = cacheOn(store);
    expect(await reader.find('k')).toBeUndefined();
    expect(reader.counters.corrupt).toBe(1);
    await reader.guarded?.settled(1_000);
    expect(await store.get('result', 'k')).toBeUndefined();
  });
});

describe('a store that', () => {
  test('hangs holds nobody up for longer than the deadline, and is soon left alone', async () => {
    const guarded = new GuardedStore(but(newStore(), { get: never }), silentLog);
    onTestFinished(() => guarded.close());
    const startedAt = performance.now();
    for (let index = 0; index < 20; index += 1) expect(await guarded.get('result', 'k')).toBeUndefined();
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    expect(guarded.counters).toMatchObject({ timeouts: 5, skipped: 15 });
    expect(guarded.isTrusted).toBe(false);
  });

  test('fails, throws or rejects, is as good as empty', async () => {
    for (const get of [
      () => Promise.reject(new Error('no')),
      (): never => {
        throw new Error('no');
      },
    ]) {
      const guarded = new GuardedStore(but(newStore(), { get }), silentLog);
      onTestFinished(() => guarded.close());
      expect(await guarded.get('result', 'k')).toBeUndefined();
    }
  });

  test('is slow is given what is written again and again once at a time, and last the latest', async () => {
    const seen: string[] = [];
    let under = 0;
    let most = 0;
    const slowly = async (what: string): Promise<void> => {
      under += 1;
      most = Math.max(most, under);
      await new Promise((resolve) => setTimeout(resolve, 20));
      seen.push(what);
      under -= 1;
    };
    const store = but(newStore(), {
      put: (_kind, key, value) => slowly(`${key} ${String(value[0])}`),
      delete: (_kind, key) => slowly(`${key} gone`),
    });
    const guarded = new GuardedStore(store, silentLog);
    onTestFinished(() => guarded.close());
    guarded.put('result', 'a', Buffer.of(1));
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (let number = 2; number < 50; number += 1) guarded.put('result', 'a', Buffer.of(number));
    await guarded.settled(1_000);
    expect(seen).toEqual(['a 1', 'a 49']);
    guarded.put('result', 'a', Buffer.of(50));
    await new Promise((resolve) => setTimeout(resolve, 5));
    guarded.put('result', 'a', Buffer.of(51));
    guarded.delete('result', 'a');
    await guarded.settled(1_000);
    expect(seen.slice(2)).toEqual(['a 50', 'a gone']);
    expect([most, guarded.counters.dropped]).toEqual([1, 0]);
  });

  test('takes no writes has the latest of them waiting, the oldest are dropped', async () => {
    const guarded = new GuardedStore(but(newStore(), { put: never }), silentLog);
    onTestFinished(() => guarded.close());
    for (let index = 0; index < 1_500; index += 1) guarded.put('result', `k${String(index)}`, Buffer.of(1));
    expect(guarded.counters).toMatchObject({ queued: 1_000, dropped: 500 });
    await guarded.settled(50);
    expect(guarded.counters.queued).toBeGreaterThan(900);
  });
});

describe('a store that is full', () => {
  test('is read on, and asked to take more only now and then', async () => {
    let puts = 0;
    const full = but(newStore(), {
      put: () => {
        puts += 1;
        return Promise.reject(new StoreError('full', 'no room'));
      },
    });
    await full.create('d', Buffer.from('x'));
    const guarded = new GuardedStore(full, silentLog);
    onTestFinished(() => guarded.close());
    for (let index = 0; index < 50; index += 1) guarded.put('result', `k${String(index)}`, Buffer.of(1));
    await guarded.settled(100);
    expect(puts).toBeLessThan(10);
    expect(guarded.isTrusted).toBe(true);
    expect((await guarded.get('document', 'd'))?.value.toString()).toBe('x');
  });
});

describe('a breaker', () => {
  test('opens after five failures in a row, lets one call try after a while, and closes when that succeeds', () => {
    let now = 0;
    const breaker = new Breaker(() => now);
    for (let index = 0; index < 4; index += 1) {
      expect(breaker.begin()).toBe(true);
      expect(breaker.failed()).toBe(false);
    }
    expect(breaker.begin()).toBe(true);
    expect(breaker.failed()).toBe(true);
    expect(breaker.begin()).toBe(false);
    now = 5_001;
    expect([breaker.begin(), breaker.begin()]).toEqual([true, false]);
    breaker.failed();
    expect(breaker.begin()).toBe(false);
    now = 10_002;
    expect(breaker.begin()).toBe(true);
    breaker.succeeded();
    expect([breaker.begin(), breaker.begin()]).toEqual([true, true]);
  });
});
