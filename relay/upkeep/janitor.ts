/** Cleans a store from time to time. */
import type { Log } from '../observe/log.js';
import type { UpkeepCounts } from '../observe/metrics.js';
import type { Store } from '../stores/store.js';
import { releaseOrphans } from './upkeep.js';

/** Between two cleanings, milliseconds; several relays do it at different times. */
const EVERY_MS = 3_600_000;
const JITTER = 0.2;

/**
 * Begins at once to wait; whoever makes one calls `close`. Files without a document are looked for in stores of this machine; in
 * a cluster that is a look through all of it, for an operator to order.
 */
export class Janitor {
  readonly #store: Store;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #counts = { sweeps: 0, expired: 0, orphans: 0 };

  constructor(store: Store, log: Log) {
    this.#store = store;
    this.#log = log;
    this.#wait();
  }

  get counters(): UpkeepCounts {
    return { ...this.#counts };
  }

  /** Cleans now. Never rejects. */
  async clean(): Promise<void> {
    try {
      const expired = await this.#store.sweep();
      const orphans = this.#store.name === 'cassandra' ? 0 : await releaseOrphans(this.#store);
      this.#counts = {
        sweeps: this.#counts.sweeps + 1,
        expired: this.#counts.expired + expired,
        orphans: this.#counts.orphans + orphans,
      };
      this.#log.debug({ expired, orphans }, 'the store is cleaned');
    } catch (error) {
      this.#log.warn({ err: error }, 'the store could not be cleaned');
    }
  }

  /** Idempotent. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(): void {
    const waitMs = EVERY_MS * (1 - JITTER + 2 * JITTER * Math.random());
    this.#timer = setTimeout(() => {
      void this.clean().then(() => {
        if (this.#timer !== undefined) this.#wait();
      });
    }, waitMs).unref();
  }
}
