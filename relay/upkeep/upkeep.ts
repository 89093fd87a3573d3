/** What operators do with a store as a whole: look it through, copy it, clean it. */
import { createHash } from 'node:crypto';
import { blobsIn } from '../documents/documents.js';
import { KINDS, type Kind, type Store, type StoredEntry } from '../stores/store.js';
import { blobsOf, decodeEntry, type Entry } from '../cache/entry.js';
import { JOB_RECORD } from '../cache/job-record.js';
import { SESSION_RECORD } from '../cache/session-record.js';

/** What became of entries of each kind. */
export type Tally = Record<Kind, number>;

/** How an entry is wrong. */
export interface Defect {
  readonly kind: Kind;
  readonly key: string;
  readonly problem: string;
}

/** What a look through a store found. */
export interface Findings {
  readonly entries: Tally;
  /** Bytes of values. */
  readonly bytes: Tally;
  readonly defects: readonly Defect[];
  /** Which Sages the results are of, as `purge` takes their names. */
  readonly sages: readonly SageShare[];
}

/** Results of one Sage and one bridge. */
export interface SageShare {
  readonly sage: string;
  readonly fingerprint: string;
  readonly results: number;
}

/** Defects listed; more are counted only. */
const MAX_DEFECTS = 1_000;

/** Files that nothing names any more go after this time, so that a save that is under way finds its files. Milliseconds. */
const ORPHAN_TTL_MS = 86_400_000;

/** One line of an export. */
interface Line {
  readonly kind: Kind;
  readonly key: string;
  readonly writtenAt: number;
  readonly expiresAt?: number;
  /** Base64. */
  readonly value: string;
}

const none = (): Tally => ({ result: 0, blob: 0, document: 0 });

/** Looks at every entry. @param repair deletes what is wrong */
export async function verify(store: Store, repair = false): Promise<Findings> {
  const entries = none();
  const bytes = none();
  const defects: Defect[] = [];
  const sages = new Map<string, SageShare>();
  for (const kind of KINDS) {
    for await (const entry of store.entries(kind)) {
      entries[kind] += 1;
      bytes[kind] += entry.value.length;
      const result = resultIn(entry);
      if (result !== undefined) {
        const { sage, fingerprint } = result;
        const name = JSON.stringify([sage, fingerprint]);
        sages.set(name, { sage, fingerprint, results: (sages.get(name)?.results ?? 0) + 1 });
      }
      const problem = problemOf(entry, result) ?? (await missingBlob(store, result));
      if (problem === undefined) continue;
      if (defects.length < MAX_DEFECTS) defects.push({ kind, key: entry.key, problem });
      // A document is somebody's work: what is left of it may still be of use.
      if (repair && kind !== 'document') await store.delete(kind, entry.key);
    }
  }
  return { entries, bytes, defects, sages: [...sages.values()] };
}

function problemOf({ kind, key, value }: StoredEntry, result: Entry | undefined): string | undefined {
  switch (kind) {
    case 'blob':
      return createHash('sha256').update(value).digest('hex') === key
        ? undefined
        : 'is not what its hash says';
    case 'document':
      return isJson(value) ? undefined : 'is not JSON';
    case 'result':
      if (isRecord(key)) return isJson(value) ? undefined : 'is not JSON';
      return result === undefined ? 'is corrupt' : undefined;
  }
}

/** True for what lies among results and is none. */
const isRecord = (key: string): boolean => key.startsWith(SESSION_RECORD) || key.startsWith(JOB_RECORD);

const resultIn = ({ kind, key, value }: StoredEntry): Entry | undefined =>
  kind === 'result' && !isRecord(key) ? decodeEntry(value) : undefined;

async function missingBlob(store: Store, result: Entry | undefined): Promise<string | undefined> {
  if (result === undefined) return undefined;
  for (const hash of blobsOf(result)) {
    if ((await store.get('blob', hash)) === undefined) return `names the file ${hash}, which is not there`;
  }
  return undefined;
}

function isJson(value: Buffer): boolean {
  try {
    JSON.parse(value.toString());
    return true;
  } catch {
    return false;
  }
}

/** Every entry as a line of JSON. Values are whole, so that any store can take them back. */
export async function* exported(store: Store, kinds: readonly Kind[] = KINDS): AsyncIterable<string> {
  for (const kind of kinds) {
    for await (const { key, value, writtenAt, expiresAt } of store.entries(kind)) {
      const line: Line = {
        kind,
        key,
        writtenAt,
        ...(expiresAt !== undefined && { expiresAt }),
        value: value.toString('base64'),
      };
      yield `${JSON.stringify(line)}\n`;
    }
  }
}

/**
 * Takes lines of an export; what was there under the same name is replaced, what is over is left out.
 * @throws Error that names the line which is none, or was refused; those before it were taken
 */
export async function imported(store: Store, lines: AsyncIterable<string>): Promise<Tally> {
  const taken = none();
  let number = 0;
  for await (const text of lines) {
    number += 1;
    if (text.trim() === '') continue;
    const { kind, key, expiresAt, value } = readLine(text, number);
    const ttlMs = expiresAt === undefined ? undefined : expiresAt - Date.now();
    if (ttlMs !== undefined && ttlMs <= 0) continue;
    try {
      await store.put(kind, key, Buffer.from(value, 'base64'), ttlMs === undefined ? {} : { ttlMs });
    } catch (error) {
      throw new Error(`Line ${number} was not taken: ${(error as Error).message}`, { cause: error });
    }
    taken[kind] += 1;
  }
  return taken;
}

function readLine(text: string, number: number): Line {
  const bad = new Error(
    `Line ${number} is no line of an export: expected {"kind", "key", "writtenAt", "expiresAt"?, "value"}.`,
  );
  let line: Partial<Line>;
  try {
    line = JSON.parse(text) as Partial<Line>;
  } catch {
    throw bad;
  }
  const { kind, key, writtenAt, expiresAt, value } = line;
  const isRight =
    kind !== undefined &&
    KINDS.includes(kind) &&
    typeof key === 'string' &&
    typeof writtenAt === 'number' &&
    typeof value === 'string' &&
    (expiresAt === undefined || typeof expiresAt === 'number');
  if (!isRight) throw bad;
  return { kind, key, writtenAt, value, ...(expiresAt !== undefined && { expiresAt }) };
}

/** Which results are to go. */
export type Purged =
  { readonly key: string } | { readonly sage: string } | { readonly fingerprint: string } | 'all';

/** Deletes results. Relays forget what they hold in memory at `SIGHUP`. @returns how many */
export async function purge(store: Store, what: Purged): Promise<number> {
  if (what !== 'all' && 'key' in what) {
    const isThere = (await store.get('result', what.key)) !== undefined;
    await store.delete('result', what.key);
    return isThere ? 1 : 0;
  }
  let count = 0;
  for await (const { key, value } of store.entries('result')) {
    if (isRecord(key)) continue;
    const entry = decodeEntry(value);
    const isMeant =
      what === 'all' ||
      entry === undefined ||
      ('sage' in what ? entry.sage === what.sage : entry.fingerprint === what.fingerprint);
    if (!isMeant) continue;
    await store.delete('result', key);
    count += 1;
  }
  return count;
}

/** Gives files a time that were kept for documents of which none is left. @returns how many */
export async function releaseOrphans(store: Store): Promise<number> {
  const named = new Set<string>();
  for await (const { value } of store.entries('document')) {
    for (const hash of blobsIn(value.toString())) named.add(hash);
  }
  let count = 0;
  for await (const { key, value, expiresAt } of store.entries('blob')) {
    if (expiresAt !== undefined || named.has(key)) continue;
    await store.put('blob', key, value, { ttlMs: ORPHAN_TTL_MS });
    count += 1;
  }
  return count;
}
