/** The ends of executions whose session has ended. */
import { lost, stopped, type DoneFields } from '../ends.js';
import type { CloseReason, ErrorCode } from '../protocol/index.js';

/** The end of what had not ended when its session was closed. */
export function endOfSession(reason: CloseReason, message: string, code?: ErrorCode): DoneFields {
  switch (reason) {
    case 'closed':
    case 'killed':
    case 'died':
    case 'idle':
    case 'lifetime':
      return stopped('killed', message);
    case 'lost':
    case 'taken-over':
      return lost(code ?? 'session-lost', message);
    case 'refused':
      return lost(code ?? 'busy', message);
  }
}
