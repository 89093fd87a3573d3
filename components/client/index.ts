/** The client library in a browser: the very client that the elements use, for programs. */
import { language, type Language } from '../../relay/protocol/index.js';
import type { ConnectionOptions } from '../session/connection.js';
import { Sage } from './sage.js';

export { Computation, ComputationError, type ComputationEvents } from './computation.js';
export { Sage, SageSession, type AskOptions, type ComputeOptions } from './sage.js';
export type { ConnectionOptions } from '../session/connection.js';
export type { OpenSocket, Socket } from '../session/socket.js';
export { Transport, type TransportOptions } from '../session/transport.js';
export type { ExecutionResult, ExecutionState } from '../session/execution.js';
export { QuestionError, type Completions, type Inspection } from '../session/questions.js';
export type { SessionEnd, SessionState } from '../session/session.js';
export type { ErrorCode, Language, MimeBundle, Output } from '../../relay/protocol/index.js';

/** Languages that code can be written in, where the server has them. */
export const LANGUAGES: readonly Language[] = language.options;

/** A client of the relay at `server`; opens nothing yet. Whoever calls this calls `close`. */
export const connect = (server: string | URL, options?: ConnectionOptions): Sage => new Sage(server, options);
