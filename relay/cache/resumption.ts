/** Somebody attaches to a session: its bridge is asked first; what the bridge does not know the shared store may know. */
import type { Bridge, SessionCommand, SessionEvent, SessionListener } from '../bridges/bridge.js';
import type { ErrorCode, SessionId } from '../protocol/index.js';
import type { ResultCache } from './result-cache.js';
import type { Route } from './route.js';
import { readRecord, type SessionRecord } from './session-record.js';

/** What became of it; called once, with the commands that came meanwhile. */
export interface ResumptionEnd {
  found(record: SessionRecord, held: readonly SessionCommand[]): void;
  /** The bridge has it, or nobody has. */
  real(event: SessionEvent, held: readonly SessionCommand[]): void;
  /** Whoever attached has left. */
  abandoned(): void;
}

/** Commands kept until it is known to whom they are. */
const MAX_HELD = 256;

/** From `attach` to the first word about it. */
export class Resumption implements Route, SessionListener {
  readonly #cache: ResultCache;
  readonly #bridge: Bridge;
  readonly #session: SessionId;
  readonly #end: ResumptionEnd;
  #listener: SessionListener | undefined;
  #after = 0;
  #held: SessionCommand[] = [];
  #isAsking = false;
  #isSettled = false;

  constructor(cache: ResultCache, bridge: Bridge, session: SessionId, end: ResumptionEnd) {
    this.#cache = cache;
    this.#bridge = bridge;
    this.#session = session;
    this.#end = end;
  }

  send(command: SessionCommand): boolean {
    if (command.type === 'attach') {
      this.#after = command.after;
      this.#bridge.listen(this.#session, this);
      // A session that no bridge ever had does not need one now.
      if (!this.#bridge.send(command)) this.#ask(() => this.#listener?.down(false));
      return true;
    }
    if (this.#held.length >= MAX_HELD) return false;
    this.#held.push(command);
    return true;
  }

  heardBy(listener: SessionListener | undefined): void {
    this.#listener = listener;
    if (listener === undefined) this.#settle(() => this.#end.abandoned());
  }

  event(event: SessionEvent): void {
    if (this.#isAsking) return;
    const { guarded } = this.#cache;
    if (event.type !== 'closed' || event.reason !== 'lost' || guarded === undefined) {
      this.#settle(() => this.#end.real(event, this.#held));
      return;
    }
    this.#ask(() => this.#settle(() => this.#end.real(event, [])));
  }

  /** Looks into the shared store. @param otherwise called if there is nothing of use */
  #ask(otherwise: () => void): void {
    const { guarded } = this.#cache;
    if (guarded === undefined) {
      otherwise();
      return;
    }
    this.#isAsking = true;
    void readRecord(guarded, this.#session).then((record) => {
      this.#isAsking = false;
      if (this.#isSettled) return;
      // A client that has seen more knows of a life after the record.
      if (record !== undefined && this.#after <= record.seq)
        this.#settle(() => this.#end.found(record, this.#held));
      else otherwise();
    });
  }

  refused(code: ErrorCode, message: string): void {
    this.#listener?.refused(code, message);
  }

  down(final: boolean): void {
    this.#listener?.down(final);
  }

  back(): void {
    this.#listener?.back();
  }

  takenOver(): void {
    this.#listener?.takenOver();
  }

  #settle(act: () => void): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#bridge.unlisten(this.#session, this);
    act();
  }
}
