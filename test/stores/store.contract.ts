/** What every store must do, whatever it keeps values in. */
import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { MAX_VALUE_BYTES, StoreError, type Kind, type Store } from '../../relay/stores/store.js';

const KIND_NAMES: readonly Kind[] = ['result', 'blob', 'document'];

const until = async (isTrue: () => Promise<boolean>): Promise<void> => {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 20));
};

async function keysOf(store: Store, kind: Kind): Promise<Set<string>> {
  const keys = new Set<string>();
  for await (const { key } of store.entries(kind)) keys.add(key);
  return keys;
}

export function storeContract(name: string, opened: () => Store): void {
  describe(`the ${name} store`, () => {
    const key = (): string => randomUUID();
    const text = (stored: { value: Buffer } | undefined): string | undefined => stored?.value.toString();

    test.each(KIND_NAMES)('gives back a %s as it was put, with the time of writing', async (kind) => {
      const store = opened();
      const [name, value] = [key(), randomBytes(1_000)];
      const before = Date.now();
      await store.put(kind, name, value);
      const stored = await store.get(kind, name);
      expect(stored?.value.equals(value)).toBe(true);
      expect(stored?.writtenAt).toBeGreaterThanOrEqual(before);
      expect(stored?.writtenAt).toBeLessThanOrEqual(Date.now());
      expect(stored).not.toHaveProperty('expiresAt');
    });

    test('has nothing of what was never put, nor of the same key in another kind', async () => {
      const store = opened();
      const name = key();
      await store.put('result', name, Buffer.from('a'));
      expect(await store.get('result', key())).toBeUndefined();
      expect(await store.get('blob', name)).toBeUndefined();
    });

    test('keeps an empty value', async () => {
      const store = opened();
      const name = key();
      await store.put('result', name, Buffer.alloc(0));
      expect((await store.get('result', name))?.value).toHaveLength(0);
    });

    test.each(['result', 'blob'] as const)(
      'keeps the longest %s allowed, and refuses a longer one',
      async (kind) => {
        const store = opened();
        const [name, value] = [key(), randomBytes(MAX_VALUE_BYTES[kind])];
        await store.put(kind, name, value);
        expect((await store.get(kind, name))?.value.equals(value)).toBe(true);
        await expect(store.put(kind, key(), Buffer.concat([value, Buffer.of(1)]))).rejects.toMatchObject({
          name: 'StoreError',
          code: 'too-large',
        });
      },
    );

    test('puts a shorter value in place of a longer one', async () => {
      const store = opened();
      const name = key();
      await store.put('blob', name, randomBytes(700_000));
      await store.put('blob', name, Buffer.from('short'));
      expect(text(await store.get('blob', name))).toBe('short');
    });

    test('refuses a key that is no key', async () => {
      const store = opened();
      for (const bad of ['', 'a/b', 'é', 'x'.repeat(129)]) {
        const error: unknown = await store
          .put('result', bad, Buffer.of(1))
          .catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(StoreError);
        expect(error).toMatchObject({ code: 'bad-key' });
      }
    });

    test('forgets a value when its time is over, and not before', async () => {
      const store = opened();
      const name = key();
      await store.put('result', name, Buffer.from('soon over'), { ttlMs: 1_500 });
      const stored = await store.get('result', name);
      expect(stored?.expiresAt).toBe((stored?.writtenAt ?? 0) + 1_500);
      await until(async () => (await store.get('result', name)) === undefined);
      expect(Date.now()).toBeGreaterThanOrEqual(stored?.expiresAt ?? Infinity);
      await store.sweep();
      expect(await keysOf(store, 'result')).not.toContain(name);
    });

    test('a value put anew without a time is kept beyond the time it had', async () => {
      const store = opened();
      const name = key();
      await store.put('blob', name, Buffer.from('a'), { ttlMs: 1_000 });
      await store.put('blob', name, Buffer.from('a'));
      await new Promise((resolve) => setTimeout(resolve, 1_300));
      await store.sweep();
      expect(text(await store.get('blob', name))).toBe('a');
    });

    test.each(KIND_NAMES)(
      'forgets a %s that is deleted, and deletes what is not there without a word',
      async (kind) => {
        const store = opened();
        const name = key();
        await store.put(kind, name, Buffer.from('a'));
        await store.delete(kind, name);
        expect(await store.get(kind, name)).toBeUndefined();
        await store.delete(kind, name);
      },
    );

    test('of many who create the same document at once, one succeeds, and it is that one’s', async () => {
      const store = opened();
      const name = key();
      const made = await Promise.all(
        Array.from({ length: 5 }, (_, index) => store.create(name, Buffer.from(String(index)))),
      );
      expect(made.filter(Boolean)).toHaveLength(1);
      expect(text(await store.get('document', name))).toBe(String(made.indexOf(true)));
      expect(await store.create(name, Buffer.from('late'))).toBe(false);
    });

    test('lists all of a kind with their values', async () => {
      const store = opened();
      const names = Array.from({ length: 30 }, key);
      for (const name of names) await store.put('document', name, Buffer.from(`value of ${name}`));
      const found = new Map<string, string>();
      for await (const entry of store.entries('document')) found.set(entry.key, entry.value.toString());
      for (const name of names) expect(found.get(name)).toBe(`value of ${name}`);
    });
  });
}
