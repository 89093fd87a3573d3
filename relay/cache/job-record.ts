/** What relays with a shared store tell each other of their jobs, so that any of them can be asked about one. */
import * as v from 'valibot';
import { doneFields, output } from '../protocol/index.js';
import { MAX_VALUE_BYTES } from '../stores/store.js';
import type { GuardedStore } from './guarded-store.js';

/** How long somebody who asks about a job waits for what the store knows of it, milliseconds. */
const READ_MS = 500;

/** Longest output that is told of a job that runs, UTF-16 code units of JSON: it is told again and again. */
const MAX_PARTIAL_LENGTH = 65_536;

const jobRecord = v.strictObject({
  state: v.picklist(['queued', 'running']),
  position: v.optional(v.number()),
  outputs: v.array(output),
  /** Present once it has ended. */
  done: v.optional(v.strictObject(doneFields)),
  /** For the page that offers the code again. */
  code: v.string(),
  language: v.optional(v.string()),
});

/** A job as its relay tells it. */
export type JobRecord = v.InferOutput<typeof jobRecord>;

/** What another relay was asked to do with a job. */
export type JobWish = 'stop' | 'drop';

/** Beginning of the names of records, which lie among results. */
export const JOB_RECORD = 'job-';

const nameOf = (id: string): string => `${JOB_RECORD}${id}`;
const wishOf = (id: string): string => `${JOB_RECORD}${id}-wish`;

/** Tells what there is of it, for `ttlMs`; of output as much as there is room for. */
export function writeJob(store: GuardedStore, id: string, record: JobRecord, ttlMs: number): void {
  const text = JSON.stringify(record);
  const isTooLong =
    Buffer.byteLength(text) > MAX_VALUE_BYTES.result ||
    (record.done === undefined && text.length > MAX_PARTIAL_LENGTH);
  const told = isTooLong
    ? { ...record, outputs: [], ...(record.done && { done: { ...record.done, truncated: true } }) }
    : record;
  store.put('result', nameOf(id), Buffer.from(isTooLong ? JSON.stringify(told) : text), { ttlMs });
}

/** @returns undefined if there is none, or none that can be read */
export async function readJob(
  store: GuardedStore,
  id: string,
): Promise<{ readonly record: JobRecord; readonly writtenAt: number } | undefined> {
  const stored = await store.get('result', nameOf(id), READ_MS);
  if (stored === undefined) return undefined;
  try {
    const parsed = v.safeParse(jobRecord, JSON.parse(stored.value.toString()));
    return parsed.success ? { record: parsed.output, writtenAt: stored.writtenAt } : undefined;
  } catch {
    return undefined;
  }
}

export function forgetJob(store: GuardedStore, id: string): void {
  store.delete('result', nameOf(id));
}

/** Asks the relay that has the job. */
export function wishForJob(store: GuardedStore, id: string, wish: JobWish, ttlMs: number): void {
  store.put('result', wishOf(id), Buffer.from(JSON.stringify(wish)), { ttlMs });
}

/** What another relay was asked to do with it. */
export async function readWish(store: GuardedStore, id: string): Promise<JobWish | undefined> {
  const stored = await store.get('result', wishOf(id), READ_MS);
  const text = stored?.value.toString();
  return text === '"stop"' ? 'stop' : text === '"drop"' ? 'drop' : undefined;
}
