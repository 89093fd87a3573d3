/** The one place where stores are chosen. */
import { readFileSync } from 'node:fs';
import type { Log } from '../observe/log.js';
import { CassandraStore } from './cassandra.js';
import { LmdbStore } from './lmdb.js';
import { MemoryStore } from './memory.js';
import type { Store, StoreName } from './store.js';

/** The settings of a store, as `Config` has them; see README for each one's meaning. */
export interface StoreSettings {
  readonly store: StoreName | undefined;
  readonly storeDir: string;
  readonly storeMaxMb: number;
  readonly cassandraContactPoints: readonly string[] | undefined;
  readonly cassandraDatacenter: string;
  readonly cassandraKeyspace: string;
  readonly cassandraReplication: number;
  readonly cassandraUsername: string | undefined;
  readonly cassandraPassword: string | undefined;
  readonly cassandraTlsCa: string | undefined;
  readonly cassandraTlsCert: string | undefined;
  readonly cassandraTlsKey: string | undefined;
}

const MB = 1_048_576;

const DEFAULT_CONTACT_POINTS = ['127.0.0.1'];

/**
 * Opens the store that the settings name; the caller closes it. A cluster that can't be reached is no error: it is
 * tried again until it can.
 * @throws Error when the folder of a file can't be written
 */
export function openStore(settings: StoreSettings, log: Log, name = chosen(settings)): Store {
  const maxBytes = settings.storeMaxMb * MB;
  switch (name) {
    case 'memory':
      return new MemoryStore(maxBytes);
    case 'lmdb':
      return new LmdbStore(settings.storeDir, maxBytes);
    case 'cassandra':
      return openCassandra(settings, log);
  }
}

/** Which store the settings name, and where that is, in a few words. */
export function placeOf(settings: StoreSettings): { readonly name: StoreName; readonly where: string } {
  const name = chosen(settings);
  const { storeDir, cassandraKeyspace, cassandraContactPoints } = settings;
  const where = {
    memory: 'the memory of the relay',
    lmdb: storeDir,
    cassandra: `${cassandraKeyspace} on ${(cassandraContactPoints ?? DEFAULT_CONTACT_POINTS).join(', ')}`,
  };
  return { name, where: where[name] };
}

const chosen = ({ store, cassandraContactPoints }: StoreSettings): StoreName =>
  store ?? (cassandraContactPoints === undefined ? 'lmdb' : 'cassandra');

function openCassandra(settings: StoreSettings, log: Log): CassandraStore {
  const { cassandraUsername: username, cassandraTlsCa: ca } = settings;
  const { cassandraTlsCert: cert, cassandraTlsKey: key } = settings;
  return new CassandraStore({
    contactPoints: settings.cassandraContactPoints ?? DEFAULT_CONTACT_POINTS,
    localDataCenter: settings.cassandraDatacenter,
    keyspace: settings.cassandraKeyspace,
    replication: settings.cassandraReplication,
    ...(username !== undefined && {
      credentials: { username, password: settings.cassandraPassword ?? '' },
    }),
    ...(ca !== undefined && {
      tls: {
        ca: readFileSync(ca),
        ...(cert !== undefined && { cert: readFileSync(cert) }),
        ...(key !== undefined && { key: readFileSync(key) }),
        rejectUnauthorized: true,
      },
    }),
    log,
  });
}
