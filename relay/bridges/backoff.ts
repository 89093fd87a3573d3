/** When to try again: full jitter, `random(0, min(cap, base · 2ⁿ))`, and the first time at once. */

/** Times of one back-off, milliseconds. */
export interface BackoffTimes {
  readonly baseMs: number;
  readonly capMs: number;
}

/**
 * @param failures consecutive failures so far, from 0
 * @param random a number in [0, 1)
 * @returns milliseconds to wait
 */
export function backoffMs(failures: number, times: BackoffTimes, random = Math.random()): number {
  if (failures === 0) return 0;
  return random * Math.min(times.capMs, times.baseMs * 2 ** Math.min(failures - 1, 30));
}
