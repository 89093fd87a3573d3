/**
 * How often something may happen: the generic cell rate algorithm, a token bucket whose whole state is one number.
 * A minute's worth may come at once; then one each sixty seconds / `perMinute`.
 */

const MINUTE_MS = 60_000;

/** One account's use of one rate. Times are milliseconds of one monotonic clock. */
export class Rate {
  /** When all that was used is paid off. */
  #paidAt = 0;

  /** @returns milliseconds until `amount` more fits; 0 if it does now */
  waitMs(perMinute: number | undefined, now: number, amount = 1): number {
    if (perMinute === undefined) return 0;
    if (amount > perMinute) return MINUTE_MS;
    const debt = Math.max(this.#paidAt, now) - now;
    return Math.max(0, debt + (amount * MINUTE_MS) / perMinute - MINUTE_MS);
  }

  /** Uses `amount`, whether it fits or not. */
  use(perMinute: number | undefined, now: number, amount = 1): void {
    if (perMinute === undefined || perMinute === 0) return;
    this.#paidAt = Math.max(this.#paidAt, now) + (amount * MINUTE_MS) / perMinute;
  }
}
