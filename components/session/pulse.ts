/** Whether the other end of a connection lives: pings it answers, and times within which something must come. */

/** A socket that has not brought `welcome` after this long is given up, milliseconds. */
const HANDSHAKE_MS = 10_000;

/** How long a probed connection may stay silent, milliseconds. */
const PROBE_MS = 3_000;

/** What a pulse asks of its connection. */
export interface PulseOwner {
  ping(): void;
  /** Nothing came in time. */
  lost(): void;
  /** True if there is a better way to the relay, and nobody would notice the change. */
  mayGo(): boolean;
}

/** For one socket after another: `await` when it opens, `begin` when it is there, `stop` when it is gone. */
export class Pulse {
  readonly #owner: PulseOwner;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #hasMissed = false;

  constructor(owner: PulseOwner) {
    this.#owner = owner;
  }

  /** The handshake must end in time. */
  await(): void {
    this.#expect(HANDSHAKE_MS);
  }

  /** It has ended: from now on the relay is asked after each silence of `ms`. */
  begin(ms: number): void {
    this.#clearDeadline();
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(() => {
      this.#beat();
    }, ms);
  }

  /** Something came. */
  heard(): void {
    this.#hasMissed = false;
    if (this.#heartbeat !== undefined) this.#clearDeadline();
  }

  /** Finds out at once. */
  probe(): void {
    if (this.#deadline !== undefined) return;
    this.#owner.ping();
    this.#expect(PROBE_MS);
  }

  /** Idempotent. */
  stop(): void {
    this.#hasMissed = false;
    this.#clearDeadline();
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
  }

  // Pings are counted, not timed: a hidden tab's timers run late, and lateness is not death.
  #beat(): void {
    if (this.#owner.mayGo()) this.#owner.lost();
    else if (this.#hasMissed) this.probe();
    else {
      this.#hasMissed = true;
      this.#owner.ping();
    }
  }

  #expect(ms: number): void {
    this.#deadline = setTimeout(() => {
      this.#owner.lost();
    }, ms);
  }

  #clearDeadline(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }
}
