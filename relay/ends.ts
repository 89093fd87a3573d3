/** The ends of executions that the relay itself must tell. */
import type { BridgeEvent, ErrorCode, OfType } from './protocol/index.js';

/** What a `done` says besides whom it is about. */
export type DoneFields = Omit<OfType<BridgeEvent, 'done'>, 'type' | 'execution' | 'session' | 'seq'>;

const NOT_MEASURED = { wallMs: 0, cpuMs: 0, cached: false, truncated: false } as const;

/** When to come again if no bridge is there: one usually restarts within seconds. */
export const RETRY_AFTER_MS = 2_000;

/** What is said where an execution, a question or a session is not taken on, by code. */
export const SENTENCES = {
  unavailable: 'No Sage server can be reached at the moment.',
  draining: 'This relay is shutting down.',
  busy: 'The Sage server has too much to do.',
  'session-lost': 'The session is gone, and with it the end of this computation.',
  'unknown-session': 'There is no such session on this connection.',
  'too-many': 'Too many executions are waiting on this connection.',
  'duplicate-id': 'An execution of that name is still running.',
} as const satisfies Partial<Record<ErrorCode, string>>;

/** The end of an execution that never ran, or whose end is unknown. */
export function lost(code: ErrorCode, message?: string): DoneFields {
  const mayRetry = code === 'unavailable' || code === 'busy' || code === 'draining';
  const sentences: Readonly<Partial<Record<ErrorCode, string>>> = SENTENCES;
  return {
    status: 'lost',
    ...NOT_MEASURED,
    message: message ?? sentences[code] ?? 'The computation is lost.',
    error: { code, ...(mayRetry && { retryAfterMs: code === 'draining' ? 0 : RETRY_AFTER_MS }) },
  };
}

/** The end of an execution that somebody did not want any more. @param message why; by default that no bridge ran it */
export const stopped = (
  status: 'interrupted' | 'killed',
  message = 'Stopped before it ran.',
): DoneFields => ({ status, ...NOT_MEASURED, message });
