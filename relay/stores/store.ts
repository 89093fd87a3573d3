/** What the relay asks of a place that keeps values. Met by `MemoryStore`, `LmdbStore` and `CassandraStore`. */

/** `result` of an execution · `blob` a file it made · `document` what readers saved. */
export const KINDS = ['result', 'blob', 'document'] as const;
export type Kind = (typeof KINDS)[number];

/** As `done.cached` names it. */
export type StoreName = 'memory' | 'lmdb' | 'cassandra';

/** Longest values, bytes: an output message fits into a blob; results and documents hold text and names of blobs. */
export const MAX_VALUE_BYTES: Readonly<Record<Kind, number>> = {
  result: 1_048_576,
  blob: 8_388_608,
  document: 1_048_576,
};

/** A value as it is kept. Times are milliseconds since 1970. */
export interface Stored {
  /** A copy: nobody changes it later. */
  readonly value: Buffer;
  readonly writtenAt: number;
  /** Absent for what is kept until it is deleted. */
  readonly expiresAt?: number;
}

/** A value and what it is called. */
export interface StoredEntry extends Stored {
  readonly kind: Kind;
  readonly key: string;
}

/** What an operator may want to know. */
export interface StoreStats {
  readonly name: StoreName;
  /** False while it can't be reached. */
  readonly isUp: boolean;
  /** Bytes held, where the store can tell at no cost. */
  readonly bytes?: number;
}

/** How to keep a value. */
export interface PutOptions {
  /** Milliseconds from now, above 0; without it the value is kept until it is deleted. */
  readonly ttlMs?: number;
}

/**
 * Values by kind and key. Keys are 1–128 of `A–Z a–z 0–9 . _ -`. Whoever opens a store closes it.
 * Every call may reject with `StoreError`, at any time and however late: callers bring their own deadlines.
 */
export interface Store {
  readonly name: StoreName;
  /** @returns undefined if there is none, or its time is over */
  get(kind: Kind, key: string): Promise<Stored | undefined>;
  /**
   * Keeps `value`, in place of what was there.
   * @throws StoreError `too-large` beyond `MAX_VALUE_BYTES`, `bad-key`, `full`, `unavailable`
   */
  put(kind: Kind, key: string, value: Uint8Array, options?: PutOptions): Promise<void>;
  /**
   * Keeps a document unless there is one of that key: of several who try at once, one succeeds.
   * @returns false if there was one
   * @throws StoreError as `put` does
   */
  create(key: string, value: Uint8Array): Promise<boolean>;
  /** Does nothing if there is none. */
  delete(kind: Kind, key: string): Promise<void>;
  /** All of a kind, in no order, as they are found; what changes meanwhile may be missed. */
  entries(kind: Kind): AsyncIterable<StoredEntry>;
  /** Frees what is over. @returns how many were freed, as far as that is known */
  sweep(): Promise<number>;
  stats(): StoreStats;
  /** Idempotent. */
  close(): Promise<void>;
}

/** Why a store did not do what it was asked. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: 'unavailable' | 'full' | 'too-large' | 'bad-key' | 'newer-schema';

  constructor(code: StoreError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** @throws StoreError if the key or the value's length is not allowed */
export function checkEntry(kind: Kind, key: string, value?: Uint8Array): void {
  if (!/^[A-Za-z0-9._-]{1,128}$/.test(key)) {
    throw new StoreError(
      'bad-key',
      `The key is ${JSON.stringify(key.slice(0, 40))}; allowed are 1 to 128 of A–Z a–z 0–9 . _ -`,
    );
  }
  const most = MAX_VALUE_BYTES[kind];
  if (value !== undefined && value.byteLength > most) {
    throw new StoreError('too-large', `A ${kind} may have ${most} bytes; this one has ${value.byteLength}.`);
  }
}

/** True when `stored` is over at `now`. */
export const isExpired = (stored: Pick<Stored, 'expiresAt'>, now: number): boolean =>
  stored.expiresAt !== undefined && stored.expiresAt <= now;
