/** What any relay needs to know of a session that no bridge knows: what it ran, and how far its messages were numbered. */
import * as v from 'valibot';
import { execute, executionId } from '../protocol/index.js';
import type { GuardedStore } from './guarded-store.js';
import type { Asked } from './key.js';

/** As long as a session token is good. Milliseconds. */
const RECORD_TTL_MS = 86_400_000;

/** How long somebody who resumes a session waits for what the store knows of it. */
const RECORD_DEADLINE_MS = 500;

/** Longer histories are not recorded, bytes. */
const MAX_RECORD_BYTES = 524_288;

/** One execution whose end was told. */
export interface Ended {
  readonly execution: v.InferOutput<typeof executionId>;
  /** Name of its result. */
  readonly key: string;
  /** Number of the message before its first. */
  readonly after: number;
  /** Number of its `done`. */
  readonly lastSeq: number;
}

/** One execution of the history. */
export interface Ran extends Ended {
  readonly asked: Asked;
  readonly status: 'ok' | 'error';
}

export interface SessionRecord {
  readonly history: readonly Ran[];
  /** The latest of those that left the session as it was, and whose end the client may not have. */
  readonly asides: readonly Ended[];
  readonly seq: number;
}

const { code, frame, language, typeset, expressions, limits } = execute.entries;
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const ended = { execution: executionId, key: v.string(), after: count, lastSeq: count };

const recordSchema = v.strictObject({
  history: v.array(
    v.strictObject({
      ...ended,
      asked: v.strictObject({ code, frame, language, typeset, expressions, limits }),
      status: v.picklist(['ok', 'error']),
    }),
  ),
  asides: v.array(v.strictObject(ended)),
  seq: count,
});

/** Beginning of the names of records, which lie among results. */
export const SESSION_RECORD = 'session-';

const nameOf = (session: string): string => `${SESSION_RECORD}${session}`;

export function writeRecord(store: GuardedStore, session: string, record: SessionRecord): void {
  const value = Buffer.from(JSON.stringify(record));
  if (value.length <= MAX_RECORD_BYTES) store.put('result', nameOf(session), value, { ttlMs: RECORD_TTL_MS });
}

export function dropRecord(store: GuardedStore, session: string): void {
  store.delete('result', nameOf(session));
}

/** @returns undefined if there is none, or none that can be read */
export async function readRecord(store: GuardedStore, session: string): Promise<SessionRecord | undefined> {
  const stored = await store.get('result', nameOf(session), RECORD_DEADLINE_MS);
  if (stored === undefined) return undefined;
  try {
    const parsed = v.safeParse(recordSchema, JSON.parse(stored.value.toString()));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
