/** Where results, files and documents are kept. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checked, choice, flag, list, path, text, wholeNumber } from '../kind.js';
import { ROOT } from '../root.js';
import { optional, setting } from '../setting.js';

/** Behind the memory of the process. */
export const STORES = ['memory', 'lmdb', 'cassandra'] as const;

const CONTACT_FORM = 'a list of host or host:port';

const pemFile = checked(
  path,
  (file) => {
    try {
      return readFileSync(file, 'utf8').includes('-----BEGIN ');
    } catch {
      return false;
    }
  },
  'a readable PEM file',
);

export const stores = {
  cache: setting(
    flag,
    true,
    'keep results of pure runs and answer from them; `false` computes everything anew',
  ),
  cacheMemoryMb: setting(wholeNumber(1, 65_536), 64, 'memory for results in the process, MB'),
  store: optional(
    choice(STORES),
    'where results, files and documents are kept: `memory` (gone with the process), `lmdb` (a file of this machine), `cassandra` (a cluster that all relays share)',
    {
      fallbackDoc: '`cassandra` when `CASSANDRA_CONTACT_POINTS` is set, else `lmdb`',
    },
  ),
  storeDir: setting(path, join(ROOT, '.cache', 'store'), 'folder of the LMDB file', {
    fallbackDoc: '`.cache/store`',
  }),
  storeMaxMb: setting(
    wholeNumber(8, 1_048_576),
    1_024,
    'most that the LMDB file or the memory store may hold, MB; the oldest results give way, documents are refused beyond it',
  ),
  cassandraContactPoints: optional(
    list(text(/^[A-Za-z0-9.:_[\]-]+$/, CONTACT_FORM), CONTACT_FORM),
    'nodes of the cluster to begin with: `host` or `host:port`',
  ),
  cassandraDatacenter: setting(
    text(/^[A-Za-z0-9_-]{1,48}$/, 'the name of a data centre'),
    'dc1',
    'data centre of this relay: only its nodes are asked',
  ),
  cassandraKeyspace: setting(
    text(/^[a-z][a-z0-9_]{0,47}$/, '1 to 48 lower-case letters, digits and _'),
    'sage_embed',
    'keyspace; made where it is missing',
  ),
  cassandraReplication: setting(wholeNumber(1, 9), 3, 'copies of everything, when the keyspace is made'),
  cassandraUsername: optional(text(/^.{1,200}$/, 'a name'), 'account in the cluster'),
  cassandraPassword: optional(text(/^.{1,1000}$/, 'a password'), 'its password', { isSecret: true }),
  cassandraTlsCa: optional(
    pemFile,
    'PEM file of the authority that signed the certificates of the nodes: connects with TLS',
  ),
  cassandraTlsCert: optional(pemFile, 'PEM file of the certificate of this relay, where nodes ask for one'),
  cassandraTlsKey: optional(pemFile, 'PEM file of its key'),
};
