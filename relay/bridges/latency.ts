/** How quickly a bridge answers: what is waited for now counts as much as what was measured before. */

/** Time in which an old measurement fades to a third, milliseconds: Envoy's and Finagle's Peak-EWMA. */
const DECAY_MS = 10_000;

/** Below this bridges are equally quick: what is left is the noise of one machine, milliseconds. */
const FLOOR_MS = 1;

/**
 * Peak-sensitive moving average of the time to a bridge's first word. It jumps up with one slow answer and comes
 * down slowly; an answer that is still missing counts with its age, so that a bridge that hangs shows at once.
 */
export class LatencyMeter {
  readonly #now: () => number;
  /** When each answer that is missing was asked for, the oldest first. */
  readonly #waiting = new Map<string, number>();
  #average = 0;
  #measuredAt = 0;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Milliseconds, at least 1. */
  get ms(): number {
    const now = this.#now();
    const [oldest = now] = this.#waiting.values();
    return Math.max(FLOOR_MS, this.#faded(now), now - oldest);
  }

  /** Something was asked under that name. */
  asked(name: string): void {
    if (!this.#waiting.has(name)) this.#waiting.set(name, this.#now());
  }

  /** The first word of the answer came; later ones are not counted. */
  answered(name: string): void {
    const askedAt = this.#waiting.get(name);
    if (askedAt === undefined) return;
    this.#waiting.delete(name);
    const now = this.#now();
    const sample = now - askedAt;
    const share = Math.exp((this.#measuredAt - now) / DECAY_MS);
    this.#average = sample > this.#average ? sample : share * this.#average + (1 - share) * sample;
    this.#measuredAt = now;
  }

  /** Nobody waits for that answer any more. */
  forget(name: string): void {
    this.#waiting.delete(name);
  }

  /** No answer will come to anything. */
  forgetAll(): void {
    this.#waiting.clear();
  }

  #faded(now: number): number {
    return this.#average * Math.exp((this.#measuredAt - now) / DECAY_MS);
  }
}
