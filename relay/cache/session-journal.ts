/** Numbers the messages of a session that no bridge has, and keeps them until they are acknowledged. */
import type { SessionEvent } from '../bridges/bridge.js';
import type { ExecutionId, OfType, SessionId } from '../protocol/index.js';
import { toldBy } from './entry.js';
import { doneFromHit } from './flight.js';
import type { Hit } from './result-cache.js';
import type { Ended, SessionRecord } from './session-record.js';

/** Most that is kept of one session, UTF-16 code units of JSON: what a bridge keeps. */
const MAX_LENGTH = 4_194_304;

export type NumberedEvent = OfType<SessionEvent, 'status' | 'output' | 'done'>;

interface Kept {
  readonly seq: number;
  readonly event: SessionEvent;
  readonly length: number;
}

const inOrder = (...lists: readonly (readonly Ended[])[]): Ended[] =>
  lists.flat().sort((a, b) => a.lastSeq - b.lastSeq);

/** A bridge that takes the session over counts on from `seq`, and tells its numbers by `reached`. */
export class SessionJournal {
  readonly #session: SessionId;
  #seq = 0;
  #kept: Kept[] = [];
  #length = 0;
  /** Up to here nothing is kept any more. */
  #gone = 0;

  constructor(session: SessionId) {
    this.#session = session;
  }

  /** Number of the latest message, this one's or the bridge's. */
  get seq(): number {
    return this.#seq;
  }

  /** Makes a message of `fields` with the next number, and keeps it. */
  write(fields: Readonly<Record<string, unknown>>): NumberedEvent {
    this.#seq += 1;
    const event = { ...fields, session: this.#session, seq: this.#seq } as unknown as NumberedEvent;
    this.#keep(this.#seq, event);
    return event;
  }

  /** The bridge numbered a message. @returns false if its number was told before */
  reached(seq: number): boolean {
    if (seq <= this.#seq) return false;
    this.#seq = seq;
    return true;
  }

  /** Who numbered the messages after the latest that is kept is gone, and they with it. */
  forsake(): void {
    if (this.#seq > (this.#kept.at(-1)?.seq ?? this.#gone)) this.#lose(this.#seq);
  }

  /** Messages up to `seq` have arrived. */
  release(seq: number): void {
    while (this.#kept[0] !== undefined && this.#kept[0].seq <= seq) this.#drop();
  }

  /** How many messages after `after` are not kept. */
  missed(after: number): number {
    return Math.max(0, Math.min(this.#gone, this.#seq) - after);
  }

  /** True if the end of that execution is kept. */
  hasEndOf(execution: ExecutionId): boolean {
    return this.#kept.some(({ event }) => event.type === 'done' && event.execution === execution);
  }

  after(seq: number): SessionEvent[] {
    return this.#kept.filter((each) => each.seq > seq).map(({ event }) => event);
  }

  /** The `count` messages before those that a bridge has, if all of them are kept. */
  before(count: number): SessionEvent[] {
    const own = this.#kept.filter(({ seq }) => seq <= this.#seq);
    return own.length >= count ? own.slice(-count).map(({ event }) => event) : [];
  }

  /** Writes anew what was told of a history, as far as its results can be found. */
  async restore(
    { history, asides, seq }: SessionRecord,
    find: (key: string) => Promise<Hit | undefined>,
  ): Promise<void> {
    this.#seq = seq;
    let last = 0;
    for (const { execution, key, after, lastSeq } of inOrder(history, asides)) {
      const hit = await find(key);
      if (after > last) this.#lose(after);
      last = lastSeq;
      if (hit?.entry.outputs.length !== lastSeq - after - 1) {
        this.#lose(lastSeq);
        continue;
      }
      const session = this.#session;
      for (const [index, told] of toldBy(hit.entry).entries()) {
        const number = after + index + 1;
        this.#keep(number, { type: 'output', execution, ...told, session, seq: number });
      }
      this.#keep(lastSeq, { type: 'done', execution, ...doneFromHit(hit, key), session, seq: lastSeq });
    }
    if (seq > last) this.#lose(seq);
  }

  /** Messages up to `seq` can't be had any more. */
  #lose(seq: number): void {
    this.release(seq);
    this.#gone = Math.max(this.#gone, seq);
  }

  #keep(seq: number, event: SessionEvent): void {
    const length = JSON.stringify(event).length;
    this.#kept.push({ seq, event, length });
    this.#length += length;
    while (this.#length > MAX_LENGTH) this.#drop();
  }

  #drop(): void {
    const first = this.#kept.shift();
    if (first === undefined) return;
    this.#length -= first.length;
    this.#gone = first.seq;
  }
}
