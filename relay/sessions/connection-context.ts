/** What connections share, and what one of them lends to its parts. */
import type { Visit } from '../admission/visit.js';
import type { Bridges } from '../bridges/bridge.js';
import type { Log } from '../observe/log.js';
import type { Metrics } from '../observe/metrics.js';
import type { ErrorCode, ServerMessage } from '../protocol/index.js';
import type { Connections } from './connections.js';
import type { Orphans } from './orphans.js';
import type { SessionTokens } from './session-token.js';

/** What connections share. */
export interface ConnectionContext {
  readonly bridges: Bridges;
  readonly tokens: SessionTokens;
  readonly orphans: Orphans;
  readonly connections: Connections;
  readonly metrics: Metrics;
  /** Version of this relay, for `welcome`. */
  readonly version: string;
  readonly log: Log;
  /** True from the moment the relay is to end. */
  isDraining(): boolean;
}

/** What else an `error` says. */
export interface RefusalDetail {
  readonly field?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** One connection, as what is under way on it sees it. */
export interface Client {
  readonly context: ConnectionContext;
  readonly visit: Visit;
  readonly log: Log;
  /** When it came, on the clock of `performance`. */
  readonly since: number;
  /** It does not take what it is sent: what begins now is to be held back at its source. */
  readonly isHeld: boolean;
  send(message: ServerMessage): void;
  /** Tells that a message could not be obeyed. @param about the identifier it carried */
  refuse(code: ErrorCode, message: string, about?: string, detail?: RefusalDetail): void;
}
