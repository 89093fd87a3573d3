/** Page ⇄ relay: one schema per message, and the two unions. PROTOCOL.md tells the order of things. */
import * as v from 'valibot';
import { executionId, requestId, sequence, sessionId, sessionToken } from './ids.js';
import {
  MAX_CODE_LENGTH,
  MAX_COMPLETIONS,
  MAX_EMBED_KEY_LENGTH,
  MAX_EXPRESSION_LENGTH,
  MAX_STREAM_LENGTH,
} from './limits.js';
import { notArray } from './not-array.js';
import { errorCode } from './errors.js';
import { doneFields, executionLimits, output } from './output.js';

/**
 * Languages an execution can be written in: `sage` is preparsed (`2^3` is 8), `python` is not; the code of every other
 * runs as it does below a line `%` and its name. A server has only those that its `welcome` or `ready` lists.
 */
export const language = v.picklist([
  'sage',
  'python',
  'cython',
  'gap',
  'gp',
  'html',
  'macaulay2',
  'maxima',
  'octave',
  'r',
  'sh',
  'singular',
]);

const code = v.pipe(v.string(), v.maxLength(MAX_CODE_LENGTH));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const milliseconds = v.pipe(v.number(), v.minValue(0));

// ---- page → relay ----

/** First message of a connection. The page may send further messages without waiting for `welcome`. */
export const hello = v.strictObject({
  type: v.literal('hello'),
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** Name and version of the client, for logs. */
  client: v.optional(v.pipe(v.string(), v.maxLength(200))),
  /** Embed key, or a token that was signed for one: who pays for what this client asks. */
  key: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_EMBED_KEY_LENGTH))),
});

/**
 * Opens a session under a name of the page's choice, or attaches to the one a `token` names and replays
 * what came after number `after`. Executions may follow at once; they wait for the session.
 */
export const open = v.strictObject({
  type: v.literal('open'),
  session: sessionId,
  token: v.optional(sessionToken),
  after: v.optional(sequence),
});

/** Runs code: in a session, or without one in a fresh process that is thrown away (stateless). */
export const execute = v.strictObject({
  type: v.literal('execute'),
  execution: executionId,
  session: v.optional(sessionId),
  code,
  language: v.optional(language),
  /** Adds `text/latex` to displayed values that have one. */
  typeset: v.optional(v.boolean()),
  limits: v.optional(executionLimits),
  /** `bypass`: computed now, even if the result is known; what comes out takes the place of what was kept. */
  cache: v.optional(v.picklist(['use', 'bypass'])),
  /** Python expressions to evaluate after the code, by name; their values come with `done`. */
  expressions: v.optional(
    notArray(
      v.record(
        v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/)),
        v.pipe(v.string(), v.maxLength(MAX_EXPRESSION_LENGTH)),
      ),
    ),
  ),
});

/**
 * The reader's answer to a `prompt`; without `text` there is none, and `input()` raises EOFError. One that says which
 * `prompt` it is for may be repeated when it may have been lost: each prompt takes one answer.
 */
export const answer = v.strictObject({
  type: v.literal('answer'),
  execution: executionId,
  session: v.optional(sessionId),
  /** Which of the execution's prompts it is for, from 1. Absent: the one that waits. */
  prompt: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  text: v.optional(v.pipe(v.string(), v.maxLength(MAX_STREAM_LENGTH))),
});

/** Asks a running execution to stop (SIGINT), or takes a waiting one out of the queue. Ends in its `done`. */
export const interrupt = v.strictObject({
  type: v.literal('interrupt'),
  execution: executionId,
  session: v.optional(sessionId),
});

/** Ends the process of an execution at once; its session is lost. Ends in `done` and, with a session, `closed`. */
export const kill = v.strictObject({
  type: v.literal('kill'),
  execution: executionId,
  session: v.optional(sessionId),
});

/** Ends a session and its process. Answered by `closed`; executions of it that were not done end as `killed`. */
export const close = v.strictObject({ type: v.literal('close'), session: sessionId });

/** Asks what may follow the text before the cursor. Never waits for, and never disturbs, an execution. */
export const complete = v.strictObject({
  type: v.literal('complete'),
  request: requestId,
  session: v.optional(sessionId),
  /** All code up to the cursor. */
  before: code,
});

/** Asks for the documentation, or the source, of what stands before the cursor. */
export const inspect = v.strictObject({
  type: v.literal('inspect'),
  request: requestId,
  session: v.optional(sessionId),
  before: code,
  detail: v.picklist(['docstring', 'source']),
});

/**
 * Asks how much of its limits is left: of `session`, and of the execution that runs in it, or of `execution`.
 * One of the two is there; `execution` alone names a stateless one. Never waits for, and never disturbs, an execution.
 */
export const budget = v.strictObject({
  type: v.literal('budget'),
  request: requestId,
  session: v.optional(sessionId),
  execution: v.optional(executionId),
});

/** All of the session's messages up to `seq` have been received and need not be kept. */
export const ack = v.strictObject({ type: v.literal('ack'), session: sessionId, seq: sequence });

/** Is anybody there? Answered by `pong` with the same nonce. */
export const ping = v.strictObject({ type: v.literal('ping'), nonce: v.optional(count) });

// ---- relay → page ----

/** Answer to `hello`: what this relay offers. */
export const welcome = v.strictObject({
  type: v.literal('welcome'),
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
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
  retryAfterMs: v.optional(v.pipe(v.number(), v.minValue(0))),
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

/** One increment of an execution's output. */
export const outputMessage = v.strictObject({ type: v.literal('output'), ...ofExecution, output });

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
  retryAfterMs: v.optional(v.pipe(v.number(), v.minValue(0))),
});

/** Everything a page may say. */
export const clientMessage = v.variant('type', [
  hello,
  open,
  execute,
  answer,
  interrupt,
  kill,
  close,
  complete,
  inspect,
  budget,
  ack,
  ping,
]);

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

export type Language = v.InferOutput<typeof language>;
export type CloseReason = v.InferOutput<typeof closeReason>;
export type ClientMessage = v.InferOutput<typeof clientMessage>;
export type ServerMessage = v.InferOutput<typeof serverMessage>;
/** The member of a union with the given tag. */
export type OfType<M extends { type: string }, T extends M['type']> = Extract<M, { type: T }>;
