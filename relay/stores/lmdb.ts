/** Values in a file of this machine: the default of a relay that has no Cassandra. */
import { open, type Database, type RootDatabase } from 'lmdb';
import {
  checkEntry,
  isExpired,
  KINDS,
  StoreError,
  type Kind,
  type PutOptions,
  type Store,
  type Stored,
  type StoredEntry,
  type StoreStats,
} from './store.js';

/** Before each value: when it was written and when it is over (0: never), milliseconds since 1970 as doubles. */
const HEADER_BYTES = 16;

/** When it is full, the oldest results and blobs go until this share of the room is taken. */
const LOW_WATER = 0.9;

/** Entries looked at in one transaction, so that no reader waits long for the writer. */
const SWEEP_STEP = 500;

/** Codes of a write for which there is no room: EIO (of a write that was cut short), ENOSPC, EDQUOT, MDB_MAP_FULL. */
const NO_ROOM: ReadonlySet<number> = new Set([5, 28, 122, -30_792]);

/** How many of the oldest go at once when the disk is full: little is left to write down that they are gone. */
const LET_GO = 4;

/** Writes between two looks at how full it is. */
const LOOK_EVERY = 64;

/** When it was written, kind, key: what is oldest comes first. Documents are not in it: they never give way. */
type AgeKey = [number, string, string];

/**
 * A `Store` in one LMDB environment. Several processes of one machine may have the same one open. It survives
 * restarts; after a power cut the last moments may be missing, but never half an entry.
 */
export class LmdbStore implements Store {
  readonly name = 'lmdb';
  readonly #env: RootDatabase;
  readonly #values: Readonly<Record<Kind, Database<Buffer, string>>>;
  readonly #ages: Database<Buffer, AgeKey>;
  readonly #maxBytes: number;
  #writes = 0;
  #isEvicting = false;
  #isClosed = false;

  /**
   * @param path folder of the environment, made where it is missing
   * @param maxBytes room for keys and values; documents beyond it are refused, all else gives way
   * @throws Error when the folder can't be written
   */
  constructor(path: string, maxBytes: number) {
    // A batch of an event turn holds a promise of its own, which nobody hears when the disk is full.
    this.#env = open({ path, maxDbs: 8, noSubdir: false, eventTurnBatching: false });
    const binary = { encoding: 'binary' } as const;
    this.#values = {
      result: this.#env.openDB<Buffer, string>({ name: 'result', ...binary }),
      blob: this.#env.openDB<Buffer, string>({ name: 'blob', ...binary }),
      document: this.#env.openDB<Buffer, string>({ name: 'document', ...binary }),
    };
    this.#ages = this.#env.openDB<Buffer, AgeKey>({ name: 'age', ...binary });
    this.#maxBytes = maxBytes;
  }

  get(kind: Kind, key: string): Promise<Stored | undefined> {
    return attempt(() => {
      const bytes = this.#opened(kind).getBinary(key);
      const stored = bytes && decode(bytes);
      return stored === undefined || isExpired(stored, Date.now()) ? undefined : stored;
    });
  }

  async put(kind: Kind, key: string, value: Uint8Array, { ttlMs }: PutOptions = {}): Promise<void> {
    checkEntry(kind, key, value);
    const db = this.#opened(kind);
    if (kind === 'document') this.#refuseIfFull();
    const now = Date.now();
    const bytes = encode(value, now, ttlMs === undefined ? 0 : now + ttlMs);
    await this.#commit(() => {
      if (kind !== 'document') {
        this.#forgetAge(kind, key);
        settle(this.#ages.put([now, kind, key], Buffer.alloc(0)));
      }
      settle(db.put(key, bytes));
    });
    this.#writes += 1;
    if (this.#writes % LOOK_EVERY === 0 || value.byteLength > this.#maxBytes / 100) await this.#evict();
  }

  async create(key: string, value: Uint8Array): Promise<boolean> {
    checkEntry('document', key, value);
    const db = this.#opened('document');
    this.#refuseIfFull();
    return this.#told(
      db.ifNoExists(key, () => {
        settle(db.put(key, encode(value, Date.now(), 0)));
      }),
    );
  }

  async delete(kind: Kind, key: string): Promise<void> {
    const db = this.#opened(kind);
    await this.#commit(() => {
      this.#forgetAge(kind, key);
      settle(db.remove(key));
    });
  }

  async *entries(kind: Kind): AsyncIterable<StoredEntry> {
    let after = '';
    for (;;) {
      const keys = [
        ...this.#opened(kind).getKeys({ ...(after !== '' && { start: after }), limit: SWEEP_STEP + 1 }),
      ].filter((key) => key !== after);
      const last = keys.at(-1);
      if (last === undefined) return;
      for (const key of keys) {
        const stored = await this.get(kind, key);
        if (stored !== undefined) yield { kind, key, ...stored };
      }
      after = last;
    }
  }

  async sweep(): Promise<number> {
    let count = 0;
    for (const kind of KINDS) {
      let after = '';
      for (;;) {
        const db = this.#opened(kind);
        const keys = [...db.getKeys({ ...(after !== '' && { start: after }), limit: SWEEP_STEP + 1 })].filter(
          (key) => key !== after,
        );
        const last = keys.at(-1);
        if (last === undefined) break;
        const over = keys.filter((key) => {
          const bytes = db.getBinaryFast(key);
          return bytes !== undefined && (bytes.length < HEADER_BYTES || isExpired(times(bytes), Date.now()));
        });
        for (const key of over) await this.delete(kind, key);
        count += over.length;
        after = last;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    await this.#evict();
    return count;
  }

  stats(): StoreStats {
    return { name: this.name, isUp: !this.#isClosed, bytes: this.#isClosed ? 0 : this.#used() };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#env.close();
  }

  #opened(kind: Kind): Database<Buffer, string> {
    if (this.#isClosed) throw new StoreError('unavailable', 'The store is closed.');
    return this.#values[kind];
  }

  /** Within a transaction. */
  #forgetAge(kind: Kind, key: string): void {
    const before = this.#values[kind].getBinaryFast(key);
    if (before !== undefined && before.length >= HEADER_BYTES) {
      settle(this.#ages.remove([times(before).writtenAt, kind, key]));
    }
  }

  async #commit(write: () => void): Promise<void> {
    await this.#told(this.#env.transaction(write));
  }

  /** What can't be written is no defect of this program's: the disk may be full, and what is oldest gives way then. */
  async #told<T>(written: Promise<T>): Promise<T> {
    try {
      return await written;
    } catch (error) {
      const reason = await reasonOf(error);
      if (reason.code !== undefined && NO_ROOM.has(reason.code)) {
        void this.#makeRoom();
        throw new StoreError('full', `There is no room on the disk: ${reason.message}`, { cause: error });
      }
      throw new StoreError('unavailable', `It could not be written: ${reason.message}`, { cause: error });
    }
  }

  /** Lets the oldest go, once; their room is written to next. Never rejects. */
  async #makeRoom(): Promise<void> {
    if (this.#isEvicting || this.#isClosed) return;
    this.#isEvicting = true;
    try {
      await this.#drop([...this.#ages.getKeys({ limit: LET_GO })]);
    } catch {
      // Not even that can be written: the next write that fails tries again.
    } finally {
      this.#isEvicting = false;
    }
  }

  async #drop(oldest: readonly AgeKey[]): Promise<void> {
    const removal = this.#env.transaction(() => {
      for (const age of oldest) {
        settle(this.#ages.remove(age));
        const [, kind, key] = age;
        if (kind === 'result' || kind === 'blob') settle(this.#values[kind].remove(key));
      }
    });
    try {
      await removal;
    } catch (error) {
      const { message } = await reasonOf(error);
      throw new StoreError('unavailable', `It could not be freed: ${message}`, { cause: error });
    }
  }

  #used(): number {
    return [...Object.values(this.#values), this.#ages].reduce((sum, db) => {
      const stats = db.getStats() as Record<string, number>;
      const pages =
        (stats['treeBranchPageCount'] ?? 0) +
        (stats['treeLeafPageCount'] ?? 0) +
        (stats['overflowPages'] ?? 0);
      return sum + pages * (stats['pageSize'] ?? 4_096);
    }, 0);
  }

  #refuseIfFull(): void {
    if (this.#used() > this.#maxBytes) {
      void this.#evict().catch(() => undefined);
      // What gives way may be enough; what does not is documents.
      const documents = this.#values.document.getStats() as Record<string, number>;
      const pages = (documents['treeLeafPageCount'] ?? 0) + (documents['overflowPages'] ?? 0);
      if (pages * (documents['pageSize'] ?? 4_096) > this.#maxBytes * LOW_WATER) {
        throw new StoreError('full', 'There is no room for more documents.');
      }
    }
  }

  /** The oldest go until there is room again. */
  async #evict(): Promise<void> {
    if (this.#isEvicting) return;
    this.#isEvicting = true;
    try {
      if (this.#used() <= this.#maxBytes) return;
      while (!this.#isClosed && this.#used() > this.#maxBytes * LOW_WATER) {
        const oldest = [...this.#ages.getKeys({ limit: SWEEP_STEP / 10 })];
        if (oldest.length === 0) return;
        await this.#drop(oldest);
      }
    } finally {
      this.#isEvicting = false;
    }
  }
}

function encode(value: Uint8Array, writtenAt: number, expiresAt: number): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + value.byteLength);
  bytes.writeDoubleBE(writtenAt, 0);
  bytes.writeDoubleBE(expiresAt, 8);
  bytes.set(value, HEADER_BYTES);
  return bytes;
}

function times(bytes: Buffer): { writtenAt: number; expiresAt?: number } {
  const expiresAt = bytes.readDoubleBE(8);
  return { writtenAt: bytes.readDoubleBE(0), ...(expiresAt !== 0 && { expiresAt }) };
}

/** @returns undefined for what this program did not write */
function decode(bytes: Buffer): Stored | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  return { value: bytes.subarray(HEADER_BYTES), ...times(bytes) };
}

/** Part of a transaction, whose end tells of its failure. */
const settle = (part: Promise<unknown>): void => {
  part.catch(() => undefined);
};

/** Failed commits have their reason in a promise of its own, which must not be left alone. */
async function reasonOf(error: unknown): Promise<Error & { readonly code?: number }> {
  const { commitError } = error as { readonly commitError?: Promise<never> };
  try {
    await commitError;
  } catch (reason) {
    return reason as Error & { readonly code?: number };
  }
  return error as Error & { readonly code?: number };
}

/** What `act` throws becomes a rejection. */
const attempt = <T>(act: () => T): Promise<T> => new Promise((resolve) => resolve(act()));
