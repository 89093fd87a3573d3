/** A result as it is kept: checked by a hash, its files apart, each under its own hash. */
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { doneFields, interactId, output, type Increment, type Output } from '../protocol/index.js';

/** Base64 text from this length on is kept as a blob, characters: below it the text costs less than a read. */
const MIN_BLOB_LENGTH = 4_096;

const HASH_BYTES = 32;

/** Types of a display's data that are base64. */
const BINARY_TYPES = new Set(['image/png', 'image/jpeg', 'image/gif']);

/** Stands for base64 that is kept as the blob of that SHA-256. */
const BLOB_MARK = /^blob:([0-9a-f]{64})$/;

/** How it ended, without what is different each time it is told. */
const endSchema = v.strictObject({
  status: v.picklist(['ok', 'error']),
  wallMs: doneFields.wallMs,
  cpuMs: doneFields.cpuMs,
  expressions: doneFields.expressions,
  unchanged: doneFields.unchanged,
});

const entrySchema = v.strictObject({
  sage: v.string(),
  fingerprint: v.string(),
  /** Milliseconds since 1970. */
  createdAt: v.pipe(v.number(), v.integer()),
  expiresAt: v.pipe(v.number(), v.integer()),
  end: endSchema,
  outputs: v.array(output),
  /** As many as outputs: the interact that each is of, null for the execution's own. Absent: all are its own. */
  frames: v.optional(v.array(v.nullable(interactId))),
});

/** A pure run that ended normally: what it put out and how it ended. Immutable. */
export type Entry = Readonly<v.InferOutput<typeof entrySchema>>;

/** An entry ready to be kept. */
export interface EncodedEntry {
  readonly value: Buffer;
  /** By the SHA-256 of their bytes, hexadecimal. */
  readonly blobs: ReadonlyMap<string, Buffer>;
}

/** One increment of output as it is told, with the interact it is of unless it is the execution's own. */
export type Told = Increment;

/** What of an entry says what was put out. */
export function outputsOf(told: readonly Told[]): Pick<Entry, 'outputs' | 'frames'> {
  const outputs = told.map(({ output }) => output);
  const isOwn = told.every(({ frame }) => frame === undefined);
  return isOwn ? { outputs } : { outputs, frames: told.map(({ frame }) => frame ?? null) };
}

/** What was put out, to be told again. */
export const toldBy = ({ outputs, frames }: Pick<Entry, 'outputs' | 'frames'>): Told[] =>
  outputs.map((output, index) => {
    const frame = frames?.[index];
    return typeof frame === 'string' ? { output, frame } : { output };
  });

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const isCanonical = (text: string): boolean => /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0;

export function encodeEntry(entry: Entry): EncodedEntry {
  const blobs = new Map<string, Buffer>();
  const outputs = mapBinary(entry.outputs, (text) => {
    // Line breaks within base64 would not survive: such text stays as it is.
    if (text.length < MIN_BLOB_LENGTH || !isCanonical(text)) return text;
    const bytes = Buffer.from(text, 'base64');
    const hash = sha256(bytes);
    blobs.set(hash, bytes);
    return `blob:${hash}`;
  });
  const text = Buffer.from(JSON.stringify({ ...entry, outputs }));
  return { value: Buffer.concat([createHash('sha256').update(text).digest(), text]), blobs };
}

/** @returns the entry with marks in place of its blobs, or undefined for what is none, however it was hurt */
export function decodeEntry(value: Buffer): Entry | undefined {
  const text = value.subarray(HASH_BYTES);
  const isWhole = createHash('sha256').update(text).digest().equals(value.subarray(0, HASH_BYTES));
  if (!isWhole) return undefined;
  try {
    const parsed = v.safeParse(entrySchema, JSON.parse(text.toString()));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/** Hashes of the blobs that an encoded entry needs. */
export function blobsOf(entry: Entry): Set<string> {
  const hashes = new Set<string>();
  mapBinary(entry.outputs, (text) => {
    const hash = BLOB_MARK.exec(text)?.[1];
    if (hash !== undefined) hashes.add(hash);
    return text;
  });
  return hashes;
}

/** Puts the blobs back in place. @returns undefined if one is missing or is not what its hash says */
export function withBlobs(entry: Entry, blobs: ReadonlyMap<string, Buffer>): Entry | undefined {
  const missing: string[] = [];
  const outputs = mapBinary(entry.outputs, (text) => {
    const hash = BLOB_MARK.exec(text)?.[1];
    if (hash === undefined) return text;
    const bytes = blobs.get(hash);
    if (bytes !== undefined && sha256(bytes) === hash) return bytes.toString('base64');
    missing.push(hash);
    return '';
  });
  return missing.length === 0 ? { ...entry, outputs } : undefined;
}

function mapBinary(outputs: readonly Output[], change: (text: string) => string): Output[] {
  return outputs.map((each) => {
    if (each.kind === 'file' && each.data !== undefined) return { ...each, data: change(each.data) };
    if (each.kind !== 'display' || !Object.keys(each.data).some((type) => BINARY_TYPES.has(type)))
      return each;
    const data = Object.entries(each.data).map(([type, text]) => [
      type,
      BINARY_TYPES.has(type) ? change(text) : text,
    ]);
    return { ...each, data: Object.fromEntries(data) as Record<string, string> };
  });
}
