/** Identifiers on the wire: opaque, short, safe in a URL, a log line and a file name. */
import * as v from 'valibot';

const idText = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/));

/**
 * Names a session: 1–64 of `A–Z a–z 0–9 _ -`.
 * Between page and relay the page chooses it and it means something on that connection only;
 * between relay and bridge the relay chooses it and it is unguessable (a UUID).
 */
export const sessionId = v.pipe(idText, v.brand('SessionId'));
export type SessionId = v.InferOutput<typeof sessionId>;

/** Names one execution; chosen by the page, passed through unchanged, unique within its session (or connection). */
export const executionId = v.pipe(idText, v.brand('ExecutionId'));
export type ExecutionId = v.InferOutput<typeof executionId>;

/** Names one request that has one answer (`complete`, `inspect`); chosen by whoever asks. */
export const requestId = v.pipe(idText, v.brand('RequestId'));
export type RequestId = v.InferOutput<typeof requestId>;

/**
 * Names an interact within its session: its number there and a hash of what it is, so that the same name means the same
 * function in every session with the same history, and another function never has it.
 */
export const interactId = v.pipe(idText, v.brand('InteractId'));
export type InteractId = v.InferOutput<typeof interactId>;

/** Signed text that lets its holder attach to a session through any relay. Secret: never in a URL or a log. */
export const sessionToken = v.pipe(v.string(), v.minLength(16), v.maxLength(1_024), v.brand('SessionToken'));
export type SessionToken = v.InferOutput<typeof sessionToken>;

/** Number of a session's message, from 1, without holes; 0 stands for "none yet". */
export const sequence = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
