import { types, Client } from 'cassandra-driver';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { CassandraStore, type CassandraOptions } from '../../relay/stores/cassandra.js';
import { startCassandra, type Cassandra } from '../support/cassandra.js';
import { closeAfterAll } from '../support/cleanup.js';
import { silentLog } from '../support/relay.js';
import { storeContract } from './store.contract.js';

const cleanup = closeAfterAll();
let cassandra: Cassandra;
let store: CassandraStore;

const optionsFor = (keyspace: string): CassandraOptions => ({
  contactPoints: cassandra.contactPoints,
  localDataCenter: 'dc1',
  keyspace,
  replication: 1,
  log: silentLog,
});

beforeAll(async () => {
  cassandra = await startCassandra(cleanup, 1);
  store = new CassandraStore(optionsFor('contract'));
  cleanup(() => store.close());
  await store.ready;
}, 240_000);

storeContract('Cassandra', () => store);

const plainClient = async (): Promise<Client> => {
  const client = new Client({ contactPoints: [...cassandra.contactPoints], localDataCenter: 'dc1' });
  onTestFinished(() => client.shutdown());
  await client.connect();
  return client;
};

describe('the Cassandra store', () => {
  test('makes keyspace and tables once, with the compaction each kind of value wants', async () => {
    const stores = [new CassandraStore(optionsFor('made')), new CassandraStore(optionsFor('made'))];
    onTestFinished(() => Promise.all(stores.map((each) => each.close())).then(() => undefined));
    await Promise.all(stores.map((each) => each.ready));
    const client = await plainClient();
    const { rows } = await client.execute(
      "SELECT table_name, compaction, default_time_to_live FROM system_schema.tables WHERE keyspace_name = 'made'",
    );
    const tables = Object.fromEntries(
      rows.map((row) => [
        row['table_name'] as string,
        (row['compaction'] as { class: string }).class.split('.').at(-1),
      ]),
    );
    expect(tables).toMatchObject({
      results: 'TimeWindowCompactionStrategy',
      blobs: 'TimeWindowCompactionStrategy',
      documents: 'LeveledCompactionStrategy',
    });
    await expect(stores[0]?.put('result', 'a', Buffer.from('a'))).resolves.toBeUndefined();
  });

  test('refuses tables of a later version than it knows', async () => {
    const first = new CassandraStore(optionsFor('later'));
    await first.ready;
    await first.close();
    const client = await plainClient();
    await client.execute("UPDATE later.schema_version SET version = 99 WHERE id = 'schema'");
    const second = new CassandraStore(optionsFor('later'));
    onTestFinished(() => second.close());
    await expect(second.ready).rejects.toMatchObject({ code: 'newer-schema' });
    await expect(second.get('result', 'a')).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('keeps a long value in pieces and does not give back one that lacks a piece', async () => {
    await store.put('blob', 'in-pieces', Buffer.alloc(600_000, 7));
    const client = await plainClient();
    const { rowLength } = await client.execute("SELECT part FROM contract.blobs WHERE key = 'in-pieces'");
    expect(rowLength).toBe(3);
    await client.execute("DELETE FROM contract.blobs WHERE key = 'in-pieces' AND part = 1", [], {
      consistency: types.consistencies.one,
    });
    expect(await store.get('blob', 'in-pieces')).toBeUndefined();
  });

  test('gives results and blobs a time to live of the table’s rows', async () => {
    await store.put('result', 'with-ttl', Buffer.from('a'), { ttlMs: 3_600_000 });
    await store.put('blob', 'without-ttl', Buffer.from('a'));
    const client = await plainClient();
    const one = await client.execute("SELECT ttl(value) AS t FROM contract.results WHERE key = 'with-ttl'");
    expect((one.first() as unknown as { t: number }).t).toBeGreaterThan(3_500);
    const other = await client.execute(
      "SELECT ttl(value) AS t FROM contract.blobs WHERE key = 'without-ttl'",
    );
    expect((other.first() as unknown as { t: number | null }).t).toBeNull();
  });
});
