/** The coded failures of the system. A failure of the reader's code is not among them: that is output. */
import * as v from 'valibot';

/** Each code with the sentence shown in PROTOCOL.md: what it means and what the receiver should do. */
export const ERROR_CODES = {
  'bad-message': 'The message is not JSON or breaks its schema; `field` names where. Correct it.',
  'unknown-type': 'No such message type in this direction. Correct it.',
  'too-large': 'The message or the code is longer than the limit. Shorten it.',
  'unsupported-version': 'The peer speaks another protocol version. Update the older one.',
  'hello-expected': 'The first message of a connection must be `hello`.',
  unauthorized: 'The embed key or token is missing, wrong or expired, or not for this page. Get a new one.',
  'unknown-session': 'No such session on this connection. Open it first.',
  'unknown-execution': 'No execution of that name is running or waiting.',
  'duplicate-id': 'The identifier is in use. Choose another.',
  'unknown-language': 'The language is not one that `welcome` lists.',
  'session-lost': 'The session and its variables are gone. Open a new one and run again.',
  busy: 'No worker is free, or a limit of this client or of the server is reached. Try again after `retryAfterMs`.',
  unavailable: 'No Sage server can be reached. Try again after `retryAfterMs`.',
  'too-many': 'A limit on how many sessions or executions one connection holds is reached.',
  'not-found': 'There is nothing of that name, or nothing any more.',
  conflict: 'Somebody saved meanwhile. Load the latest version and try again.',
  draining: 'This relay is shutting down. Connect again.',
  internal: 'A defect of the server; it is logged there.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export const errorCode = v.picklist(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]);
