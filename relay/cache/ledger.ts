/** What a session has run and what its reader was told, whoever runs it at the moment. */
import { LRUCache } from 'lru-cache';
import type { SessionEvent } from '../bridges/bridge.js';
import { lost, type DoneFields } from '../ends.js';
import type { ExecutionId, SessionId } from '../protocol/index.js';
import type { Entry } from './entry.js';
import type { ExecuteCommand } from './flight.js';
import { History } from './history.js';
import type { ResultCache } from './result-cache.js';
import { SessionJournal } from './session-journal.js';
import { dropRecord, writeRecord, type Ended, type SessionRecord } from './session-record.js';

/** Names of executions remembered that ended without a bridge: as many as a bridge remembers of its own. */
const MAX_REMEMBERED_EXECUTIONS = 1_000;

/** Executions that left the session as it was whose messages can be told again by another relay. */
const MAX_ASIDES = 16;

/** Made with a session; `emit` passes a message on to whoever listens. */
export class Ledger {
  readonly session: SessionId;
  readonly history = new History();
  readonly journal: SessionJournal;
  readonly emit: (event: SessionEvent) => void;
  readonly #cache: ResultCache;
  #asides: readonly Ended[] = [];
  #wasPublished = false;
  #isToPublish = false;
  /** Those whose end was told here, which no bridge knows. */
  readonly #ended = new LRUCache<ExecutionId, true>({ max: MAX_REMEMBERED_EXECUTIONS });

  constructor(session: SessionId, cache: ResultCache, emit: (event: SessionEvent) => void) {
    this.session = session;
    this.journal = new SessionJournal(session);
    this.emit = emit;
    this.#cache = cache;
  }

  /** Goes on where another relay's left off. */
  async restore(record: SessionRecord): Promise<void> {
    this.history.restore(record);
    this.#asides = record.asides;
    this.#wasPublished = true;
    for (const { execution } of [...record.history, ...record.asides]) this.#ended.set(execution, true);
    await this.journal.restore(record, (key) => this.#cache.find(key));
  }

  /** Says that the session is there, and again what came after number `after`. */
  reopen(after: number): void {
    this.emit({ type: 'opened', session: this.session, resumed: true, missed: this.journal.missed(after) });
    for (const event of this.journal.after(after)) this.emit(event);
  }

  /** Numbers a message, keeps it until it is acknowledged, and passes it on. */
  tell(fields: Readonly<Record<string, unknown>>): void {
    this.emit(this.journal.write(fields));
  }

  /** The end of an execution. */
  tellEnd(execution: ExecutionId, end: DoneFields): void {
    this.#ended.set(execution, true);
    this.tell({ type: 'done', execution, ...end });
  }

  /**
   * Its client asks for an execution, maybe again. One that ended here is not run a second time: its messages came or will
   * come. @returns true if it ended here
   */
  hasEnded(execution: ExecutionId): boolean {
    if (!this.#ended.has(execution)) return false;
    if (!this.journal.hasEndOf(execution)) {
      const end = lost(
        'duplicate-id',
        'It has run in this session, and what it came to is not known any more.',
      );
      this.emit({ type: 'done', session: this.session, execution, ...end });
    }
    return true;
  }

  /**
   * An execution ended, was pure, and its end has just been numbered; `after` is the number before its first. A frame that
   * left the session as it was is none of its history. Of other runs that is not believed: what is said of a run by its own
   * process must not count for histories that its code is no part of.
   */
  ran(
    command: ExecuteCommand,
    { status, unchanged }: Pick<Entry['end'], 'status' | 'unchanged'>,
    key: string,
    after: number,
  ): void {
    const { execution, frame } = command;
    const ended = { execution, key, after, lastSeq: this.journal.seq };
    if (frame !== undefined && unchanged === true) this.#asides = [...this.#asides, ended].slice(-MAX_ASIDES);
    else this.history.add({ ...ended, asked: command, status });
  }

  /** Messages up to `seq` have arrived. */
  release(seq: number): void {
    this.journal.release(seq);
    this.#asides = this.#asides.filter(({ lastSeq }) => lastSeq > seq);
  }

  /** The bridge that ran the latest of it is gone: what it numbered can't be told again, nor would another know their names. */
  forsake(): void {
    for (const { execution } of this.history.ran) this.#ended.set(execution, true);
    this.journal.forsake();
  }

  /** Lets other relays go on from here: once, however much is answered at this moment. */
  publish(): void {
    const { guarded } = this.#cache;
    if (guarded === undefined || this.#isToPublish) return;
    this.#wasPublished = true;
    this.#isToPublish = true;
    setImmediate(() => {
      if (!this.#isToPublish) return;
      this.#isToPublish = false;
      const { ran: history } = this.history;
      writeRecord(guarded, this.session, { history, asides: this.#asides, seq: this.journal.seq });
    });
  }

  /** What was published is true no longer. */
  withdraw(): void {
    const { guarded } = this.#cache;
    if (guarded !== undefined && this.#wasPublished) dropRecord(guarded, this.session);
    this.#wasPublished = false;
    this.#isToPublish = false;
  }
}
