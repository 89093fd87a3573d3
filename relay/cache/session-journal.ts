/** Numbered messages of a session that no bridge keeps, until they are acknowledged. */
import type { SessionEvent } from '../bridges/bridge.js';

/** Most that is kept of one session, UTF-16 code units of JSON: what a bridge keeps. */
const MAX_LENGTH = 4_194_304;

interface Kept {
  readonly seq: number;
  readonly event: SessionEvent;
  readonly length: number;
}

export class SessionJournal {
  #kept: Kept[] = [];
  #length = 0;
  /** Up to here nothing is kept any more. */
  #gone = 0;

  write(seq: number, event: SessionEvent): void {
    const length = JSON.stringify(event).length;
    this.#kept.push({ seq, event, length });
    this.#length += length;
    while (this.#length > MAX_LENGTH) this.#drop();
  }

  /** Messages up to `seq` have arrived. */
  release(seq: number): void {
    while (this.#kept[0] !== undefined && this.#kept[0].seq <= seq) this.#drop();
  }

  /** Nothing up to `seq` can be told again. */
  forgetBefore(seq: number): void {
    this.release(seq);
    this.#gone = Math.max(this.#gone, seq);
  }

  /** How many messages after `after` are not kept, of a session that has come to number `last`. */
  missed(after: number, last: number): number {
    return Math.max(0, Math.min(this.#gone, last) - after);
  }

  after(seq: number): SessionEvent[] {
    return this.#kept.filter((each) => each.seq > seq).map(({ event }) => event);
  }

  /** The `count` messages before those that a bridge has, if all of them are kept. */
  before(count: number, last: number): SessionEvent[] {
    const own = this.#kept.filter(({ seq }) => seq <= last);
    return own.length >= count ? own.slice(-count).map(({ event }) => event) : [];
  }

  #drop(): void {
    const first = this.#kept.shift();
    if (first === undefined) return;
    this.#length -= first.length;
    this.#gone = first.seq;
  }
}
