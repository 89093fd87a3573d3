/** How long a client waits before it connects again. */

/** Ceiling of the first random wait, milliseconds. */
export const BACKOFF_BASE_MS = 500;

/** Ceiling of every later wait, milliseconds: a reader looks at a waiting page no longer than that. */
export const BACKOFF_CAP_MS = 30_000;

/**
 * The wait before try number `attempt` after a lost connection, milliseconds: try 0 at once, then "full jitter":
 * a random share of a ceiling that doubles, so that the readers of one relay do not come back in step.
 * @param random a number from 0 (included) to 1 (excluded)
 */
export function backoffMs(attempt: number, random: number): number {
  if (attempt <= 0) return 0;
  return random * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** (attempt - 1));
}
