import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { types, Client, type ClientOptions } from 'cassandra-driver';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { loadStoreSettings } from '../../relay/config/index.js';
import { CassandraStore } from '../../relay/stores/cassandra.js';
import type { CassandraOptions } from '../../relay/stores/cassandra-client.js';
import { openStore } from '../../relay/stores/open.js';
import { startCassandra, type Cassandra } from '../support/cassandra.js';
import { closeAfterAll } from '../support/cleanup.js';
import { silentLog } from '../support/relay.js';
import { storeContract } from './store.contract.js';

const cleanup = closeAfterAll();
let cassandra: Cassandra;
let store: CassandraStore;

const tls = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
const TLS = {
  ca: readFileSync(tls('ca.pem')),
  cert: readFileSync(tls('relay.pem')),
  key: readFileSync(tls('relay.key')),
  rejectUnauthorized: true,
};
const CREDENTIALS = { username: 'cassandra', password: 'cassandra' };

const optionsFor = (keyspace: string): CassandraOptions => ({
  contactPoints: cassandra.contactPoints,
  localDataCenter: 'dc1',
  keyspace,
  replication: 1,
  credentials: CREDENTIALS,
  tls: TLS,
  log: silentLog,
});

beforeAll(async () => {
  // All of this goes over TLS, with a certificate and an account: the node lets nobody else in.
  cassandra = await startCassandra(cleanup, 1, true);
  store = new CassandraStore(optionsFor('contract'));
  cleanup(() => store.close());
  await store.ready;
}, 240_000);

storeContract('Cassandra', () => store);

const rawClient = (options: Partial<ClientOptions>): Client => {
  const client = new Client({
    contactPoints: [...cassandra.contactPoints],
    localDataCenter: 'dc1',
    ...options,
  });
  onTestFinished(() => client.shutdown());
  return client;
};

const plainClient = async (): Promise<Client> => {
  const client = rawClient({ credentials: CREDENTIALS, sslOptions: TLS });
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

  test('is opened as the settings say, with an account and certificates, which the node asks for', async () => {
    const env = {
      CASSANDRA_CONTACT_POINTS: cassandra.contactPoints.join(','),
      CASSANDRA_KEYSPACE: 'contract',
      CASSANDRA_USERNAME: CREDENTIALS.username,
      CASSANDRA_PASSWORD: CREDENTIALS.password,
      CASSANDRA_TLS_CA: tls('ca.pem'),
      CASSANDRA_TLS_CERT: tls('relay.pem'),
      CASSANDRA_TLS_KEY: tls('relay.key'),
    };
    const opened = openStore(loadStoreSettings({ env }), silentLog);
    onTestFinished(() => opened.close());
    // It connects by itself, and until then it refuses.
    await expect
      .poll(
        () =>
          opened.put('result', 'by-settings', Buffer.from('a')).then(
            () => true,
            () => false,
          ),
        { timeout: 30_000 },
      )
      .toBe(true);
    expect((await store.get('result', 'by-settings'))?.value.toString()).toBe('a');

    const sslOptions = TLS;
    const refused: [string, Partial<ClientOptions>][] = [
      ['no TLS', { credentials: CREDENTIALS }],
      ['no account', { sslOptions }],
      ['a wrong password', { sslOptions, credentials: { ...CREDENTIALS, password: 'wrong' } }],
      ['no certificate', { credentials: CREDENTIALS, sslOptions: { ca: TLS.ca } }],
      [
        'a certificate of another authority',
        {
          credentials: CREDENTIALS,
          sslOptions: {
            ...TLS,
            cert: readFileSync(tls('stranger.pem')),
            key: readFileSync(tls('stranger.key')),
          },
        },
      ],
      [
        'a node of another authority',
        { credentials: CREDENTIALS, sslOptions: { ...TLS, ca: readFileSync(tls('other-ca.pem')) } },
      ],
    ];
    for (const [what, options] of refused) {
      await expect(rawClient(options).connect(), what).rejects.toThrow();
    }
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
