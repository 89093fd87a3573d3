/** Long values in pieces: Cassandra is at its best with cells well below 1 MB. */
import type { Stored } from './store.js';

/** Longest piece. */
const CHUNK_BYTES = 262_144;

/** A row of any of the tables; columns of a row that was half written are null. */
export interface PartRow {
  readonly key: string;
  readonly part: number;
  readonly parts: number | null;
  /** The same in all parts of one write. */
  readonly stamp: string;
  readonly written: Date | null;
  readonly expires: Date | null;
  readonly value: Buffer;
}

/** @returns one piece at least */
export function cut(value: Uint8Array): Buffer[] {
  const parts: Buffer[] = [];
  for (let start = 0; start === 0 || start < value.byteLength; start += CHUNK_BYTES) {
    parts.push(Buffer.from(value.subarray(start, start + CHUNK_BYTES)));
  }
  return parts;
}

/** @param rows of one key, by part @returns undefined unless all parts of one and the same write are there */
export function assemble(rows: readonly PartRow[]): Stored | undefined {
  const [first] = rows;
  if (first?.part !== 0 || first.parts === null || first.written === null) return undefined;
  const parts = rows.slice(0, first.parts);
  const isWhole =
    parts.length === first.parts &&
    parts.every(
      ({ part, stamp, value }, index) => part === index && stamp === first.stamp && Buffer.isBuffer(value),
    );
  if (!isWhole) return undefined;
  return {
    value: parts.length === 1 ? first.value : Buffer.concat(parts.map(({ value }) => value)),
    writtenAt: first.written.getTime(),
    ...(first.expires !== null && { expiresAt: first.expires.getTime() }),
  };
}
