/**
 * A store that delays nobody: reads have a deadline, writes wait in a bounded queue, a dead store is left alone. Writes of one
 * name follow each other, and of those that wait only the newest is made.
 */
import type { Log } from '../observe/log.js';
import type { Kind, PutOptions, Store, Stored } from '../stores/store.js';
import { Breaker } from './breaker.js';

/** How long an answer may be held up by a look into the store, milliseconds. */
export const READ_DEADLINE_MS = 50;

/** How long one write may take before it counts as failed, milliseconds. */
const WRITE_DEADLINE_MS = 5_000;

/** Most writes that wait, and their bytes; the oldest give way. */
const MAX_QUEUED_WRITES = 1_000;
const MAX_QUEUED_BYTES = 67_108_864;

/** Writes under way at a time. */
const MAX_WRITING = 4;

interface Write {
  readonly kind: Kind;
  readonly key: string;
  /** Undefined: delete. */
  readonly value: Uint8Array | undefined;
  readonly options: PutOptions;
}

/** What one read came to. */
export type ReadOutcome = 'hit' | 'miss' | 'error' | 'timeout';

/** Counts since the start. */
export interface GuardCounters {
  readonly reads: number;
  readonly timeouts: number;
  readonly errors: number;
  /** Reads that were not made because the store is left alone. */
  readonly skipped: number;
  readonly writes: number;
  readonly dropped: number;
  readonly queued: number;
}

/** Nothing here ever rejects or throws. The store is closed by whoever opened it. */
export class GuardedStore {
  readonly store: Store;
  readonly #log: Log;
  readonly #reading = new Breaker();
  /** Of its own: a store that is full can be read. */
  readonly #keeping = new Breaker();
  /** By what they name, the oldest first. */
  readonly #queue = new Map<string, Write>();
  /** Names of what is being written. */
  readonly #underWay = new Set<string>();
  #queuedBytes = 0;
  #writing = 0;
  #resume: NodeJS.Timeout | undefined;
  #isClosed = false;
  #idle: (() => void)[] = [];
  #observer: ((outcome: ReadOutcome) => void) | undefined;
  readonly #counts = { reads: 0, timeouts: 0, errors: 0, skipped: 0, writes: 0, dropped: 0 };

  constructor(store: Store, log: Log) {
    this.store = store;
    this.#log = log.child({ store: store.name });
  }

  get counters(): GuardCounters {
    return { ...this.#counts, queued: this.#queue.size };
  }

  /** Tells `observer` of every read's end. */
  observe(observer: (outcome: ReadOutcome) => void): void {
    this.#observer = observer;
  }

  /** False while the store is left alone because it kept failing. */
  get isTrusted(): boolean {
    return !this.#reading.isOpen;
  }

  /** What there is, or undefined when there is none, or none was found in time. */
  get(kind: Kind, key: string, deadlineMs = READ_DEADLINE_MS): Promise<Stored | undefined> {
    if (!this.#reading.begin()) {
      this.#counts.skipped += 1;
      this.#observer?.('error');
      return Promise.resolve(undefined);
    }
    this.#counts.reads += 1;
    return new Promise((resolve) => {
      let isOver = false;
      const end = (stored: Stored | undefined, failure?: 'timeouts' | 'errors'): void => {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        if (failure === undefined) this.#reading.succeeded();
        else this.#failed(this.#reading, failure);
        this.#observer?.(failure === undefined ? (stored ? 'hit' : 'miss') : OUTCOMES[failure]);
        resolve(stored);
      };
      const timer = setTimeout(() => end(undefined, 'timeouts'), deadlineMs);
      attempt(() => this.store.get(kind, key)).then(
        (stored) => end(stored),
        (error: unknown) => {
          this.#log.debug({ err: error }, 'a read failed');
          end(undefined, 'errors');
        },
      );
    });
  }

  /** Writes some time later. */
  put(kind: Kind, key: string, value: Uint8Array, options: PutOptions = {}): void {
    this.#enqueue({ kind, key, value, options });
  }

  /** Deletes some time later. */
  delete(kind: Kind, key: string): void {
    this.#enqueue({ kind, key, value: undefined, options: {} });
  }

  /** Ends when no write waits or is under way, or `withinMs` have passed. */
  async settled(withinMs: number): Promise<void> {
    if (this.#queue.size === 0 && this.#writing === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#idle.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Gives up what waits. Idempotent. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#resume);
    this.#queue.clear();
    this.#queuedBytes = 0;
    this.#tellIdle();
  }

  #enqueue(write: Write): void {
    if (this.#isClosed) return;
    const name = nameOf(write);
    this.#take(name);
    this.#queue.set(name, write);
    this.#queuedBytes += write.value?.byteLength ?? 0;
    for (const oldest of this.#queue.keys()) {
      if (this.#queue.size <= MAX_QUEUED_WRITES && this.#queuedBytes <= MAX_QUEUED_BYTES) break;
      this.#take(oldest);
      this.#counts.dropped += 1;
    }
    // After whatever is being answered at this moment.
    setImmediate(() => this.#pump());
  }

  #pump(): void {
    while (this.#writing < MAX_WRITING && !this.#isClosed) {
      const name = this.#nextName();
      if (name === undefined) return;
      if (!this.#keeping.begin()) {
        this.#resume ??= setTimeout(() => {
          this.#resume = undefined;
          this.#pump();
        }, this.#keeping.restMs).unref();
        return;
      }
      const write = this.#take(name);
      if (write === undefined) return;
      this.#writing += 1;
      this.#underWay.add(name);
      void this.#write(write).finally(() => {
        this.#writing -= 1;
        this.#underWay.delete(name);
        this.#pump();
        this.#tellIdle();
      });
    }
  }

  /** The oldest that nobody writes at the moment. */
  #nextName(): string | undefined {
    for (const name of this.#queue.keys()) if (!this.#underWay.has(name)) return name;
    return undefined;
  }

  #take(name: string): Write | undefined {
    const write = this.#queue.get(name);
    this.#queue.delete(name);
    this.#queuedBytes -= write?.value?.byteLength ?? 0;
    return write;
  }

  async #write({ kind, key, value, options }: Write): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      await Promise.race([
        attempt(() =>
          value === undefined ? this.store.delete(kind, key) : this.store.put(kind, key, value, options),
        ),
        new Promise((_, reject) => {
          timer = setTimeout(() => reject(new Error('no answer in time')), WRITE_DEADLINE_MS);
        }),
      ]);
      this.#counts.writes += 1;
      this.#keeping.succeeded();
    } catch (error) {
      this.#counts.dropped += 1;
      this.#failed(this.#keeping, 'errors');
      this.#log.debug({ err: error, kind }, 'a write failed');
    } finally {
      clearTimeout(timer);
    }
  }

  #failed(breaker: Breaker, how: 'timeouts' | 'errors'): void {
    this.#counts[how] += 1;
    if (breaker.failed()) this.#log.warn('the store keeps failing and is left alone for a while');
  }

  #tellIdle(): void {
    if (this.#queue.size > 0 || this.#writing > 0) return;
    for (const tell of this.#idle.splice(0)) tell();
  }
}

const nameOf = ({ kind, key }: Write): string => `${kind} ${key}`;

const OUTCOMES = { timeouts: 'timeout', errors: 'error' } as const;

/** What `act` throws becomes a rejection. */
async function attempt<T>(act: () => Promise<T>): Promise<T> {
  return act();
}
