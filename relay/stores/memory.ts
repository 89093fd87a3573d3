/** Values in this process's memory: gone with it. */
import { LRUCache } from 'lru-cache';
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

/** What an entry takes besides its value, bytes, roughly. */
const OVERHEAD_BYTES = 256;

const sizeOf = (stored: Stored, key: string): number => stored.value.length + key.length + OVERHEAD_BYTES;

/** A `Store` of bounded size: the results and blobs that were used least recently give way; documents are refused. */
export class MemoryStore implements Store {
  readonly name = 'memory';
  readonly #values: Readonly<Record<Exclude<Kind, 'document'>, LRUCache<string, Stored>>>;
  readonly #documents = new Map<string, Stored>();
  readonly #maxDocumentBytes: number;
  #documentBytes = 0;

  /** @param maxBytes at most this much: half for results, a quarter each for blobs and documents */
  constructor(maxBytes: number) {
    const bounded = (share: number): LRUCache<string, Stored> =>
      new LRUCache({ maxSize: Math.max(1, Math.floor(maxBytes * share)), sizeCalculation: sizeOf });
    this.#values = { result: bounded(0.5), blob: bounded(0.25) };
    this.#maxDocumentBytes = maxBytes * 0.25;
  }

  get(kind: Kind, key: string): Promise<Stored | undefined> {
    const stored = kind === 'document' ? this.#documents.get(key) : this.#values[kind].get(key);
    if (stored === undefined || isExpired(stored, Date.now())) return Promise.resolve(undefined);
    return Promise.resolve(stored);
  }

  put(kind: Kind, key: string, value: Uint8Array, options: PutOptions = {}): Promise<void> {
    return attempt(() => this.#put(kind, key, value, options));
  }

  create(key: string, value: Uint8Array): Promise<boolean> {
    return attempt(() => {
      if (this.#documents.has(key)) return false;
      this.#put('document', key, value, {});
      return true;
    });
  }

  delete(kind: Kind, key: string): Promise<void> {
    if (kind === 'document') this.#forgetDocument(key);
    else this.#values[kind].delete(key);
    return Promise.resolve();
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the interface is for stores that wait
  async *entries(kind: Kind): AsyncIterable<StoredEntry> {
    const all = kind === 'document' ? this.#documents : this.#values[kind];
    for (const [key, stored] of [...all.entries()]) {
      if (!isExpired(stored, Date.now())) yield { kind, key, ...stored };
    }
  }

  sweep(): Promise<number> {
    let count = 0;
    for (const kind of KINDS) {
      if (kind === 'document') continue;
      for (const [key, stored] of [...this.#values[kind].entries()]) {
        if (isExpired(stored, Date.now()) && this.#values[kind].delete(key)) count += 1;
      }
    }
    return Promise.resolve(count);
  }

  stats(): StoreStats {
    const { result, blob } = this.#values;
    const bytes = result.calculatedSize + blob.calculatedSize + this.#documentBytes;
    return { name: this.name, isUp: true, bytes };
  }

  close(): Promise<void> {
    for (const values of Object.values(this.#values)) values.clear();
    this.#documents.clear();
    this.#documentBytes = 0;
    return Promise.resolve();
  }

  #put(kind: Kind, key: string, value: Uint8Array, { ttlMs }: PutOptions): void {
    checkEntry(kind, key, value);
    const writtenAt = Date.now();
    const stored: Stored = {
      value: Buffer.from(value),
      writtenAt,
      ...(ttlMs !== undefined && { expiresAt: writtenAt + ttlMs }),
    };
    if (kind !== 'document') {
      this.#values[kind].set(key, stored);
      return;
    }
    const before = this.#documents.get(key);
    const bytes =
      this.#documentBytes + sizeOf(stored, key) - (before === undefined ? 0 : sizeOf(before, key));
    if (bytes > this.#maxDocumentBytes) {
      throw new StoreError('full', 'There is no room for more documents.');
    }
    this.#documentBytes = bytes;
    this.#documents.set(key, stored);
  }

  #forgetDocument(key: string): void {
    const stored = this.#documents.get(key);
    if (stored === undefined) return;
    this.#documents.delete(key);
    this.#documentBytes -= sizeOf(stored, key);
  }
}

/** What `act` throws becomes a rejection. */
const attempt = <T>(act: () => T): Promise<T> => new Promise((resolve) => resolve(act()));
