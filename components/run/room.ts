/** How long a run waits by itself for a server that has no room, before the reader is told. */
import type { ExecutionResult } from '../session/execution.js';

/** How often it is tried again. */
const MAX_RETRIES = 6;

/** Wait before that where the server names none, milliseconds. */
const RETRY_MS = 1_000;

/** The longest such wait that is sat out without telling the reader, milliseconds. */
const MAX_RETRY_MS = 10_000;

/**
 * How long to wait before the next try, milliseconds; `undefined` if the reader has to be told instead.
 *
 * @param result of a run that put out nothing @param retries how often it was tried again already
 */
export function waitForRoom({ status, error }: ExecutionResult, retries: number): number | undefined {
  if (status !== 'lost' || error === undefined || retries >= MAX_RETRIES) return undefined;
  const isPassing = error.code === 'busy' || error.code === 'draining' || error.retryAfterMs !== undefined;
  const wait = error.retryAfterMs ?? RETRY_MS;
  // Not all at the same moment: others were turned away too.
  return isPassing && wait <= MAX_RETRY_MS ? wait * (0.5 + Math.random()) : undefined;
}
