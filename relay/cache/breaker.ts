/** Leaves alone what keeps failing, and finds out when it is well again. */

/** Failures in a row after which it is left alone… */
const FAILURES = 5;
/** …for this long; then one call at a time tries. Milliseconds. */
const REST_MS = 5_000;

/** Told of every call's end; asked before each. */
export class Breaker {
  readonly #now: () => number;
  #failures = 0;
  #restUntil = 0;
  #isTrying = false;

  /** @param now milliseconds on any clock that does not jump */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** True while it is left alone. */
  get isOpen(): boolean {
    return this.#failures >= FAILURES && (this.#isTrying || this.#now() < this.#restUntil);
  }

  /** Milliseconds until a call may be tried again; 0 when it may now. */
  get restMs(): number {
    return this.isOpen ? Math.max(1, this.#restUntil - this.#now()) : 0;
  }

  /** @returns false if the call must not be made; else `succeeded` or `failed` must follow */
  begin(): boolean {
    if (this.isOpen) return false;
    if (this.#failures >= FAILURES) this.#isTrying = true;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#isTrying = false;
  }

  /** @returns true if from now on it is left alone and was not before */
  failed(): boolean {
    this.#failures += 1;
    this.#isTrying = false;
    if (this.#failures >= FAILURES) this.#restUntil = this.#now() + REST_MS;
    return this.#failures === FAILURES;
  }
}
