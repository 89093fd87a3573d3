/** Worksheet documents, version 1: JSON that is stored, exchanged and shown. No DOM: works in Node too. */
import * as v from 'valibot';
import {
  displayOutput,
  errorOutput,
  fileOutput,
  MAX_CODE_LENGTH,
  streamOutput,
} from '../../relay/protocol/index.js';

/** The version this code reads and writes. */
export const DOCUMENT_VERSION = 1;

/** Most cells of one document: the longest of SageMath's own tutorials has some 700. */
export const MAX_CELLS = 5_000;

/** Longest title, UTF-16 code units. */
export const MAX_TITLE_LENGTH = 1_000;

/** Longest description, and longest text of one cell, UTF-16 code units: what may be executed may be kept. */
export const MAX_TEXT_LENGTH = MAX_CODE_LENGTH;

/** Most stored outputs of one cell; adjacent text of one stream counts once. */
export const MAX_STORED_OUTPUTS = 10_000;

/** Longest document as JSON text, UTF-16 code units. */
export const MAX_DOCUMENT_LENGTH = 33_554_432;

const text = v.pipe(v.string(), v.maxLength(MAX_TEXT_LENGTH));

/** Names a cell in its document: 1–64 of `A–Z a–z 0–9 _ -`. */
export const cellId = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/, '1 to 64 of A–Z a–z 0–9 _ -'));

/** What an execution put out, as it is kept: the outputs of the wire without those that only steer it. */
export const storedOutput = v.variant('kind', [
  streamOutputOfAnyLength(),
  displayOutput,
  errorOutput,
  fileOutput,
]);

/** Pieces of one stream are kept as one, which may be longer than a message on the wire. */
function streamOutputOfAnyLength() {
  return v.strictObject({ ...streamOutput.entries, text: v.string() });
}

/** Switches of a cell; an absent one is off. */
export const cellFlags = v.strictObject({
  /** Runs when the session of the worksheet starts. */
  auto: v.optional(v.boolean()),
  /** The source is not shown. */
  hideSource: v.optional(v.boolean()),
  /** The output is not shown. */
  hideOutput: v.optional(v.boolean()),
  /** The source can't be edited by a reader. */
  readonly: v.optional(v.boolean()),
});

export const cell = v.strictObject({
  id: cellId,
  /** `code` is executed; `note` is Markdown with `$math$`. */
  kind: v.picklist(['code', 'note']),
  /** The code, or the Markdown. */
  source: text,
  /** Language of the code; absent: that of the worksheet. */
  language: v.optional(
    v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]{0,31}$/, 'a language such as sage or gap')),
  ),
  /** Markdown shown above the code. */
  note: v.optional(text),
  flags: v.optional(cellFlags),
  output: v.optional(v.pipe(v.array(storedOutput), v.maxLength(MAX_STORED_OUTPUTS))),
});

export const worksheetDocument = v.strictObject({
  version: v.literal(DOCUMENT_VERSION),
  title: v.optional(v.pipe(v.string(), v.maxLength(MAX_TITLE_LENGTH)), ''),
  /** Markdown with `$math$`. */
  description: v.optional(text, ''),
  cells: v.pipe(
    v.array(cell),
    v.maxLength(MAX_CELLS),
    v.check((cells) => new Set(cells.map(({ id }) => id)).size === cells.length, 'cells whose ids differ'),
  ),
});

export type StoredOutput = v.InferOutput<typeof storedOutput>;
export type CellFlags = v.InferOutput<typeof cellFlags>;
export type Cell = v.InferOutput<typeof cell>;
export type WorksheetDocument = v.InferOutput<typeof worksheetDocument>;
