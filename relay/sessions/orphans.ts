/** Sessions whose client went away: kept for the grace period in which it may come back, then ended. */
import { SESSION_GRACE_MS, type SessionId } from '../protocol/index.js';
import type { Bridge, SessionEvent, SessionListener } from '../bridges/bridge.js';

/** The orphans of one relay. The bridge keeps their output; this only counts down. */
export class Orphans {
  readonly #orphans = new Set<Orphan>();
  readonly #graceMs: number;

  constructor(graceMs = SESSION_GRACE_MS) {
    this.#graceMs = graceMs;
  }

  get size(): number {
    return this.#orphans.size;
  }

  /**
   * Ends the session after the grace period, unless it ends or somebody attaches to it before.
   * @param over called when it is no orphan any more
   */
  keep(bridge: Bridge, session: SessionId, over?: () => void): void {
    const orphan = new Orphan(bridge, session, this.#graceMs, () => {
      this.#orphans.delete(orphan);
      over?.();
    });
    this.#orphans.add(orphan);
    bridge.listen(session, orphan);
  }

  /** Forgets all; the bridges end them in their own time. */
  close(): void {
    for (const orphan of [...this.#orphans]) orphan.forget();
  }
}

class Orphan implements SessionListener {
  readonly #bridge: Bridge;
  readonly #session: SessionId;
  readonly #forgotten: () => void;
  readonly #timer: NodeJS.Timeout;

  constructor(bridge: Bridge, session: SessionId, graceMs: number, forgotten: () => void) {
    this.#bridge = bridge;
    this.#session = session;
    this.#forgotten = forgotten;
    this.#timer = setTimeout(() => {
      bridge.send({ type: 'close', session });
      this.forget();
    }, graceMs);
    this.#timer.unref();
  }

  forget(): void {
    clearTimeout(this.#timer);
    this.#bridge.unlisten(this.#session, this);
    this.#forgotten();
  }

  event(event: SessionEvent): void {
    if (event.type === 'closed') this.forget();
  }

  refused(): void {
    this.forget();
  }

  // From here the bridge's own grace period counts: it begins when a link breaks.
  down(): void {
    this.forget();
  }

  back(): void {
    this.forget();
  }

  takenOver(): void {
    this.forget();
  }
}
