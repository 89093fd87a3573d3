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
      return this.#bridge.send(command);
    }
    if (this.#held.length >= MAX_HELD) return false;
    this.#held.push(command);
    return true;
  }

  heardBy(listener: SessionListener | undefined): void {
    this.#listener = listener;
  }

  event(event: SessionEvent): void {
    if (this.#isAsking) return;
    const { guarded } = this.#cache;
    if (event.type !== 'closed' || event.reason !== 'lost' || guarded === undefined) {
      this.#settle(() => this.#end.real(event, this.#held));
      return;
    }
    this.#isAsking = true;
    void readRecord(guarded, this.#session).then((record) => {
      this.#settle(() => {
        // A client that has seen more knows of a life after the record.
        if (record !== undefined && this.#after <= record.seq) this.#end.found(record, this.#held);
        else this.#end.real(event, []);
      });
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
    this.#bridge.unlisten(this.#session, this);
    act();
  }
}
