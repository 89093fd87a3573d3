/** Keyspace and tables in Cassandra, made where they are missing, and their version. */
import { types, type Client } from 'cassandra-driver';
import { StoreError, type Kind } from './store.js';

/** Seconds after which results and blobs that were given no shorter time are over: 30 days. */
const DEFAULT_TTL_S = 2_592_000;

/** What a keyspace is made with. */
export interface KeyspaceOptions {
  /** Lower-case letters, digits and `_`. */
  readonly keyspace: string;
  readonly localDataCenter: string;
  /** Copies of everything in this data centre. */
  readonly replication: number;
}

export const TABLES: Readonly<Record<Kind, string>> = {
  result: 'results',
  blob: 'blobs',
  document: 'documents',
};

/**
 * Values that are over disappear with the file of their day when each file holds one day: 30 windows.
 * A value that is deleted before (it was corrupt, or purged) must be known as such to every copy: within a day.
 */
const BY_TIME = `compaction = {'class': 'TimeWindowCompactionStrategy', 'compaction_window_unit': 'DAYS', 'compaction_window_size': 1}
  AND default_time_to_live = ${DEFAULT_TTL_S} AND gc_grace_seconds = 86400`;

const COLUMNS = `key text, part int, parts int, stamp text, written timestamp, expires timestamp, value blob,
  PRIMARY KEY (key, part)`;

/** Each brings the tables from the version of its place in the list to the next. Never changed, only added to. */
const STEPS: readonly ((keyspace: string) => readonly string[])[] = [
  (keyspace) => [
    `CREATE TABLE IF NOT EXISTS ${keyspace}.results (${COLUMNS}) WITH ${BY_TIME}`,
    `CREATE TABLE IF NOT EXISTS ${keyspace}.blobs (${COLUMNS}) WITH ${BY_TIME}`,
    `CREATE TABLE IF NOT EXISTS ${keyspace}.documents (${COLUMNS})
     WITH compaction = {'class': 'LeveledCompactionStrategy'}`,
  ],
];

/**
 * Idempotent; several relays may do it at once.
 * @throws StoreError `newer-schema` when the tables are of a later version of this program
 */
export async function prepareSchema(client: Client, options: KeyspaceOptions): Promise<void> {
  const { keyspace, localDataCenter, replication } = options;
  const known = {
    prepare: false,
    isIdempotent: true,
    consistency: types.consistencies.localOne,
    readTimeout: 10_000,
  };
  const change = { ...known, readTimeout: 30_000 };
  const there = await client.execute(
    'SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?',
    [keyspace],
    { ...known, prepare: true },
  );
  // An account that may not make keyspaces can use one that an administrator made.
  if (there.rowLength === 0) {
    await client.execute(
      `CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication = {'class': 'NetworkTopologyStrategy', '${localDataCenter}': ${replication}}`,
      [],
      change,
    );
  }
  const tables = await client.execute(
    'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?',
    [keyspace],
    { ...known, prepare: true },
  );
  if (!tables.rows.some((row) => row['table_name'] === 'schema_version')) {
    await client.execute(
      `CREATE TABLE IF NOT EXISTS ${keyspace}.schema_version (id text PRIMARY KEY, version int)`,
      [],
      change,
    );
  }
  const found = await client.execute(
    `SELECT version FROM ${keyspace}.schema_version WHERE id = 'schema'`,
    [],
    known,
  );
  const version = (found.first() as { version?: number } | null)?.version ?? 0;
  if (version > STEPS.length) {
    throw new StoreError(
      'newer-schema',
      `The tables in keyspace ${keyspace} are of version ${version}; this relay knows ${STEPS.length}. Update the relay.`,
    );
  }
  for (const step of STEPS.slice(version)) {
    for (const statement of step(keyspace)) await client.execute(statement, [], change);
  }
  if (version < STEPS.length) {
    await client.execute(
      `INSERT INTO ${keyspace}.schema_version (id, version) VALUES ('schema', ?)`,
      [STEPS.length],
      { ...known, prepare: true, consistency: types.consistencies.localQuorum },
    );
  }
}
