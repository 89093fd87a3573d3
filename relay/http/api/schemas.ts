/** What the JSON API takes and gives, declared once: requests are checked by these, the OpenAPI file is made of them. */
import * as v from 'valibot';
import { doneFields, errorCode, execute, MAX_EMBED_KEY_LENGTH, output } from '../../protocol/index.js';

/** Longest time that a request may ask to be kept waiting, seconds: half of what proxies usually allow. */
export const MAX_WAIT_S = 30;

/** How long `POST /api/v1/execute` waits for the end when it is not told, seconds. */
export const DEFAULT_WAIT_S = 2;

const wait = v.pipe(
  v.number(),
  v.minValue(0),
  v.maxValue(MAX_WAIT_S),
  v.description(
    `How long to wait for the end before answering with a job, seconds; ${DEFAULT_WAIT_S} if not given.`,
  ),
);

const { code, language, typeset, limits, expressions, cache } = execute.entries;

/** Body of `POST /api/v1/execute`. */
export const executeRequest = v.strictObject({
  code: v.pipe(code, v.description('What to run.')),
  language: v.optional(
    v.pipe(v.unwrap(language), v.description('sage is preparsed (2^3 is 8), python is not.')),
  ),
  typeset: v.optional(
    v.pipe(v.unwrap(typeset), v.description('Adds text/latex to displayed values that have one.')),
  ),
  timeout: v.optional(
    v.pipe(
      v.number(),
      v.gtValue(0),
      v.description('Longest run, seconds. May lower the limit of the server, never raise it.'),
    ),
  ),
  limits,
  expressions,
  cache,
  wait: v.optional(wait),
  key: v.optional(
    v.pipe(
      v.string(),
      v.minLength(1),
      v.maxLength(MAX_EMBED_KEY_LENGTH),
      v.description('Embed key, or a token signed for one; `Authorization: Bearer` does the same.'),
    ),
  ),
});

/** The whole outcome of code that ended; a failure of the code is an outcome too. */
export const result = v.strictObject({
  ...doneFields,
  outputs: v.array(output),
});

/** Names a job: 22 characters of base64url, 128 random bits. Whoever knows it may read and stop the job. */
export const jobId = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22}$/));

/** A job that has not ended, with the output so far. */
export const runningJob = v.strictObject({
  id: jobId,
  status: v.picklist(['queued', 'running']),
  /** How many are before it. */
  position: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  outputs: v.array(output),
  url: v.pipe(v.string(), v.description('Path to ask for the rest.')),
  pollAfterMs: v.pipe(
    v.number(),
    v.minValue(0),
    v.description('When to ask again, milliseconds from now, without wait.'),
  ),
});

/** A job that ended. */
export const endedJob = v.strictObject({ id: jobId, ...result.entries });

/** Query of `GET /api/v1/jobs/{id}`. */
export const jobQuery = v.strictObject({ wait: v.optional(wait) });

/** Every answer that is not a result or a job. */
export const errorAnswer = v.strictObject({
  error: v.strictObject({
    code: errorCode,
    message: v.string(),
    field: v.optional(v.pipe(v.string(), v.description('Path of the offending field.'))),
    retryAfterMs: v.optional(v.pipe(v.number(), v.minValue(0))),
  }),
});

/** Turns a schema into JSON Schema 2020-12. */
export type ToJsonSchema = (schema: v.GenericSchema) => object;

export type ExecuteRequest = v.InferOutput<typeof executeRequest>;
