/** Page → relay: one schema per message, and their union. PROTOCOL.md tells the order of things. */
import * as v from 'valibot';
import { frame } from './interact.js';
import { count, protocolVersion } from './figures.js';
import { executionId, requestId, sequence, sessionId, sessionToken } from './ids.js';
import { language } from './language.js';
import { MAX_CODE_LENGTH, MAX_EMBED_KEY_LENGTH, MAX_EXPRESSION_LENGTH, MAX_STREAM_LENGTH } from './limits.js';
import { notArray } from './not-array.js';
import { executionLimits } from './output.js';

const code = v.pipe(v.string(), v.maxLength(MAX_CODE_LENGTH));

/** First message of a connection. The page may send further messages without waiting for `welcome`. */
export const hello = v.strictObject({
  type: v.literal('hello'),
  version: protocolVersion,
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
  /** A frame of an interact that the session has made, in the place of code, which is '' then. */
  frame: v.optional(frame),
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
export type ClientMessage = v.InferOutput<typeof clientMessage>;
