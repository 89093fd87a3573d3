/** Whether a bridge that can be reached deserves work: consecutive failures take it out for a while. */

/** Failures in a row after which a bridge gets no new work… */
export const FAILURES_TO_EJECT = 3;

/** …for this long, milliseconds, times the number of the ejection: Envoy's outlier detection. */
export const EJECTION_MS = 30_000;

/** Longest ejection, milliseconds. */
export const MAX_EJECTION_MS = 300_000;

/** A bridge that did well for this long is judged anew, milliseconds. */
const FORGIVEN_AFTER_MS = 600_000;

/** The record of one bridge. */
export class BridgeHealth {
  readonly #now: () => number;
  #failures = 0;
  #ejections = 0;
  #ejectedUntil = Number.NEGATIVE_INFINITY;
  #failedAt = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** Milliseconds until it may have work again; 0 when it may. */
  get ejectedForMs(): number {
    return Math.max(0, this.#ejectedUntil - this.#now());
  }

  /** It did what it should. A running ejection runs to its end all the same. */
  succeeded(): void {
    this.#failures = 0;
    if (this.#now() - this.#failedAt > FORGIVEN_AFTER_MS) this.#ejections = 0;
  }

  /**
   * It failed.
   * @param mayEject false when too many others are out already
   * @returns milliseconds for which it is ejected from now on, or 0
   */
  failed(mayEject: boolean): number {
    const now = this.#now();
    this.#failures += 1;
    this.#failedAt = now;
    if (!mayEject || this.#failures < FAILURES_TO_EJECT || this.#ejectedUntil > now) return 0;
    this.#ejections += 1;
    const forMs = Math.min(MAX_EJECTION_MS, EJECTION_MS * this.#ejections);
    this.#ejectedUntil = now + forMs;
    return forMs;
  }
}
