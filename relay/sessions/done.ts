/** The ends of executions that the relay itself must tell. */
import type { BridgeEvent, CloseReason, ErrorCode, OfType } from '../protocol/index.js';

/** What a `done` says besides whom it is about. */
export type DoneFields = Omit<OfType<BridgeEvent, 'done'>, 'type' | 'execution' | 'session' | 'seq'>;

const NOT_MEASURED = { wallMs: 0, cpuMs: 0, cached: false, truncated: false } as const;

/** When to come again if no bridge is there: one usually restarts within seconds. */
export const RETRY_AFTER_MS = 2_000;

const LOST_SENTENCES: Readonly<Partial<Record<ErrorCode, string>>> = {
  unavailable: 'No Sage server can be reached at the moment.',
  draining: 'This relay is shutting down.',
  busy: 'The Sage server has too much to do.',
  'session-lost': 'The session is gone, and with it the end of this computation.',
  'unknown-session': 'There is no such session on this connection.',
  'too-many': 'Too many executions are waiting on this connection.',
  'duplicate-id': 'An execution of that name is still running.',
};

/** The end of an execution that never ran, or whose end is unknown. */
export function lost(code: ErrorCode, message?: string): DoneFields {
  const mayRetry = code === 'unavailable' || code === 'busy' || code === 'draining';
  return {
    status: 'lost',
    ...NOT_MEASURED,
    message: message ?? LOST_SENTENCES[code] ?? 'The computation is lost.',
    error: { code, ...(mayRetry && { retryAfterMs: code === 'draining' ? 0 : RETRY_AFTER_MS }) },
  };
}

/** The end of an execution that was taken back before any bridge ran it. */
export function stopped(status: 'interrupted' | 'killed'): DoneFields {
  return { status, ...NOT_MEASURED, message: 'Stopped before it ran.' };
}

/** The end of what had not ended when its session was closed. */
export function endOfSession(reason: CloseReason, message: string, code?: ErrorCode): DoneFields {
  switch (reason) {
    case 'closed':
    case 'killed':
    case 'died':
    case 'idle':
    case 'lifetime':
      return { status: 'killed', ...NOT_MEASURED, message };
    case 'lost':
    case 'taken-over':
      return lost(code ?? 'session-lost', message);
    case 'refused':
      return lost(code ?? 'busy', message);
  }
}
