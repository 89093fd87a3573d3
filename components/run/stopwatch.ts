/** The time of a run, as the reader is told of it: nothing while it is short, then what went by and what is left. */
import { duration } from '../strings/duration.js';
import type { Strings } from '../strings/index.js';

/** A run shorter than this changes nothing on the screen but its result, milliseconds. */
export const SLOW_MS = 500;

/** How often the stopwatch moves, milliseconds. */
const TICK_MS = 100;

/** Measures one run at a time. Whoever starts it stops it. */
export class Stopwatch {
  /** True once the present run takes long enough to be shown as running. */
  isSlow = false;
  #startedAt = 0;
  /** When the server will stop the run, as far as it is known, by `performance.now()`. */
  #endsAt: number | undefined;
  #slowTimer: ReturnType<typeof setTimeout> | undefined;
  #ticker: ReturnType<typeof setInterval> | undefined;

  /** @param ticked the text has changed @param slowed the run begins to keep the reader waiting */
  constructor(
    readonly ticked: () => void,
    readonly slowed: () => void,
  ) {}

  start(): void {
    this.#endsAt = undefined;
    this.begun();
    this.#slowTimer = setTimeout(() => {
      this.isSlow = true;
      this.#ticker = setInterval(this.ticked, TICK_MS);
      this.slowed();
    }, SLOW_MS);
  }

  stop(): void {
    clearTimeout(this.#slowTimer);
    clearInterval(this.#ticker);
    this.isSlow = false;
  }

  /** Only now does the code run; what went before was waiting. */
  begun(): void {
    this.#startedAt = performance.now();
  }

  /** The run will be ended when that has gone by, milliseconds. */
  isLeft(wallMs: number): void {
    this.#endsAt = performance.now() + wallMs;
  }

  text(strings: Strings): string {
    const now = performance.now();
    const elapsed = duration(now - this.#startedAt, strings);
    if (this.#endsAt === undefined) return strings.running(elapsed);
    // Whole seconds: more would only flicker.
    const left = Math.max(0, Math.ceil((this.#endsAt - now) / 1_000)) * 1_000;
    return strings.runningOf(elapsed, duration(left, strings));
  }
}
