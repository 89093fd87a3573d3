/** The relay's own failures: a code from the wire contract, a public sentence, and what HTTP says for it. */
import type { ErrorCode } from './protocol/index.js';

/** HTTP status line of each coded failure. */
export const HTTP_STATUS: Readonly<Record<ErrorCode, string>> = {
  'bad-message': '400 Bad Request',
  'unknown-type': '400 Bad Request',
  'too-large': '413 Content Too Large',
  'unsupported-version': '400 Bad Request',
  'hello-expected': '400 Bad Request',
  unauthorized: '403 Forbidden',
  'unknown-session': '404 Not Found',
  'unknown-execution': '404 Not Found',
  'duplicate-id': '409 Conflict',
  'unknown-language': '400 Bad Request',
  'session-lost': '503 Service Unavailable',
  busy: '503 Service Unavailable',
  unavailable: '503 Service Unavailable',
  'too-many': '429 Too Many Requests',
  'not-found': '404 Not Found',
  conflict: '412 Precondition Failed',
  draining: '503 Service Unavailable',
  internal: '500 Internal Server Error',
};

/** Of refusals that are the client's own doing. */
export const HTTP_TOO_MANY = '429 Too Many Requests';

/** What a failure tells besides its code and sentence. */
export interface ErrorDetail {
  /** Path of the offending field. */
  readonly field?: string;
  /** When to try again, milliseconds from now. */
  readonly retryAfterMs?: number;
}

/** A coded failure. `message` is shown to clients: it never holds internals. */
export class RelayError extends Error {
  override readonly name = 'RelayError';
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;
  /** HTTP status line. */
  readonly status: string;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}, status = HTTP_STATUS[code]) {
    super(message);
    this.code = code;
    this.detail = detail;
    this.status = status;
  }
}

/** Why the process could not start: one sentence for the operator and the exit code (sysexits.h). */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Exit codes of the relay, after sysexits.h. */
export const EXIT = {
  /** A command line that nobody understands. */
  USAGE: 64,
  /** What was to be read is not what it should be. */
  DATA: 65,
  /** A service the relay cannot do without: the port is taken, the local bridge does not start. */
  UNAVAILABLE: 69,
  /** A defect. */
  SOFTWARE: 70,
  /** What was to be put out can't be written. */
  OUTPUT: 74,
  /** Bad settings. */
  CONFIG: 78,
} as const;
