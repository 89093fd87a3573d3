/** What the API tells of what is kept: results and documents. The OpenAPI file is made of these. */
import * as v from 'valibot';
import { doneFields, output } from '../../protocol/index.js';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const versionNumber = v.pipe(v.number(), v.integer(), v.minValue(1));
const time = v.pipe(v.string(), v.isoTimestamp());
const path = v.pipe(v.string(), v.description('Path on this relay.'));

/** Names a result: 43 characters of base64url, a hash of everything it depends on. */
export const resultKey = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/));

/** Names a file by the SHA-256 of its bytes, hexadecimal. */
export const blobHash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

/** Names a document, and lets one read or change it. */
export const capability = v.pipe(
  v.string(),
  v.description('Identifier and secret, as its address has them.'),
);

/** A finished result that depends on nothing but its code. */
export const keptResult = v.strictObject({
  key: resultKey,
  /** Version of the Sage that computed it. */
  sage: v.string(),
  createdAt: time,
  status: v.picklist(['ok', 'error']),
  outputs: v.array(output),
  wallMs: doneFields.wallMs,
  cpuMs: doneFields.cpuMs,
  expressions: doneFields.expressions,
  /** Where it was found. */
  cached: v.picklist(['memory', 'lmdb', 'cassandra']),
  truncated: v.literal(false),
  pure: v.literal(true),
  /** Files and pictures of the outputs that have addresses of their own. */
  blobs: v.array(
    v.strictObject({ hash: blobHash, name: v.string(), type: v.string(), size: count, url: path }),
  ),
});

/** Body of `POST` and `PUT`. */
export const documentBody = v.strictObject({
  kind: v.optional(v.picklist(['worksheet', 'cell']), 'worksheet'),
  content: v.pipe(v.unknown(), v.description('Any JSON.')),
});

/** A document that was made. */
export const madeDocument = v.strictObject({
  id: v.string(),
  version: versionNumber,
  /** Its address for readers… */
  read: path,
  /** …and for who may change it. Neither can be told again. */
  edit: path,
});

/** One version of a document. */
export const loadedDocument = v.strictObject({
  id: v.string(),
  version: versionNumber,
  /** Number of the latest version. */
  latest: versionNumber,
  savedAt: time,
  kind: v.picklist(['worksheet', 'cell']),
  content: v.unknown(),
  /** Whether this address lets one change it. */
  canEdit: v.boolean(),
});

/** The versions there are, latest first. */
export const documentVersions = v.strictObject({
  versions: v.array(v.strictObject({ version: versionNumber, savedAt: time })),
});

/** A version that was saved. */
export const savedDocument = v.strictObject({ version: versionNumber });

export type KeptResult = v.InferOutput<typeof keptResult>;
export type MadeDocument = v.InferOutput<typeof madeDocument>;
export type LoadedDocument = v.InferOutput<typeof loadedDocument>;
export type DocumentVersions = v.InferOutput<typeof documentVersions>;
export type SavedDocument = v.InferOutput<typeof savedDocument>;
