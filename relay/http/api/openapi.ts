/** The JSON API described as OpenAPI 3.1, made of the schemas that requests are checked by. */
import { ERROR_CODES } from '../../protocol/index.js';
import {
  documentBody,
  documentVersions,
  keptResult,
  loadedDocument,
  madeDocument,
  savedDocument,
} from './kept-schemas.js';
import { END_HEADERS, keptPaths } from './openapi-kept.js';
import { KEEP_ENDED_MS, MIN_POLL_MS } from './jobs.js';
import {
  DEFAULT_WAIT_S,
  endedJob,
  errorAnswer,
  executeRequest,
  jobId,
  result,
  runningJob,
  MAX_WAIT_S,
  type ToJsonSchema,
} from './schemas.js';

const ref = (name: string): object => ({ $ref: `#/components/schemas/${name}` });

const json = (description: string, schema: object, headers?: object): object => ({
  description,
  ...(headers && { headers }),
  content: { 'application/json': { schema } },
});

const page = { 'text/html': { schema: { type: 'string' } } };

const RETRY_AFTER = {
  'Retry-After': {
    description: 'Seconds to wait before asking again.',
    schema: { type: 'integer', minimum: 1 },
  },
};

const failure = (description: string, headers?: object): object => json(description, ref('Error'), headers);

const FAILURES = {
  403: failure('The page that asks may not use this relay.'),
  500: failure('A defect of the relay.'),
  503: failure('Nothing can compute at the moment.', RETRY_AFTER),
};

/** @param version of the project */
export function openApiDocument(toJsonSchema: ToJsonSchema, version: string): object {
  const id = { name: 'id', in: 'path', required: true, schema: toJsonSchema(jobId) };
  const gone = failure('There is no such job, or no longer.');
  return {
    openapi: '3.1.0',
    info: {
      title: 'sage-embed: compute with SageMath',
      version,
      description:
        `Send code, have its result. What takes longer than ${DEFAULT_WAIT_S} s (or the wait asked for) becomes a job; its outcome is ` +
        `kept for ${KEEP_ENDED_MS / 60_000} minutes. Every execution runs in a fresh process. With Accept: text/html each answer is a page.`,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: {
      '/api/v1/execute': {
        get: {
          operationId: 'form',
          summary: 'A page with a form that computes, without scripts',
          parameters: [
            { name: 'code', in: 'query', description: 'Code to begin with.', schema: { type: 'string' } },
            {
              name: 'language',
              in: 'query',
              description: 'What it is written in.',
              schema: { type: 'string' },
            },
          ],
          responses: { 200: { description: 'The form.', content: page } },
        },
        post: {
          operationId: 'execute',
          summary: 'Run code',
          requestBody: {
            required: true,
            content: {
              'application/json': { schema: ref('ExecuteRequest'), example: { code: 'factor(2^127 - 1)' } },
              'application/x-www-form-urlencoded': {
                schema: {
                  type: 'object',
                  required: ['code'],
                  properties: { code: { type: 'string' }, language: { type: 'string' } },
                },
              },
            },
          },
          responses: {
            200: json('The code ended.', ref('Result'), END_HEADERS),
            202: json('It takes longer: ask for the job.', ref('RunningJob'), {
              Location: { description: 'Path of the job.', schema: { type: 'string' } },
              ...RETRY_AFTER,
            }),
            303: { description: 'To the page of the job, for who reads pages.' },
            400: failure('The request is not what it must be; field names where.'),
            413: failure('The code or the body is too long.'),
            415: failure('The body is neither JSON nor a form.'),
            429: failure('Too many requests are being computed.', RETRY_AFTER),
            ...FAILURES,
          },
        },
      },
      '/api/v1/jobs/{id}': {
        get: {
          operationId: 'job',
          summary: 'What there is of a job',
          description: `A running job may be asked about every ${MIN_POLL_MS} ms, or with wait, which answers as soon as it ends.`,
          parameters: [
            id,
            {
              name: 'wait',
              in: 'query',
              description: 'How long to wait for the end, seconds.',
              schema: { type: 'number', minimum: 0, maximum: MAX_WAIT_S },
            },
          ],
          responses: {
            200: json(
              'The job, with its output so far or, with the headers named, all of it.',
              { oneOf: [ref('RunningJob'), ref('EndedJob')] },
              END_HEADERS,
            ),
            400: failure('The query is not what it must be.'),
            404: gone,
            429: failure('Asked too soon after the last answer.', RETRY_AFTER),
            ...FAILURES,
          },
        },
        delete: {
          operationId: 'dropJob',
          summary: 'Stop a job and forget it',
          parameters: [id],
          responses: { 204: { description: 'It is gone.' }, 404: gone, ...FAILURES },
        },
      },
      '/api/v1/jobs/{id}/stop': {
        post: {
          operationId: 'stopJob',
          summary: 'Stop a job and keep what it put out',
          parameters: [id],
          responses: {
            204: { description: 'It is being stopped.' },
            303: { description: 'To the page of the job, for who reads pages.' },
            404: gone,
            ...FAILURES,
          },
        },
      },
      ...keptPaths(toJsonSchema, { ref, json, failure, failures: FAILURES }),
    },
    components: {
      schemas: {
        ExecuteRequest: toJsonSchema(executeRequest),
        Result: toJsonSchema(result),
        RunningJob: toJsonSchema(runningJob),
        EndedJob: toJsonSchema(endedJob),
        KeptResult: toJsonSchema(keptResult),
        DocumentBody: toJsonSchema(documentBody),
        MadeDocument: toJsonSchema(madeDocument),
        LoadedDocument: toJsonSchema(loadedDocument),
        DocumentVersions: toJsonSchema(documentVersions),
        SavedDocument: toJsonSchema(savedDocument),
        Error: {
          ...toJsonSchema(errorAnswer),
          description: Object.entries(ERROR_CODES)
            .map(([code, meaning]) => `${code}: ${meaning}`)
            .join('\n'),
        },
      },
    },
  };
}
