/** Passes on what a bridge runs for a session, and keeps the results as long as they are anybody's. */
import type { Bridge, SessionCommand, SessionEvent, SessionListener } from '../bridges/bridge.js';
import { lost } from '../ends.js';
import type { ErrorCode, OfType } from '../protocol/index.js';
import type { Claim } from './claims.js';
import { toldBy, type Told } from './entry.js';
import { doneFromHit, type ExecuteCommand } from './flight.js';
import type { Ledger } from './ledger.js';
import { isKeepable, type ResultCache } from './result-cache.js';
import { Running, type Run } from './running.js';
import type { NumberedEvent } from './session-journal.js';

/** How long a broken link may take to come back before a session that can be built again is built elsewhere. */
const BACK_WITHIN_MS = 1_000;

const CLEAR: Told = { output: { kind: 'clear' } };

/** What it needs. */
export interface RealSessionOptions {
  /** Where the session stands as its history left it. */
  readonly bridge: Bridge;
  readonly ledger: Ledger;
  readonly cache: ResultCache;
  /** What others may share in. */
  readonly claim: Claim;
  /** Who hears what is not about executions. */
  readonly listener: () => SessionListener | undefined;
  /** The bridge is gone, and what these did with it; all before them is in the history. */
  readonly onGone: (runs: readonly Run[]) => void;
  readonly onClosed: (event: OfType<SessionEvent, 'closed'>) => void;
  readonly onTakenOver: () => void;
}

/** Listens from the making on, until it ends by itself or `leave`. */
export class RealSession implements SessionListener {
  readonly bridge: Bridge;
  readonly #options: RealSessionOptions;
  readonly #ledger: Ledger;
  readonly #running = new Running();
  /** True from the first execution on that is more than the history. */
  #hasRun = false;
  /** Number of the latest end. */
  #endedAt: number;
  #backTimer: NodeJS.Timeout | undefined;

  constructor(options: RealSessionOptions) {
    this.bridge = options.bridge;
    this.#options = options;
    this.#ledger = options.ledger;
    this.#endedAt = options.ledger.journal.seq;
    this.bridge.listen(this.#ledger.session, this);
  }

  send(command: SessionCommand): boolean {
    if (command.type === 'ack') this.#ledger.release(command.seq);
    if (command.type === 'execute' && this.#ledger.history.isPure) {
      if (command.frame !== undefined && this.#answer(command)) return true;
      // What was published of it is true until now, and whoever comes for it meanwhile builds it from that.
      if (!this.#hasRun) this.#ledger.withdraw();
      this.#hasRun = true;
      this.#running.begin(command);
      const key = this.#shareable();
      if (key !== undefined) this.#options.claim.take(key);
    }
    // Nobody waits for a reader who does not read.
    if (command.type === 'hold' && command.isHeld) this.#options.claim.end('gone');
    if (command.type !== 'execute' || !this.#running.has(command.execution)) return this.bridge.send(command);
    // While the link is broken what runs waits: it is said when that is back, or begun anew elsewhere.
    if (this.#backTimer === undefined) this.#say(command);
    return true;
  }

  /** Has the bridge run what has begun here; what it has no room for ends. */
  #say(command: ExecuteCommand): void {
    if (this.bridge.send(command)) return;
    this.#running.take(command.execution);
    this.#options.claim.end('gone', this.#shareable());
    const { session } = this.#ledger;
    // The bridge numbers, and this is none of its messages.
    this.#ledger.emit({ type: 'done', session, execution: command.execution, ...lost('busy') });
  }

  /**
   * A frame that is known and leaves the session as it is needs no worker. What is told of it has no number, since the bridge
   * numbers: it can't be told again, so that it begins with nothing when its client asks a second time.
   * @returns false if it must be run
   */
  #answer(command: ExecuteCommand): boolean {
    // What runs now may change the session.
    if (command.cache === 'bypass' || this.#running.first !== undefined) return false;
    const key = this.#ledger.history.keyOf(this.bridge.facts, command);
    const hit = key === undefined ? undefined : this.#options.cache.recall(key);
    if (key === undefined || hit?.entry.end.unchanged !== true) return false;
    const ofIt = { session: this.#ledger.session, execution: command.execution };
    for (const each of [CLEAR, ...toldBy(hit.entry)]) this.#ledger.emit({ type: 'output', ...ofIt, ...each });
    this.#ledger.emit({ type: 'done', ...ofIt, ...doneFromHit(hit, key) });
    return true;
  }

  /** Does without the bridge. @returns false if nobody else knows what the session was */
  giveUp(): boolean {
    const { isPure } = this.#ledger.history;
    if (isPure) this.#gone();
    return isPure;
  }

  /** Idempotent. */
  leave(): void {
    clearTimeout(this.#backTimer);
    this.#backTimer = undefined;
    this.#options.claim.end('gone');
    this.bridge.unlisten(this.#ledger.session, this);
  }

  event(event: SessionEvent): void {
    switch (event.type) {
      case 'opened':
        this.#reattached(event);
        return;
      case 'closed':
        if (this.#isNoLoss(event)) {
          // It is kept there no longer, and its name is free.
          if (event.seq !== undefined)
            this.bridge.send({ type: 'ack', session: event.session, seq: event.seq });
          this.#gone();
        } else {
          this.leave();
          this.#options.onClosed(event);
        }
        return;
      case 'status':
      case 'output':
      case 'done':
        this.#ofExecution(event);
        return;
    }
  }

  refused(code: ErrorCode, message: string): void {
    this.#options.listener()?.refused(code, message);
  }

  down(final: boolean): void {
    if (!this.#ledger.history.isPure) this.#options.listener()?.down(final);
    else if (final) this.#gone();
    else this.#backTimer ??= setTimeout(() => this.#gone(), BACK_WITHIN_MS);
  }

  back(): void {
    if (this.#backTimer === undefined) {
      this.#options.listener()?.back();
      return;
    }
    clearTimeout(this.#backTimer);
    this.#backTimer = undefined;
    const { session, journal } = this.#ledger;
    this.bridge.send({ type: 'attach', session, after: journal.seq });
    for (const command of this.#running.commands()) this.#say(command);
  }

  takenOver(): void {
    this.leave();
    this.#options.onTakenOver();
  }

  /**
   * True if the session can be built again as it was: its bridge gives nobody back what may be there in part, and ends what
   * nobody uses for long.
   */
  #isNoLoss({ reason }: OfType<SessionEvent, 'closed'>): boolean {
    return (reason === 'lost' && !this.#hasRun) || (reason === 'idle' && this.#ledger.history.isPure);
  }

  #gone(): void {
    this.leave();
    this.#options.onGone(this.#running.takeAll());
  }

  #ofExecution(event: NumberedEvent): void {
    const isNew = event.seq !== undefined && this.#ledger.journal.reached(event.seq);
    if (isNew && event.type === 'output') {
      this.#running.collect(event);
      if (event.output.kind === 'prompt') this.#options.claim.end('private');
    }
    const run = event.type === 'done' ? this.#running.take(event.execution) : undefined;
    const after = this.#endedAt;
    if (event.type === 'done') this.#endedAt = this.#ledger.journal.seq;
    if (event.type !== 'done' || run === undefined) {
      this.#ledger.emit(event);
      return;
    }
    const key = this.#settle(run, event, after);
    const isByItself = event.status === 'ok' || event.status === 'error' || event.limit !== undefined;
    this.#ledger.emit({ ...event, ...(key !== undefined && { key }) });
    this.#options.claim.end(key !== undefined ? 'kept' : isByItself ? 'private' : 'gone', this.#shareable());
  }

  /** Name of what runs now, if others may share in it. */
  #shareable(): string | undefined {
    const { first } = this.#running;
    const key = first && this.#ledger.history.keyOf(this.bridge.facts, first);
    return key !== undefined && !this.#options.cache.isKnownImpure(key) ? key : undefined;
  }

  /** @returns the result's name if it is kept */
  #settle({ command, told }: Run, end: OfType<SessionEvent, 'done'>, after: number): string | undefined {
    const { status } = end;
    // Taken out of the queue, or never let in: it has changed nothing.
    if ((status === 'interrupted' || status === 'lost') && end.wallMs === 0) return undefined;
    const { cache } = this.#options;
    const { facts } = this.bridge;
    const key = this.#ledger.history.keyOf(facts, command);
    const isNormal = status === 'ok' || status === 'error';
    if (!isKeepable(end) || !isNormal || key === undefined || facts === undefined) {
      if (key !== undefined && isNormal) cache.noteImpure(key);
      this.#ledger.history.spoil();
      this.#running.clear();
      return undefined;
    }
    const isKept = told !== undefined && cache.keep(key, facts, told, end);
    this.#ledger.ran(command, { status, unchanged: end.unchanged }, key, after);
    return isKept ? key : undefined;
  }

  /** Messages from before it became real are not the bridge's to replay. */
  #reattached(event: OfType<SessionEvent, 'opened'>): void {
    const own = event.missed > 0 ? this.#ledger.journal.before(event.missed) : [];
    this.#ledger.emit({ ...event, missed: event.missed - own.length });
    for (const each of own) this.#ledger.emit(each);
  }
}
