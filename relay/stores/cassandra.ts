/** Values in a Cassandra cluster, shared by all relays. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { types, type Client, type QueryOptions } from 'cassandra-driver';
import {
  newClient,
  READ_TIMEOUT_MS,
  RECONNECT_BASE_MS,
  RECONNECT_CAP_MS,
  type CassandraOptions,
} from './cassandra-client.js';
import { assemble, cut, type PartRow } from './cassandra-parts.js';
import { prepareSchema, TABLES } from './cassandra-schema.js';
import {
  checkEntry,
  isExpired,
  StoreError,
  type Kind,
  type PutOptions,
  type Store,
  type Stored,
  type StoredEntry,
  type StoreStats,
} from './store.js';

/** Where a quorum must agree and documents are at stake, and where nobody waits: for what is written. Milliseconds. */
const PATIENT_TIMEOUT_MS = 2_000;

/**
 * A `Store` over cassandra-driver. Connects by itself and goes on trying until `close`; before that, and while no node
 * can be reached, calls reject with `unavailable`. Results and blobs are read and written at LOCAL_ONE, documents at
 * LOCAL_QUORUM. Every statement is prepared and, `create` apart, may be repeated.
 */
export class CassandraStore implements Store {
  readonly name = 'cassandra';
  /** Ends when the tables are there for the first time; rejects only for a schema of a later version. */
  readonly ready: Promise<void>;
  readonly #options: CassandraOptions;
  readonly #abort = new AbortController();
  #client: Client | undefined;

  constructor(options: CassandraOptions) {
    this.#options = options;
    this.ready = this.#connect();
    this.ready.catch((error: unknown) => options.log.error({ err: error }, 'the shared store is not used'));
  }

  async get(kind: Kind, key: string): Promise<Stored | undefined> {
    const { rows } = await this.#execute(
      kind,
      `SELECT key, part, parts, stamp, written, expires, value FROM ${this.#table(kind)} WHERE key = ?`,
      [key],
    );
    const stored = assemble(rows as unknown as PartRow[]);
    return stored === undefined || isExpired(stored, Date.now()) ? undefined : stored;
  }

  async put(kind: Kind, key: string, value: Uint8Array, { ttlMs }: PutOptions = {}): Promise<void> {
    checkEntry(kind, key, value);
    const parts = cut(value);
    const now = Date.now();
    const stamp = randomUUID();
    // In whole seconds: `expires` says it exactly. 0 is for ever, and overrides the table's own.
    const ttl = ttlMs === undefined ? 0 : Math.ceil(ttlMs / 1_000) + 1;
    const write = (part: number): Promise<types.ResultSet> =>
      this.#execute(
        kind,
        `INSERT INTO ${this.#table(kind)} (key, part, parts, stamp, written, expires, value) VALUES (?, ?, ?, ?, ?, ?, ?) USING TTL ?`,
        [
          key,
          part,
          parts.length,
          stamp,
          new Date(now),
          ttlMs === undefined ? null : new Date(now + ttlMs),
          parts[part],
          ttl,
        ],
        { readTimeout: PATIENT_TIMEOUT_MS },
      );
    await Promise.all(parts.slice(1).map((_, index) => write(index + 1)));
    // The first part last: what it promises is there.
    await write(0);
  }

  async create(key: string, value: Uint8Array): Promise<boolean> {
    checkEntry('document', key, value);
    const result = await this.#execute(
      'document',
      `INSERT INTO ${this.#table('document')} (key, part, parts, stamp, written, value) VALUES (?, 0, 1, ?, ?, ?) IF NOT EXISTS`,
      [key, randomUUID(), new Date(), Buffer.from(value)],
      // Whether a broken attempt took place is unknown, so that it must not be repeated.
      { isIdempotent: false, serialConsistency: types.consistencies.localSerial },
    );
    return result.wasApplied();
  }

  async delete(kind: Kind, key: string): Promise<void> {
    await this.#execute(kind, `DELETE FROM ${this.#table(kind)} WHERE key = ?`, [key], {
      readTimeout: PATIENT_TIMEOUT_MS,
    });
  }

  async *entries(kind: Kind): AsyncIterable<StoredEntry> {
    const result = await this.#execute(
      kind,
      `SELECT key, part, parts, stamp, written, expires, value FROM ${this.#table(kind)}`,
      [],
      { autoPage: true, fetchSize: 20, readTimeout: 10_000 },
    );
    let rows: PartRow[] = [];
    const finish = (): StoredEntry | undefined => {
      const [first] = rows;
      const stored = assemble(rows);
      rows = [];
      if (first === undefined || stored === undefined || isExpired(stored, Date.now())) return undefined;
      return { kind, key: first.key, ...stored };
    };
    for await (const each of result as unknown as AsyncIterable<PartRow>) {
      if (rows[0] !== undefined && rows[0].key !== each.key) {
        const entry = finish();
        if (entry !== undefined) yield entry;
      }
      rows.push(each);
    }
    const entry = finish();
    if (entry !== undefined) yield entry;
  }

  /** Cassandra frees what is over by itself. */
  sweep(): Promise<number> {
    return Promise.resolve(0);
  }

  stats(): StoreStats {
    return { name: this.name, isUp: this.#client !== undefined };
  }

  async close(): Promise<void> {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort();
    await this.ready.catch(() => undefined);
    const client = this.#client;
    this.#client = undefined;
    await client?.shutdown();
  }

  #table(kind: Kind): string {
    return `${this.#options.keyspace}.${TABLES[kind]}`;
  }

  async #execute(
    kind: Kind,
    query: string,
    params: readonly unknown[],
    options: QueryOptions = {},
  ): Promise<types.ResultSet> {
    const client = this.#client;
    if (client === undefined) throw new StoreError('unavailable', 'No Cassandra node can be reached.');
    const isDocument = kind === 'document';
    try {
      return await client.execute(query, [...params], {
        prepare: true,
        isIdempotent: true,
        consistency: isDocument ? types.consistencies.localQuorum : types.consistencies.localOne,
        readTimeout: isDocument ? PATIENT_TIMEOUT_MS : READ_TIMEOUT_MS,
        fetchSize: 64,
        ...options,
      });
    } catch (error) {
      throw new StoreError('unavailable', `Cassandra did not do it: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  async #connect(): Promise<void> {
    const { log, contactPoints } = this.#options;
    const { signal } = this.#abort;
    for (let failures = 0; !signal.aborted; failures += 1) {
      const client = newClient(this.#options);
      try {
        await client.connect();
        await prepareSchema(client, this.#options);
        this.#client = client;
        log.info({ contactPoints }, 'the shared store is connected');
        return;
      } catch (error) {
        await client.shutdown().catch(() => undefined);
        if (error instanceof StoreError) throw error;
        log[failures % 20 === 0 ? 'warn' : 'debug'](
          { reason: (error as Error).message },
          'the shared store can not be reached',
        );
      }
      const waitMs = Math.min(RECONNECT_CAP_MS, RECONNECT_BASE_MS * 2 ** failures);
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
