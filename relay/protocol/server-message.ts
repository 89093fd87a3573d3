/** Relay → page: one schema per message, and their union. PROTOCOL.md tells the order of things. */
import * as v from 'valibot';
import { errorCode } from './errors.js';
import { count, milliseconds, protocolVersion } from './figures.js';
import { executionId, interactId, requestId, sequence, sessionId, sessionToken } from './ids.js';
import { language } from './language.js';
import { MAX_COMPLETIONS } from './limits.js';
import { doneFields, output } from './output.js';

/** Answer to `hello`: what this relay offers. */
export const welcome = v.strictObject({
  type: v.literal('welcome'),
  version: protocolVersion,
  /** Version of the relay. */
  relay: v.string(),
  /** Version of Sage; absent while no bridge is connected. */
  sage: v.optional(v.string()),
  languages: v.array(language),
  heartbeatMs: v.pipe(v.number(), v.minValue(1)),
});

/** The session is there. `missed` counts messages that could not be kept for replay: 0 means nothing was lost. */
export const opened = v.strictObject({
  type: v.literal('opened'),
  session: sessionId,
  token: sessionToken,
  resumed: v.boolean(),
  missed: count,
});

/** Why a session ended. */
export const closeReason = v.picklist([
  'closed',
  'killed',
  'died',
  'idle',
  'lifetime',
  'lost',
  'refused',
  /** It lives on: another connection has attached to it. */
  'taken-over',
]);
export type CloseReason = v.InferOutput<typeof closeReason>;

/** The session is gone, for the reason given; its name may be used again. */
export const closed = v.strictObject({
  type: v.literal('closed'),
  session: sessionId,
  seq: v.optional(sequence),
  reason: closeReason,
  /** One sentence for the reader. */
  message: v.string(),
  /** The system's own failure, when there was one. */
  code: v.optional(errorCode),
  /** When it is worth asking again, milliseconds; present with `refused`. */
  retryAfterMs: v.optional(milliseconds),
});

const ofExecution = {
  execution: executionId,
  session: v.optional(sessionId),
  /** Number of the message in its session; absent for stateless executions. */
  seq: v.optional(sequence),
};

/** The execution waits (`queued`, with how many before it) or has begun (`running`). */
export const status = v.strictObject({
  type: v.literal('status'),
  ...ofExecution,
  state: v.picklist(['queued', 'running']),
  position: v.optional(count),
});

/**
 * One increment of an execution's output. `frame` names the interact into whose output it belongs, when that is not the execution's
 * own: the first frame of an interact comes with the execution that makes it.
 */
export const outputMessage = v.strictObject({
  type: v.literal('output'),
  ...ofExecution,
  output,
  frame: v.optional(interactId),
});

/** The end of an execution: exactly one for every `execute` that passed its schema. */
export const done = v.strictObject({ type: v.literal('done'), ...ofExecution, ...doneFields });

/** Answer to `complete`: `target` is the end of `before` that each text would replace. */
export const completions = v.strictObject({
  type: v.literal('completions'),
  request: requestId,
  target: v.string(),
  items: v.pipe(
    v.array(
      v.strictObject({
        text: v.string(),
        kind: v.picklist([
          'function',
          'class',
          'module',
          'method',
          'attribute',
          'variable',
          'keyword',
          'text',
        ]),
      }),
    ),
    v.maxLength(MAX_COMPLETIONS),
  ),
});

/** Answer to `inspect`; only `target` and `found` when there is nothing to tell. */
export const inspection = v.strictObject({
  type: v.literal('inspection'),
  request: requestId,
  target: v.string(),
  found: v.boolean(),
  signature: v.optional(v.string()),
  docstring: v.optional(v.string()),
  source: v.optional(v.string()),
  /** File and line the source was read from, for display. */
  location: v.optional(v.string()),
});

/**
 * Answer to `budget`, milliseconds. `execution` is the one asked for, else the one that runs; one that still waits has
 * all its time. What does not apply is absent: `execution`, `wallMs`, `cpuMs` when nothing runs, `idleMs` when
 * something runs or waits, `idleMs` and `lifetimeMs` without a session.
 */
export const remaining = v.strictObject({
  type: v.literal('remaining'),
  request: requestId,
  execution: v.optional(executionId),
  /** Time until the execution is stopped. */
  wallMs: v.optional(milliseconds),
  /** Processor time until the execution is stopped. */
  cpuMs: v.optional(milliseconds),
  /** Time until the session ends unless something is run in it. */
  idleMs: v.optional(milliseconds),
  /** Time until the session ends whatever is run in it. */
  lifetimeMs: v.optional(milliseconds),
});

/** Answer to `ping`. */
export const pong = v.strictObject({ type: v.literal('pong'), nonce: v.optional(count) });

/**
 * A message could not be obeyed. `about` repeats the identifier it carried, if one could be read.
 * A well-formed `execute` never ends in `error`: its failures are told in `done.error`.
 */
export const error = v.strictObject({
  type: v.literal('error'),
  code: errorCode,
  message: v.string(),
  about: v.optional(v.string()),
  /** Path of the offending field. */
  field: v.optional(v.string()),
  retryAfterMs: v.optional(milliseconds),
});

/** Everything a relay may say. */
export const serverMessage = v.variant('type', [
  welcome,
  opened,
  closed,
  status,
  outputMessage,
  done,
  completions,
  inspection,
  remaining,
  pong,
  error,
]);
export type ServerMessage = v.InferOutput<typeof serverMessage>;
