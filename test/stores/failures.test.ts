import { randomBytes } from 'node:crypto';
import { Client } from 'cassandra-driver';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ResultCache } from '../../relay/cache/result-cache.js';
import { Documents } from '../../relay/documents/documents.js';
import { CassandraStore } from '../../relay/stores/cassandra.js';
import type { Kind } from '../../relay/stores/store.js';
import { startCassandra, type Cassandra } from '../support/cassandra.js';
import { closeAfterAll } from '../support/cleanup.js';
import { startFakeBridge, type FakeBridge } from '../support/fake-bridge.js';
import { connectGreeted, type RawClient } from '../support/raw-client.js';
import { linkTo, silentLog, startRelay } from '../support/relay.js';

const cleanup = closeAfterAll();
const KEYSPACE = 'failures';
let cassandra: Cassandra;
let bridge: FakeBridge;
let store: CassandraStore;
/** What an answer takes with no store at all, milliseconds: the machine's share in every figure here. */
let plainMs: number;

const until = async (isTrue: () => Promise<boolean> | boolean, withinMs: number): Promise<number> => {
  const startedAt = performance.now();
  while (!(await isTrue())) {
    if (performance.now() - startedAt > withinMs) throw new Error(`not within ${String(withinMs)} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return performance.now() - startedAt;
};

const openStore = async (contactPoints = cassandra.contactPoints): Promise<CassandraStore> => {
  const opened = new CassandraStore({
    contactPoints,
    localDataCenter: 'dc1',
    keyspace: KEYSPACE,
    replication: 3,
    log: silentLog,
  });
  cleanup(() => opened.close());
  await opened.ready;
  return opened;
};

/** A relay that remembers nothing itself, so that every answer asks the store. */
async function relayOn(
  opened: CassandraStore | undefined,
): Promise<{ client: RawClient; cache: ResultCache }> {
  const cache = new ResultCache({ memoryBytes: 1, store: opened, log: silentLog });
  cleanup(() => cache.close());
  const relay = await startRelay(cleanup, await linkTo(cleanup, [bridge]), { cache });
  return { client: await connectGreeted(relay.url, cleanup), cache };
}

let count = 0;
/** Asks for a sum. @returns where the answer, which is right, came from and how long it took */
async function ask(client: RawClient, a: number): Promise<{ cached: string | false; ms: number }> {
  const execution = `e${String((count += 1))}`;
  const startedAt = performance.now();
  client.send({ type: 'execute', execution, code: `print(${String(a)}+1)` });
  const { cached, status } = await client.done(execution);
  const ms = performance.now() - startedAt;
  expect(status).toBe('ok');
  expect(client.stdout(execution)).toBe(`${String(a + 1)}\n`);
  return { cached, ms };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Asks for twenty sums. */
async function askMany(client: RawClient, from: number) {
  const answers = [];
  for (let a = from; a < from + 20; a += 1) answers.push(await ask(client, a));
  return {
    hits: answers.filter(({ cached }) => cached !== false).length,
    addedMs: median(answers.map(({ ms }) => ms)) - plainMs,
    mostMs: Math.max(...answers.map(({ ms }) => ms)),
  };
}

beforeAll(async () => {
  cassandra = await startCassandra(cleanup, 3);
  bridge = await startFakeBridge(cleanup);
  bridge.isPure = true;
  store = await openStore();
  const { client } = await relayOn(undefined);
  // One after the other, as what it is compared with.
  const times: number[] = [];
  for (let a = 90_000; a < 90_020; a += 1) times.push((await ask(client, a)).ms);
  plainMs = median(times);
}, 400_000);

/** Added by a store that does not answer: one deadline, and a busy machine's share. */
const DEADLINE_MS = 50;
const SLACK_MS = 100;

describe('a relay over three Cassandra nodes', () => {
  test('answers right with two of them killed, from the survivor, reads documents with one killed, and hits again when they are back', async () => {
    const { client, cache } = await relayOn(store);
    await askMany(client, 0);
    await cache.guarded?.settled(5_000);
    await until(async () => (await askMany(client, 0)).hits === 20, 30_000);
    const documents = new Documents(store);
    const { readCapability, editCapability } = await documents.create('cell', 'factor(2026)');

    const [, second, third] = cassandra.nodes;
    await third?.signal('SIGKILL');
    await until(
      async () => (await documents.load(readCapability).catch(() => undefined)) !== undefined,
      30_000,
    );
    expect((await documents.load(readCapability)).content).toBe('factor(2026)');
    await until(
      async () =>
        (await documents.save(editCapability, 'cell', 'factor(2027)').catch(() => undefined)) !== undefined,
      30_000,
    );
    const withTwo = await askMany(client, 0);
    expect(withTwo.addedMs).toBeLessThan(DEADLINE_MS + SLACK_MS);

    await second?.signal('SIGKILL');
    const atOnce = await askMany(client, 0);
    expect(atOnce.addedMs).toBeLessThan(DEADLINE_MS + SLACK_MS);
    // When the driver knows that they are gone every answer comes from the survivor.
    await until(async () => (await askMany(client, 0)).hits === 20, 30_000);
    await expect(documents.load(readCapability)).rejects.toMatchObject({ code: 'unavailable' });

    await Promise.all([second?.start(), third?.start()]);
    const backMs = await until(
      async () => (await documents.load(readCapability).catch(() => undefined)) !== undefined,
      30_000,
    );
    expect(backMs).toBeLessThan(30_000);
    expect((await documents.load(readCapability)).content).toBe('factor(2027)');
    await until(async () => (await askMany(client, 0)).hits === 20, 30_000);
  }, 240_000);

  test('answers right while all of them hang, and hits again when they go on', async () => {
    const { client, cache } = await relayOn(store);
    await askMany(client, 100);
    await cache.guarded?.settled(5_000);
    await Promise.all(cassandra.nodes.map((node) => node.signal('SIGSTOP')));
    const hung = await askMany(client, 100);
    await Promise.all(cassandra.nodes.map((node) => node.signal('SIGCONT')));
    expect(hung.hits).toBe(0);
    expect(hung.mostMs).toBeLessThan(plainMs + DEADLINE_MS + 4 * SLACK_MS);
    expect(hung.addedMs).toBeLessThan(DEADLINE_MS + SLACK_MS);
    await until(async () => (await askMany(client, 100)).hits === 20, 30_000);
  }, 90_000);

  test('answers right when what the store says is garbage, and mends it', async () => {
    const { client, cache } = await relayOn(store);
    await askMany(client, 200);
    await cache.guarded?.settled(5_000);
    const raw = new Client({
      contactPoints: [...cassandra.contactPoints],
      localDataCenter: 'dc1',
      keyspace: KEYSPACE,
    });
    onTestFinished(() => raw.shutdown());
    await raw.connect();
    const { rows } = await raw.execute('SELECT key, part FROM results');
    for (const row of rows) {
      await raw.execute(
        'UPDATE results SET value = ? WHERE key = ? AND part = 0',
        [randomBytes(300), row['key']],
        { prepare: true },
      );
    }
    const before = cache.counters.corrupt;
    expect((await askMany(client, 200)).hits).toBe(0);
    expect(cache.counters.corrupt - before).toBeGreaterThan(15);
    await cache.guarded?.settled(5_000);
    // On a busy machine a look may miss its deadline.
    await until(async () => (await askMany(client, 200)).hits === 20, 30_000);
  }, 60_000);

  test('answers right without waiting for a store that is ten seconds away', async () => {
    // The cluster's own answers, late.
    const slow = new Proxy(store, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        if (name !== 'get') return member.bind(target) as unknown;
        return async (kind: Kind, key: string) => {
          const found = await target.get(kind, key);
          await new Promise((resolve) => setTimeout(resolve, 10_000).unref());
          return found;
        };
      },
    });
    const { client } = await relayOn(slow);
    const answers = await askMany(client, 0);
    expect(answers.hits).toBe(0);
    expect(answers.addedMs).toBeLessThan(DEADLINE_MS + SLACK_MS);
  }, 60_000);
});
