/** Makes a session real: a bridge opens it and runs there, untold, what it has run so far. */
import type { Bridge, Bridges, SessionEvent, SessionListener } from '../bridges/bridge.js';
import type { ExecutionId, OfType, SessionId } from '../protocol/index.js';
import type { Ran } from './session-record.js';

/** What a revival needs. */
export interface RevivalOptions {
  readonly session: SessionId;
  readonly history: readonly Ran[];
  /** Number of the session's last message: the bridge counts on from there. */
  readonly seq: number;
  /** Asked first, unless it is down. */
  readonly bridge: Bridge;
  readonly bridges: Bridges;
}

/** What became of it; one of these is called, once. */
export interface RevivalEnd {
  /** The session stands on `bridge` as its history left it. */
  stands(bridge: Bridge): void;
  /** No bridge took it. */
  failed(code: 'busy' | 'unavailable'): void;
  /** What was run did not come to the same as before, from that place of the history on. */
  differs(place: number): void;
  closed(event: OfType<SessionEvent, 'closed'>): void;
  takenOver(): void;
}

/** Begun by `begin`; ends by itself, or by `abandon`. */
export class Revival implements SessionListener {
  readonly #options: RevivalOptions;
  readonly #end: RevivalEnd;
  readonly #tried = new Set<Bridge>();
  #bridge: Bridge;
  #state: 'opening' | 'replaying' | 'ended' = 'opening';
  #replayed = 0;

  constructor(options: RevivalOptions, end: RevivalEnd) {
    this.#options = options;
    this.#end = end;
    this.#bridge = options.bridge;
  }

  begin(): void {
    const { bridges, session, seq } = this.#options;
    if (this.#bridge.facts === undefined || this.#tried.has(this.#bridge)) {
      const next = bridges.pick(this.#tried);
      if (next === undefined) {
        this.#state = 'ended';
        this.#end.failed(bridges.pick() === undefined ? 'unavailable' : 'busy');
        return;
      }
      this.#bridge = next;
    }
    this.#state = 'opening';
    this.#replayed = 0;
    this.#bridge.listen(session, this);
    if (!this.#bridge.send({ type: 'open', session, after: seq })) this.#tryElsewhere();
  }

  /** Nobody wants it any more. */
  abandon(): void {
    if (this.#state === 'ended') return;
    this.#bridge.send({ type: 'close', session: this.#options.session });
    this.#leave();
  }

  event(event: SessionEvent): void {
    if (this.#state === 'ended') return;
    if (event.type === 'opened') this.#replay();
    else if (event.type === 'closed') this.#closed(event);
    else if (event.type === 'done') this.#replayedOne(event);
  }

  refused(): void {
    this.#tryElsewhere();
  }

  down(): void {
    this.#tryElsewhere();
  }

  back(): void {
    // `down` has left that bridge.
  }

  takenOver(): void {
    this.#leave();
    this.#end.takenOver();
  }

  #replay(): void {
    this.#state = 'replaying';
    const { session, history } = this.#options;
    const next = history[this.#replayed];
    if (next === undefined) {
      this.#leave();
      this.#end.stands(this.#bridge);
      return;
    }
    const execution = `replay-${String(this.#replayed)}` as ExecutionId;
    const command = { type: 'execute', session, execution, ...next.asked, replay: true } as const;
    if (!this.#bridge.send(command)) this.#tryElsewhere();
  }

  #replayedOne({ status, pure }: OfType<SessionEvent, 'done'>): void {
    if (status === this.#options.history[this.#replayed]?.status && pure === true) {
      this.#replayed += 1;
      this.#replay();
      return;
    }
    // What was measured to be pure was not, or the machine failed: a state that nobody knows is not passed off as the right one.
    this.abandon();
    this.#end.differs(this.#replayed);
  }

  #closed(event: OfType<SessionEvent, 'closed'>): void {
    if (event.reason === 'refused' && this.#state === 'opening') {
      this.#tryElsewhere();
      return;
    }
    this.#leave();
    this.#end.closed(event);
  }

  /** No worker, no link, no room: another bridge may have one. */
  #tryElsewhere(): void {
    if (this.#state === 'ended') return;
    this.#bridge.unlisten(this.#options.session, this);
    this.#tried.add(this.#bridge);
    this.begin();
  }

  #leave(): void {
    this.#state = 'ended';
    this.#bridge.unlisten(this.#options.session, this);
  }
}
