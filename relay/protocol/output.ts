/** What an execution puts out, one increment at a time, and how it ended. */
import * as v from 'valibot';
import { MAX_STREAM_LENGTH } from './limits.js';
import { errorCode } from './errors.js';
import { count, milliseconds } from './figures.js';
import { notArray } from './not-array.js';

const MIME_TYPE = /^[a-z]+\/[a-z0-9.+-]+$/;

/** Text written to standard output or standard error. Adjacent texts of one stream join without a separator. */
export const streamOutput = v.strictObject({
  kind: v.literal('stream'),
  name: v.picklist(['stdout', 'stderr']),
  text: v.pipe(v.string(), v.maxLength(MAX_STREAM_LENGTH)),
});

/**
 * The same object in several forms, richest chosen by whoever shows it. Keys are MIME types, values text:
 * base64 for binary types (`image/png`, `image/jpeg`, `image/gif`), the plain text for the others
 * (`text/plain`, `text/latex`, `text/html`, `image/svg+xml`). `text/plain` is always there.
 */
export const mimeBundle = notArray(v.record(v.pipe(v.string(), v.regex(MIME_TYPE)), v.string()));

/** A displayed object. `result` is true for the value of the last expression, false for one shown by a call. */
export const displayOutput = v.strictObject({
  kind: v.literal('display'),
  data: mimeBundle,
  result: v.boolean(),
});

/** An exception the code let escape. */
export const errorOutput = v.strictObject({
  kind: v.literal('error'),
  /** Class of the exception: `ZeroDivisionError`. */
  name: v.string(),
  /** Its text, without the class. */
  message: v.string(),
  /** Complete traceback as plain text; lines of the reader's code carry the reader's own numbers. */
  traceback: v.string(),
  /** The reader's line, from 1, where the exception rose or passed; absent when it never touched the reader's code. */
  line: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
});

/** A file the code made and offers. */
export const fileOutput = v.strictObject({
  kind: v.literal('file'),
  /** Its name, without a path. */
  // eslint-disable-next-line no-control-regex -- control characters are what it refuses
  name: v.pipe(v.string(), v.regex(/^[^/\\\u0000-\u001f]{1,255}$/)),
  /** MIME type, as the name tells; the content may be anything. */
  type: v.pipe(v.string(), v.regex(MIME_TYPE)),
  /** Bytes of the content. */
  size: count,
  /** The content in base64; absent when it is too long to be sent along. */
  data: v.optional(v.string()),
});

/** The code waits for a line from the reader (`input()`); the client sends it with `answer`. */
export const promptOutput = v.strictObject({
  kind: v.literal('prompt'),
  /** What the reader is asked. */
  text: v.pipe(v.string(), v.maxLength(MAX_STREAM_LENGTH)),
  /** True when the answer is not to be seen while it is typed. */
  isSecret: v.boolean(),
});

/** Everything put out so far by this execution is to be removed. */
export const clearOutput = v.strictObject({ kind: v.literal('clear') });

/**
 * The last piece put out so far is to be removed: a display, an error, a file, or text of one stream as far back as nothing
 * else was put out, questions counted as text of standard output. Of the output of an interact it is the last piece there.
 * A change of controls is no piece. Where there is no piece nothing is removed.
 */
export const retractOutput = v.strictObject({ kind: v.literal('retract') });

/** One increment of output. */
export const output = v.variant('kind', [
  streamOutput,
  displayOutput,
  errorOutput,
  fileOutput,
  promptOutput,
  clearOutput,
  retractOutput,
]);

/** What became of one of the expressions an `execute` asked for. */
export const expressionValue = v.variant('status', [
  v.strictObject({ status: v.literal('ok'), data: mimeBundle }),
  v.strictObject({ status: v.literal('error'), name: v.string(), message: v.string() }),
]);

/**
 * How an execution ended:
 * `ok` ran to its end · `error` raised · `interrupted` stopped by request · `timeout` stopped by a limit ·
 * `killed` its process was ended by request or died · `lost` never ran or its end is unknown (see `error`).
 */
export const doneStatus = v.picklist(['ok', 'error', 'interrupted', 'timeout', 'killed', 'lost']);

/** The limit that ended a run. */
export const limitName = v.picklist([
  'wall',
  'cpu',
  'memory',
  'files',
  'processes',
  'output',
  'messages',
  'idle',
  'lifetime',
]);

/** What a `done` says besides whom it is about; the same in every door. */
export const doneFields = {
  status: doneStatus,
  /** Time from start to end as the bridge saw it, milliseconds. */
  wallMs: milliseconds,
  /** Processor time of the worker for this execution, milliseconds. */
  cpuMs: milliseconds,
  /** `false` when computed now, else the store the answer came from. */
  cached: v.union([v.literal(false), v.picklist(['memory', 'lmdb', 'cassandra'])]),
  /** How long ago it was computed; present with an answer from a store. */
  ageMs: v.optional(milliseconds),
  /** Name of the result, for `GET /api/v1/results/{key}`; present when it is kept. */
  key: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/))),
  /** True when output was dropped because it exceeded a limit. */
  truncated: v.boolean(),
  /**
   * True when the run was seen to depend on nothing but its code and what its session ran before: no random
   * numbers, clock, network, environment, process ids, foreign files. Absent: not measured, to be taken as false.
   */
  pure: v.optional(v.boolean()),
  /**
   * True when the run was pure and left its session as it was, so that nothing that runs later depends on it: a frame of an
   * interact that only computes and shows. Absent: to be taken as false.
   */
  unchanged: v.optional(v.boolean()),
  /** Values of the expressions that `execute` asked for, by name; only after status `ok`. */
  expressions: v.optional(notArray(v.record(v.string(), expressionValue))),
  /** Which limit ended the run; present with `timeout`, and with `killed` when a limit was the cause. */
  limit: v.optional(limitName),
  /** One sentence for the reader; present unless status is `ok` or `error`. */
  message: v.optional(v.string()),
  /** Why the system, not the code, failed; present with `lost`. */
  error: v.optional(v.strictObject({ code: errorCode, retryAfterMs: v.optional(milliseconds) })),
};

/**
 * Limits a client asks for. Each may lower the server's own, never raise it: a higher value is clipped.
 * Milliseconds, greater than zero.
 */
export const executionLimits = notArray(
  v.strictObject({
    wallMs: v.optional(v.pipe(v.number(), v.minValue(1))),
    cpuMs: v.optional(v.pipe(v.number(), v.minValue(1))),
  }),
);

export type StreamOutput = v.InferOutput<typeof streamOutput>;
export type MimeBundle = v.InferOutput<typeof mimeBundle>;
export type DisplayOutput = v.InferOutput<typeof displayOutput>;
export type ErrorOutput = v.InferOutput<typeof errorOutput>;
export type FileOutput = v.InferOutput<typeof fileOutput>;
export type PromptOutput = v.InferOutput<typeof promptOutput>;
export type RetractOutput = v.InferOutput<typeof retractOutput>;
export type Output = v.InferOutput<typeof output>;
export type DoneStatus = v.InferOutput<typeof doneStatus>;
export type LimitName = v.InferOutput<typeof limitName>;
export type ExecutionLimits = v.InferOutput<typeof executionLimits>;
