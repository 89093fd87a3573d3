/** Results of pure runs, kept in this process's memory and in a shared store behind it. */
import { LRUCache } from 'lru-cache';
import type { Log } from '../observe/log.js';
import type { DoneStatus } from '../protocol/index.js';
import type { Store, StoreName } from '../stores/store.js';
import { MAX_VALUE_BYTES } from '../stores/store.js';
import { blobsOf, decodeEntry, encodeEntry, outputsOf, withBlobs, type Entry, type Told } from './entry.js';
import { GuardedStore, READ_DEADLINE_MS, type GuardCounters, type ReadOutcome } from './guarded-store.js';
import type { SageIdentity } from './key.js';

/** How long results are kept: as long as the tables of the shared store hold their days. Milliseconds. */
const RESULT_TTL_MS = 2_592_000_000;
/** Failures of user code are cached shortly: the same code is the same failure, but people mend what failed. */
const ERROR_TTL_MS = 60_000;
/** Share by which times to live vary, so that what was computed together does not end together. */
const TTL_JITTER = 0.1;

/** Blobs outlive the results that name them. */
const BLOB_EXTRA_TTL_MS = 86_400_000;

/** Keys remembered for which runs turned out not to be pure: asking again for them is in vain. */
const MAX_IMPURE_KEYS = 10_000;
const IMPURE_TTL_MS = 600_000;

/** What a kept object takes besides its text, bytes, roughly. */
const OVERHEAD_BYTES = 1_024;

/** A result, and where it was found. */
export interface Hit {
  readonly entry: Entry;
  readonly from: StoreName;
}

/** What the end of a run says of whether it may be kept. */
export interface RunEnd {
  readonly status: DoneStatus;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly truncated: boolean;
  readonly pure?: boolean | undefined;
  readonly limit?: string | undefined;
  readonly expressions?: Entry['end']['expressions'];
  readonly unchanged?: boolean | undefined;
}

/** Counts since the start. */
export interface CacheCounters {
  readonly hits: Readonly<Record<StoreName, number>>;
  readonly misses: number;
  readonly kept: number;
  readonly corrupt: number;
  readonly memoryBytes: number;
  readonly memoryEntries: number;
  readonly store?: GuardCounters;
}

/** What a cache is made with. */
export interface ResultCacheOptions {
  /** Room in memory, bytes. */
  readonly memoryBytes: number;
  /** Behind the memory; closed by whoever opened it. */
  readonly store?: Store | undefined;
  readonly log: Log;
  /** A number from 0 (included) to 1 (excluded). @default Math.random */
  readonly random?: () => number;
}

/** True for a run that may be kept: it ended normally within its limits, and was seen to be pure. */
export const isKeepable = ({ status, truncated, pure, limit }: RunEnd): boolean =>
  (status === 'ok' || status === 'error') && pure === true && !truncated && limit === undefined;

/** Whoever makes one calls `close`. Nothing here rejects. */
export class ResultCache {
  /** The shared store; undefined when there is memory only. */
  readonly guarded: GuardedStore | undefined;
  readonly #memory: LRUCache<string, Entry>;
  readonly #impure = new LRUCache<string, true>({ max: MAX_IMPURE_KEYS, ttl: IMPURE_TTL_MS });
  readonly #random: () => number;
  #observer: ((layer: 'memory' | 'shared', outcome: ReadOutcome) => void) | undefined;
  readonly #log: Log;
  readonly #counts = { misses: 0, kept: 0, corrupt: 0 };
  readonly #hits = { memory: 0, lmdb: 0, cassandra: 0 };

  constructor({ memoryBytes, store, log, random = Math.random }: ResultCacheOptions) {
    this.#memory = new LRUCache({ maxSize: memoryBytes, sizeCalculation: sizeOf });
    this.guarded = store && new GuardedStore(store, log);
    this.#random = random;
    this.#log = log;
  }

  get counters(): CacheCounters {
    return {
      hits: { ...this.#hits },
      ...this.#counts,
      memoryBytes: this.#memory.calculatedSize,
      memoryEntries: this.#memory.size,
      ...(this.guarded && { store: this.guarded.counters }),
    };
  }

  /** Tells `observer` of every look into memory and into the shared store. */
  observe(observer: (layer: 'memory' | 'shared', outcome: ReadOutcome) => void): void {
    this.#observer = observer;
    this.guarded?.observe((outcome) => observer('shared', outcome));
  }

  /** What this process remembers, at once. */
  recall(key: string): Hit | undefined {
    const entry = this.#memory.get(key);
    const isFresh = entry !== undefined && !this.#isStale(entry);
    this.#observer?.('memory', isFresh ? 'hit' : 'miss');
    if (!isFresh) {
      this.#memory.delete(key);
      return undefined;
    }
    this.#hits.memory += 1;
    return { entry, from: 'memory' };
  }

  /** What there is anywhere, within the deadline of the store. */
  async find(key: string): Promise<Hit | undefined> {
    return this.recall(key) ?? this.search(key);
  }

  /** What the shared store has, within its deadline. For who has asked `recall`. */
  async search(key: string): Promise<Hit | undefined> {
    const hit = await this.#fetch(key);
    if (hit === undefined) this.#counts.misses += 1;
    return hit;
  }

  /** Keeps what a run came to, if it may be kept. @returns true if it was */
  keep(key: string, identity: SageIdentity, told: readonly Told[], end: RunEnd): boolean {
    if (!isKeepable(end)) return false;
    const { status, wallMs, cpuMs, expressions, unchanged } = end;
    if (status !== 'ok' && status !== 'error') return false;
    const createdAt = Date.now();
    const ttlMs = Math.round(
      (status === 'ok' ? RESULT_TTL_MS : ERROR_TTL_MS) * (1 - TTL_JITTER + 2 * TTL_JITTER * this.#random()),
    );
    const entry: Entry = {
      sage: identity.sage,
      fingerprint: identity.fingerprint,
      createdAt,
      expiresAt: createdAt + ttlMs,
      end: {
        status,
        wallMs,
        cpuMs,
        ...(expressions !== undefined && { expressions }),
        ...(unchanged === true && { unchanged }),
      },
      ...outputsOf(told),
    };
    const { value, blobs } = encodeEntry(entry);
    if (value.length > MAX_VALUE_BYTES.result) return false;
    if ([...blobs.values()].some((bytes) => bytes.length > MAX_VALUE_BYTES.blob)) return false;
    this.#memory.set(key, entry);
    this.#counts.kept += 1;
    for (const [hash, bytes] of blobs) {
      this.guarded?.put('blob', hash, bytes, { ttlMs: RESULT_TTL_MS + BLOB_EXTRA_TTL_MS });
    }
    this.guarded?.put('result', key, value, { ttlMs });
    return true;
  }

  /** Runs of that key depend on more than the key: until this is forgotten nobody need look or wait for others. */
  noteImpure(key: string): void {
    this.#impure.set(key, true);
  }

  isKnownImpure(key: string): boolean {
    return this.#impure.has(key);
  }

  /** Forgets one result everywhere. */
  forget(key: string): void {
    this.#memory.delete(key);
    this.guarded?.delete('result', key);
  }

  /** Forgets everything that this process remembers. */
  clearMemory(): void {
    this.#memory.clear();
    this.#impure.clear();
  }

  close(): void {
    this.guarded?.close();
    this.#memory.clear();
  }

  async #fetch(key: string): Promise<Hit | undefined> {
    const { guarded } = this;
    if (guarded === undefined) return undefined;
    const startedAt = performance.now();
    const stored = await guarded.get('result', key);
    if (stored === undefined) return undefined;
    const marked = decodeEntry(stored.value);
    if (marked === undefined) {
      this.#dropCorrupt(key);
      return undefined;
    }
    if (this.#isStale(marked)) return undefined;
    const leftMs = Math.max(1, READ_DEADLINE_MS - (performance.now() - startedAt));
    const hashes = [...blobsOf(marked)];
    const found = await Promise.all(hashes.map((hash) => guarded.get('blob', hash, leftMs)));
    const blobs = new Map<string, Buffer>();
    hashes.forEach((hash, index) => {
      const bytes = found[index]?.value;
      if (bytes !== undefined) blobs.set(hash, bytes);
    });
    const entry = withBlobs(marked, blobs);
    if (entry === undefined) {
      // All of them came, and one is not what it is called.
      if (blobs.size === hashes.length) this.#dropCorrupt(key);
      return undefined;
    }
    this.#memory.set(key, entry);
    this.#hits[guarded.store.name] += 1;
    return { entry, from: guarded.store.name };
  }

  #dropCorrupt(key: string): void {
    this.#counts.corrupt += 1;
    this.#log.warn({ key }, 'a corrupt result is dropped');
    this.forget(key);
  }

  /**
   * Over, or so near to it that this reader renews it before all would have to: the nearer, and the longer it took to
   * compute, the likelier ("XFetch").
   */
  #isStale({ expiresAt, end }: Entry): boolean {
    return Date.now() - end.wallMs * Math.log(1 - this.#random()) >= expiresAt;
  }
}

function sizeOf(entry: Entry): number {
  let length = OVERHEAD_BYTES;
  for (const each of entry.outputs) {
    length += 64;
    if (each.kind === 'stream' || each.kind === 'prompt') length += each.text.length;
    else if (each.kind === 'display') {
      for (const [type, text] of Object.entries(each.data)) length += type.length + text.length;
    } else if (each.kind === 'error') length += each.message.length + each.traceback.length;
    else if (each.kind === 'file') length += each.name.length + (each.data?.length ?? 0);
  }
  return 2 * length;
}
