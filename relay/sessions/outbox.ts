/** What waits to be sent to one client: in order, but for what is urgent, and never dropped. */
import { MAX_FRAME_BYTES } from '../protocol/index.js';

/** Bytes handed to a transport beyond which output waits here: a transport may drop what exceeds its own bound. */
export const HIGH_WATER_BYTES = 262_144;

/** Bytes in a transport below which a client that was behind has caught up. */
export const LOW_WATER_BYTES = 65_536;

/** A client that took nothing for this long while output waits is gone or hostile. */
export const STALL_TIMEOUT_MS = 30_000;

/** Most that may wait for one client, UTF-16 code units: its sources are held back long before, so it is one large message and some. */
export const MAX_QUEUED_LENGTH = 2 * MAX_FRAME_BYTES;

/** Who wants to know how it goes. */
export interface OutboxWatcher {
  /** The client does not take what it is sent: its sources should be held back, until it does. */
  behind(isBehind: boolean): void;
  /** So much more, or less, waits; UTF-16 code units. */
  queued(delta: number): void;
}

/** Where it all goes. */
export interface OutboxTransport {
  /** Takes one message, whole. */
  put(text: string): void;
  /** Bytes that it holds. */
  readonly buffered: number;
}

/** Ends with `clear`. */
export class Outbox {
  readonly #watcher: OutboxWatcher;
  #urgent: string[] = [];
  #texts: string[] = [];
  #length = 0;
  #isBehind = false;
  #isFlushDue = false;
  #lastProgressAt = performance.now();

  constructor(watcher: OutboxWatcher) {
    this.#watcher = watcher;
  }

  get isEmpty(): boolean {
    return this.#texts.length === 0 && this.#urgent.length === 0;
  }

  /** True if nothing waits and the client is not behind: it may be thrown away. */
  get isIdle(): boolean {
    return this.isEmpty && !this.#isBehind;
  }

  /** True when output waits and the client has taken nothing of it for too long. */
  get isStalled(): boolean {
    return !this.isEmpty && performance.now() - this.#lastProgressAt > STALL_TIMEOUT_MS;
  }

  /**
   * @param isUrgent goes before all that is not, even to a client that is behind
   * @returns false if too much waits: the client must be let go
   */
  push(text: string, isUrgent: boolean): boolean {
    if (this.isEmpty) this.#lastProgressAt = performance.now();
    (isUrgent ? this.#urgent : this.#texts).push(text);
    this.#add(text.length);
    return this.#length <= MAX_QUEUED_LENGTH;
  }

  /** Has `flush` called when the present event is over: everything that it brings leaves in one write. */
  soon(flush: () => void): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    queueMicrotask(() => {
      this.#isFlushDue = false;
      flush();
    });
  }

  /** The transport has room again. */
  progressed(): void {
    this.#lastProgressAt = performance.now();
  }

  /**
   * Sends what may go.
   * @returns how many were sent
   */
  flush(to: OutboxTransport, highWater = HIGH_WATER_BYTES): number {
    let length = 0;
    const urgent = this.#urgent;
    if (urgent.length > 0) this.#urgent = [];
    for (const text of urgent) {
      to.put(text);
      length += text.length;
    }
    let sent = 0;
    for (const text of this.#texts) {
      if (to.buffered >= highWater) break;
      to.put(text);
      length += text.length;
      sent += 1;
    }
    if (sent === this.#texts.length) this.#texts = [];
    else this.#texts.splice(0, sent);
    this.#add(-length);
    if (this.#texts.length > 0) this.#setBehind(true);
    else if (this.#isBehind && to.buffered <= LOW_WATER_BYTES) this.#setBehind(false);
    return urgent.length + sent;
  }

  /** Forgets what waits. Idempotent. */
  clear(): void {
    this.#urgent = [];
    this.#texts = [];
    this.#add(-this.#length);
  }

  #add(length: number): void {
    if (length === 0) return;
    this.#length += length;
    this.#watcher.queued(length);
  }

  #setBehind(isBehind: boolean): void {
    if (this.#isBehind === isBehind) return;
    this.#isBehind = isBehind;
    this.#watcher.behind(isBehind);
  }
}
