/** `/api/v1/documents…`: worksheets and cells saved and loaded by capability URL. */
import type { TemplatedApp } from 'uWebSockets.js';
import * as v from 'valibot';
import { DocumentError, MAX_CONTENT_LENGTH, type Documents } from '../documents/documents.js';
import { RelayError } from '../errors.js';
import {
  documentBody,
  type DocumentVersions,
  type LoadedDocument,
  type MadeDocument,
  type SavedDocument,
} from './api/kept-schemas.js';
import type { MakeRoute } from './api/routes.js';
import { readBody } from './body.js';
import type { Exchange, Headers } from './respond.js';

/** Characters of JSON may be escapes of six bytes. */
const MAX_BODY_BYTES = 4 * MAX_CONTENT_LENGTH;

const urlOf = (capability: string): string => `/api/v1/documents/${capability}`;

const answerHeaders = (exchange: Exchange, version?: number): Headers => [
  ...exchange.corsHeaders,
  ['Access-Control-Expose-Headers', 'ETag, Location'],
  ...(version === undefined ? [] : [['ETag', `"${version}"`] as const]),
];

/** `POST /api/v1/documents`: a new one. Must be called within the route's callback. @throws RelayError */
async function answerCreate(exchange: Exchange, documents: Documents): Promise<void> {
  const { kind, content } = await readDocument(exchange);
  const made = await told(documents.create(kind, content));
  exchange.json(
    '201 Created',
    {
      id: made.id,
      version: made.version,
      read: urlOf(made.readCapability),
      edit: urlOf(made.editCapability),
    } satisfies MadeDocument,
    [...answerHeaders(exchange, made.version), ['Location', urlOf(made.editCapability)]],
  );
}

/** `GET /api/v1/documents/{capability}[?version=N]`. @throws RelayError */
async function answerLoad(exchange: Exchange, documents: Documents): Promise<void> {
  const text = new URLSearchParams(exchange.query).get('version');
  if (text !== null && !/^[1-9]\d{0,8}$/.test(text)) {
    throw new RelayError(
      'bad-message',
      `version is ${JSON.stringify(text.slice(0, 40))}; expected a number from 1.`,
      {
        field: 'version',
      },
    );
  }
  const version = text === null ? undefined : Number(text);
  const found = await told(documents.load(capabilityOf(exchange), version));
  exchange.json(
    '200 OK',
    { ...found, savedAt: new Date(found.savedAt).toISOString() } satisfies LoadedDocument,
    answerHeaders(exchange, found.version),
  );
}

/** `GET /api/v1/documents/{capability}/versions`. @throws RelayError */
async function answerVersions(exchange: Exchange, documents: Documents): Promise<void> {
  const versions = await told(documents.versions(capabilityOf(exchange)));
  exchange.json(
    '200 OK',
    {
      versions: versions.map(({ version, savedAt }) => ({
        version,
        savedAt: new Date(savedAt).toISOString(),
      })),
    } satisfies DocumentVersions,
    answerHeaders(exchange),
  );
}

/**
 * `PUT /api/v1/documents/{capability}` with `If-Match: "N"`, the version that was changed, or `*` to replace whatever
 * is there. Must be called within the route's callback. @throws RelayError `conflict` when somebody saved meanwhile
 */
async function answerSave(exchange: Exchange, documents: Documents): Promise<void> {
  const body = readDocument(exchange);
  const ifMatch = exchange.header('if-match').trim();
  const [, number] = /^(?:W\/)?"(\d{1,9})"$/.exec(ifMatch) ?? [];
  const { kind, content } = await body;
  if (number === undefined && ifMatch !== '*') {
    throw new RelayError('bad-message', 'Send If-Match: the version that was changed, as "3", or *.', {
      field: 'if-match',
    });
  }
  const base = number === undefined ? undefined : Number(number);
  const version = await told(documents.save(capabilityOf(exchange), kind, content, base));
  exchange.json('200 OK', { version } satisfies SavedDocument, answerHeaders(exchange, version));
}

/** `DELETE /api/v1/documents/{capability}`. @throws RelayError */
async function answerDeleteDocument(exchange: Exchange, documents: Documents): Promise<void> {
  await told(documents.delete(capabilityOf(exchange)));
  exchange.reply('204 No Content', answerHeaders(exchange));
}

const capabilityOf = (exchange: Exchange): string => exchange.path.split('/')[4] ?? '';

async function readDocument(exchange: Exchange): Promise<v.InferOutput<typeof documentBody>> {
  const body = readBody(exchange, MAX_BODY_BYTES);
  // A page can't send this type to another site without asking first.
  if (!/^application\/json\s*(;|$)/i.test(exchange.header('content-type'))) {
    body.catch(() => undefined);
    throw new RelayError('bad-message', 'Send application/json.', { field: 'content-type' });
  }
  let value: unknown;
  try {
    value = JSON.parse((await body).toString());
  } catch (error) {
    if (error instanceof RelayError) throw error;
    throw new RelayError('bad-message', 'The body is not JSON.');
  }
  const parsed = v.safeParse(documentBody, value, { abortEarly: true });
  if (parsed.success && parsed.output.content !== undefined) return parsed.output;
  const field = parsed.success ? 'content' : v.getDotPath(parsed.issues[0]);
  throw new RelayError(
    'bad-message',
    `${field ?? 'The body'} is missing or not allowed; expected {"kind"?, "content"}.`,
    {
      ...(field !== null && { field }),
    },
  );
}

/** What went wrong, as the API tells it. */
async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    const { code, message } = error;
    if (code === 'forbidden') throw new RelayError('unauthorized', message);
    if (code === 'full') throw new RelayError('busy', message);
    if (code === 'unavailable') throw new RelayError('unavailable', message, { retryAfterMs: 2_000 });
    throw new RelayError(code, message);
  }
}

/**
 * The routes of what people save.
 * @param open for what any page may ask
 * @param guarded refuses pages of origins that are not allowed
 */
export function mountDocuments(
  app: TemplatedApp,
  documents: Documents,
  open: MakeRoute,
  guarded: MakeRoute,
): void {
  const preflight = (methods: string): ReturnType<MakeRoute> =>
    open((exchange) => {
      exchange.reply('204 No Content', [
        ...exchange.corsHeaders,
        ['Access-Control-Allow-Methods', `${methods}, OPTIONS`],
        ['Access-Control-Allow-Headers', 'Content-Type, If-Match'],
        ['Access-Control-Max-Age', '7200'],
      ]);
      return Promise.resolve();
    });
  const all = '/api/v1/documents';
  const one = `${all}/:capability`;
  app.post(
    all,
    guarded((exchange) => answerCreate(exchange, documents)),
  );
  app.options(all, preflight('POST'));
  app.get(
    one,
    guarded((exchange) => answerLoad(exchange, documents)),
  );
  app.put(
    one,
    guarded((exchange) => answerSave(exchange, documents)),
  );
  app.del(
    one,
    guarded((exchange) => answerDeleteDocument(exchange, documents)),
  );
  app.options(one, preflight('GET, PUT, DELETE'));
  app.get(
    `${one}/versions`,
    guarded((exchange) => answerVersions(exchange, documents)),
  );
}
