import { expect, onTestFinished, test } from 'vitest';
import { BridgePool } from '../../../../relay/bridges/pool.js';
import { MemoryStore } from '../../../../relay/stores/memory.js';
import { Janitor } from '../../../../relay/upkeep/janitor.js';
import { silentLog, startRelay } from '../../../support/relay.js';

function janitorOf(store: MemoryStore): Janitor {
  const janitor = new Janitor(store, silentLog);
  onTestFinished(() => {
    janitor.close();
    return store.close();
  });
  return janitor;
}

test('the janitor frees what is over, gives orphans a time, and shows its counts where operators look', async () => {
  const store = new MemoryStore(16_000_000);
  const janitor = janitorOf(store);
  for (const key of ['a', 'b']) await store.put('result', key, Buffer.from('x'), { ttlMs: 1 });
  await store.put('result', 'c', Buffer.from('x'), { ttlMs: 60_000 });
  await store.put('blob', 'd'.repeat(64), Buffer.from('x'));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await janitor.clean();
  const counts = { sweeps: 1, expired: 2, orphans: 1 };
  expect(janitor.counters).toEqual(counts);
  expect(await store.get('result', 'c')).toBeDefined();

  const relay = await startRelay(onTestFinished, new BridgePool(), { store, janitor });
  expect(await (await fetch(`${relay.url}/status`)).json()).toMatchObject({ upkeep: counts });
  const metrics = await (await fetch(`${relay.url}/metrics`)).text();
  expect(metrics).toMatch(/^sage_embed_store_expired_total 2$/m);
  expect(metrics).toMatch(/^sage_embed_store_orphans_total 1$/m);
});

test('the janitor survives a store that fails', async () => {
  const store = new MemoryStore(16_000_000);
  store.sweep = () => Promise.reject(new Error('no'));
  const janitor = janitorOf(store);
  await expect(janitor.clean()).resolves.toBeUndefined();
  expect(janitor.counters.sweeps).toBe(0);
});
