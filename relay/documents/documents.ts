/** Worksheets and cells that people saved: found by an unguessable address, with their last versions. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import { StoreError, type Store } from '../stores/store.js';

/** Versions of a document that are kept. */
export const MAX_VERSIONS = 20;

/** Longest content, UTF-16 code units of JSON: with its envelope it fits into one value of any store. */
export const MAX_CONTENT_LENGTH = 524_288;

/** Files of one document that are kept for it. */
const MAX_BLOBS = 200;

/** How long the store may take for one step, milliseconds. */
const DEADLINE_MS = 5_000;

/** How far the latest version may be from where its note says it is: as many saves may have failed half-way. */
const MAX_AHEAD = 64;

const SECRET_BYTES = 16;

/** `ID.SECRET`, 22 characters of base64url each. */
const CAPABILITY = /^([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{22})$/;

const BLOB_LINK = /\/blobs\/([0-9a-f]{64})\//g;

const headSchema = v.strictObject({
  readHash: v.string(),
  editHash: v.string(),
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
});

const versionSchema = v.strictObject({
  savedAt: v.pipe(v.number(), v.integer()),
  kind: v.picklist(['worksheet', 'cell']),
  content: v.unknown(),
});

type Head = v.InferOutput<typeof headSchema>;

/** What a document is of. */
export type DocumentKind = v.InferOutput<typeof versionSchema>['kind'];

/** One version of a document. */
export interface DocumentVersion {
  readonly id: string;
  readonly kind: DocumentKind;
  /** From 1. */
  readonly version: number;
  readonly latest: number;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
  /** Any JSON. */
  readonly content: unknown;
  /** True for those who hold the edit capability. */
  readonly canEdit: boolean;
}

/** What its maker gets to know; nobody can be told the capabilities a second time. */
export interface CreatedDocument {
  readonly id: string;
  readonly version: number;
  readonly readCapability: string;
  readonly editCapability: string;
}

/** Why something was not done. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  /** `conflict`: somebody saved meanwhile; `latest` is what there is now. */
  readonly code: 'not-found' | 'forbidden' | 'conflict' | 'too-large' | 'full' | 'unavailable';
  readonly latest: number | undefined;

  constructor(code: DocumentError['code'], message: string, latest?: number) {
    super(message);
    this.code = code;
    this.latest = latest;
  }
}

/** Documents in a store. Every method throws `DocumentError`. */
export class Documents {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async create(kind: DocumentKind, content: unknown): Promise<CreatedDocument> {
    const [id, read, edit] = [secret(), secret(), secret()];
    const value = encodeVersion(kind, content);
    await this.#keepBlobs(content);
    await this.#asked(this.#store.create(versionKey(id, 1), value));
    const head: Head = { readHash: hashOf(read), editHash: hashOf(edit), version: 1 };
    await this.#writeHead(id, head);
    return { id, version: 1, readCapability: `${id}.${read}`, editCapability: `${id}.${edit}` };
  }

  /** @param version the latest if not given */
  async load(capability: string, version?: number): Promise<DocumentVersion> {
    const { id, head, canEdit } = await this.#open(capability);
    const latest = await this.#latest(id, head);
    const wanted = version ?? latest;
    const found = await this.#readVersion(id, wanted);
    if (found === undefined)
      throw new DocumentError('not-found', `There is no version ${wanted} any more.`, latest);
    return { id, version: wanted, latest, canEdit, ...found };
  }

  /** Versions that are still there, newest first. */
  async versions(
    capability: string,
  ): Promise<readonly { readonly version: number; readonly savedAt: number }[]> {
    const { id, head } = await this.#open(capability);
    const latest = await this.#latest(id, head);
    const numbers = Array.from({ length: Math.min(latest, MAX_VERSIONS) }, (_, index) => latest - index);
    const found = await Promise.all(numbers.map((number) => this.#readVersion(id, number)));
    return numbers.flatMap((version, index) => {
      const savedAt = found[index]?.savedAt;
      return savedAt === undefined ? [] : [{ version, savedAt }];
    });
  }

  /**
   * Adds a version.
   * @param base the version that was changed, or undefined to change whatever is there
   * @returns the new version's number
   */
  async save(capability: string, kind: DocumentKind, content: unknown, base?: number): Promise<number> {
    const { id, head, canEdit } = await this.#open(capability);
    if (!canEdit)
      throw new DocumentError('forbidden', 'This address lets one read the document, not change it.');
    const value = encodeVersion(kind, content);
    const latest = await this.#latest(id, head);
    if (base !== undefined && base !== latest) {
      throw new DocumentError('conflict', `Version ${latest} was saved meanwhile.`, latest);
    }
    await this.#keepBlobs(content);
    const version = latest + 1;
    if (!(await this.#asked(this.#store.create(versionKey(id, version), value)))) {
      throw new DocumentError('conflict', `Version ${version} was saved meanwhile.`, version);
    }
    await this.#writeHead(id, { ...head, version });
    if (version > MAX_VERSIONS)
      await this.#asked(this.#store.delete('document', versionKey(id, version - MAX_VERSIONS)));
    return version;
  }

  /** Deletes all versions. */
  async delete(capability: string): Promise<void> {
    const { id, head, canEdit } = await this.#open(capability);
    if (!canEdit)
      throw new DocumentError('forbidden', 'This address lets one read the document, not delete it.');
    const latest = await this.#latest(id, head);
    // The head first: a deletion that breaks off leaves nothing that can be found.
    await this.#asked(this.#store.delete('document', headKey(id)));
    for (let version = latest; version > Math.max(0, latest - MAX_VERSIONS - 1); version -= 1) {
      await this.#asked(this.#store.delete('document', versionKey(id, version)));
    }
  }

  async #open(capability: string): Promise<{ id: string; head: Head; canEdit: boolean }> {
    const [, id, given] = CAPABILITY.exec(capability) ?? [];
    const head = id === undefined ? undefined : await this.#read(headKey(id), headSchema);
    // A wrong secret is told apart from a missing document to nobody.
    const missing = new DocumentError('not-found', 'There is no such document.');
    if (id === undefined || given === undefined || head === undefined) throw missing;
    const hash = hashOf(given);
    const canEdit = isSame(hash, head.editHash);
    if (!isSame(hash, head.readHash) && !canEdit) throw missing;
    return { id, head, canEdit };
  }

  /** Where the note of the head has fallen behind the versions, the versions are right. */
  async #latest(id: string, head: Head): Promise<number> {
    let latest = head.version;
    while (latest - head.version < MAX_AHEAD && (await this.#exists(versionKey(id, latest + 1)))) latest += 1;
    return latest;
  }

  async #exists(key: string): Promise<boolean> {
    return (await this.#asked(this.#store.get('document', key))) !== undefined;
  }

  #readVersion(id: string, version: number): Promise<v.InferOutput<typeof versionSchema> | undefined> {
    return this.#read(versionKey(id, version), versionSchema);
  }

  async #read<T extends v.GenericSchema>(key: string, schema: T): Promise<v.InferOutput<T> | undefined> {
    const stored = await this.#asked(this.#store.get('document', key));
    if (stored === undefined) return undefined;
    try {
      const parsed = v.safeParse(schema, JSON.parse(stored.value.toString()));
      return parsed.success ? parsed.output : undefined;
    } catch {
      return undefined;
    }
  }

  #writeHead(id: string, head: Head): Promise<void> {
    return this.#asked(this.#store.put('document', headKey(id), Buffer.from(JSON.stringify(head))));
  }

  /** Files that a document names are kept as long as the document. */
  async #keepBlobs(content: unknown): Promise<void> {
    for (const hash of blobsIn(JSON.stringify(content)).slice(0, MAX_BLOBS)) {
      const stored = await this.#asked(this.#store.get('blob', hash));
      if (stored?.expiresAt !== undefined) await this.#asked(this.#store.put('blob', hash, stored.value));
    }
  }

  async #asked<T>(answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    try {
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error('no answer in time')), DEADLINE_MS);
      });
      return await Promise.race([answer, late]);
    } catch (error) {
      if (error instanceof StoreError && error.code === 'full') {
        throw new DocumentError('full', 'There is no room for more documents.');
      }
      throw new DocumentError('unavailable', 'The store can not be reached at the moment.');
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Hashes of the files that a document's text links to, each once. */
export const blobsIn = (text: string): string[] => [
  ...new Set([...text.matchAll(BLOB_LINK)].map(([, hash]) => hash ?? '')),
];

const secret = (): string => randomBytes(SECRET_BYTES).toString('base64url');
const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');
const headKey = (id: string): string => `d-${id}`;
const versionKey = (id: string, version: number): string => `v-${id}-${version}`;

const isSame = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

function encodeVersion(kind: DocumentKind, content: unknown): Buffer {
  const text = JSON.stringify({ savedAt: Date.now(), kind, content });
  if (text.length > MAX_CONTENT_LENGTH) {
    throw new DocumentError('too-large', `A document may have ${MAX_CONTENT_LENGTH} characters of JSON.`);
  }
  return Buffer.from(text);
}
