/** Paths of what is kept: results, the files in them, documents. */
import { MAX_CONTENT_LENGTH, MAX_VERSIONS } from '../../documents/documents.js';
import { blobHash, capability, resultKey } from './kept-schemas.js';
import type { ToJsonSchema } from './schemas.js';

/** What makes an answer's description. */
export interface Answers {
  readonly ref: (name: string) => object;
  readonly json: (description: string, schema: object, headers?: object) => object;
  readonly failure: (description: string) => object;
  /** What any path may answer. */
  readonly failures: object;
}

const header = (description: string): object => ({ description, schema: { type: 'string' } });

/** Headers of every answer with the end of an execution. */
export const END_HEADERS = {
  'X-Sage-Cache': header(
    'Where the result was found: memory, lmdb or cassandra; miss for one that was computed.',
  ),
  'Content-Location': header('Where the result can be had again, if it is kept.'),
  Age: header('How old a result is that was found, seconds.'),
};

const IMMUTABLE = {
  ETag: header('The same for as long as the content is.'),
  'Cache-Control': header('For how long anybody may keep it.'),
};

const bytes = (description: string, headers: object = {}): object => ({
  description,
  headers: { ...IMMUTABLE, ...headers },
  content: { '*/*': {} },
});

const IF_MATCH = {
  name: 'If-Match',
  in: 'header',
  required: true,
  description: 'The version that was changed, as "3", or * for any.',
  schema: { type: 'string' },
};

export function keptPaths(toJsonSchema: ToJsonSchema, { ref, json, failure, failures }: Answers): object {
  const named = (name: string, schema: object): object => ({ name, in: 'path', required: true, schema });
  const document = named('capability', toJsonSchema(capability));
  const body = { required: true, content: { 'application/json': { schema: ref('DocumentBody') } } };
  const version = { ETag: header('Number of the version, as "3".') };
  const missing = failure('There is no such document, or the address is wrong.');
  const tooLong = failure(`A document may have ${MAX_CONTENT_LENGTH} characters of JSON.`);
  const wrong = failure('The request is not what it must be; field names where.');
  return {
    '/api/v1/results/{key}': {
      get: {
        operationId: 'keptResult',
        summary: 'A finished result, the same for everybody',
        description:
          'Of code that depends on nothing but itself. The key is in done.key and Content-Location; Sage, bridge, language, limits and texts make it, so that what is there never changes.',
        parameters: [named('key', toJsonSchema(resultKey))],
        responses: {
          200: json('The result.', ref('KeptResult'), {
            ...IMMUTABLE,
            'X-Sage-Cache': END_HEADERS['X-Sage-Cache'],
          }),
          304: { description: 'It is what If-None-Match names.' },
          404: failure('There is no such result here, or none any more.'),
          ...failures,
        },
      },
    },
    '/blobs/{hash}/{name}': {
      get: {
        operationId: 'file',
        summary: 'A file that a computation made',
        description:
          'Served as what its bytes are, whatever it is called, or for saving; nothing in it runs or loads anything. One range of bytes may be asked for.',
        parameters: [named('hash', toJsonSchema(blobHash)), named('name', { type: 'string' })],
        responses: {
          200: bytes('The file.'),
          206: bytes('The part asked for.', { 'Content-Range': header('Which part that is.') }),
          304: { description: 'It is what If-None-Match names.' },
          404: failure('There is no such file here, or none any more.'),
          416: { description: 'The file has no such part.' },
          ...failures,
        },
      },
    },
    '/api/v1/documents': {
      post: {
        operationId: 'createDocument',
        summary: 'Save a new document',
        requestBody: body,
        responses: {
          201: json('It is saved; the addresses are told this once.', ref('MadeDocument'), {
            ...version,
            Location: header('Address for who may change it.'),
          }),
          400: wrong,
          413: tooLong,
          ...failures,
        },
      },
    },
    '/api/v1/documents/{capability}': {
      get: {
        operationId: 'loadDocument',
        summary: 'The latest version of a document, or the one asked for',
        parameters: [document, { name: 'version', in: 'query', schema: { type: 'integer', minimum: 1 } }],
        responses: {
          200: json('The version.', ref('LoadedDocument'), version),
          400: wrong,
          404: missing,
          ...failures,
        },
      },
      put: {
        operationId: 'saveDocument',
        summary: 'Save a further version',
        parameters: [document, IF_MATCH],
        requestBody: body,
        responses: {
          200: json('It is saved.', ref('SavedDocument'), version),
          400: wrong,
          404: missing,
          412: failure('Somebody saved meanwhile. Load the latest version and try again.'),
          413: tooLong,
          ...failures,
          403: failure('The address lets one read only, or the page that asks may not use this relay.'),
        },
      },
      delete: {
        operationId: 'deleteDocument',
        summary: 'Delete all versions of a document',
        parameters: [document],
        responses: {
          204: { description: 'It is gone.' },
          404: missing,
          ...failures,
          403: failure('The address lets one read only, or the page that asks may not use this relay.'),
        },
      },
    },
    '/api/v1/documents/{capability}/versions': {
      get: {
        operationId: 'documentVersions',
        summary: `The last ${MAX_VERSIONS} versions of a document, latest first`,
        parameters: [document],
        responses: { 200: json('The versions.', ref('DocumentVersions')), 404: missing, ...failures },
      },
    },
  };
}
