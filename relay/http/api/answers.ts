/** The requests of the JSON API and their answers. */
import * as v from 'valibot';
import {
  MAX_CLIENT_MESSAGE_BYTES,
  MAX_CODE_LENGTH,
  MAX_EXPRESSION_LENGTH,
  type Language,
} from '../../protocol/index.js';
import { RelayError } from '../../errors.js';
import type { DoneFields } from '../../ends.js';
import { without } from '../../sessions/without.js';
import type { ExecutionRequest } from '../../sessions/stateless-execution.js';
import type { Admit } from '../admit.js';
import { readBody } from '../body.js';
import { cacheHeaders } from '../cache-headers.js';
import { throwIfLost, type Collector } from '../collect.js';
import { readForm } from '../form.js';
import { replyPage } from '../page.js';
import type { Exchange, Headers } from '../respond.js';
import { endWithin, MIN_POLL_MS, type Job, type Jobs } from './jobs.js';
import { errorPage, formPage, resultPage, runningPage, type Offer } from './pages.js';
import { DistantRun, type ToldRun, type ToldSource } from './shared-jobs.js';
import { DEFAULT_WAIT_S, executeRequest, jobQuery, type ExecuteRequest } from './schemas.js';

/** When a client that does not wait is told to ask again, milliseconds. */
const POLL_AFTER_MS = 2 * MIN_POLL_MS;

/** A form holds the same as a JSON body, each byte percent-encoded. */
const MAX_FORM_BYTES = 3 * MAX_CLIENT_MESSAGE_BYTES;

/** The code of a job, or of a request that was read, to be offered again in its page. */
const sources = new WeakMap<ToldRun | Exchange, ToldSource>();

/** What the answers need. */
export interface ApiContext {
  readonly collector: Collector;
  readonly jobs: Jobs;
  readonly admit: Admit;
  /** Those that code can be written in at this moment. */
  readonly languages: () => readonly Language[];
}

/** Runs `act`; what it refuses is told as a page to who reads pages. */
export async function forPeopleToo(
  exchange: Exchange,
  context: ApiContext,
  act: () => Promise<void>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof RelayError) || !exchange.prefersHtml) throw error;
    const { retryAfterMs } = error.detail;
    const retryS = retryAfterMs === undefined ? undefined : Math.max(1, Math.ceil(retryAfterMs / 1_000));
    const headers: Headers = retryS === undefined ? [] : [['Retry-After', String(retryS)]];
    // What was sent is the reader's to send again.
    const refreshS = exchange.method === 'get' ? retryS : undefined;
    replyPage(exchange, error.status, errorPage(error, offerOf(exchange, context), refreshS), headers);
  }
}

/** What was asked for, to be run again; undefined if it is not known. */
function offerOf(of: ToldRun | Exchange, { languages }: ApiContext): Offer | undefined {
  const source = sources.get(of);
  return source && { code: source.code, language: source.language, languages: languages() };
}

/** `GET /api/v1/execute`: the form, filled in by the query's `code` and `language`. */
export function answerForm(exchange: Exchange, { languages }: ApiContext): void {
  const query = new URLSearchParams(exchange.query);
  const code = (query.get('code') ?? '').slice(0, MAX_CODE_LENGTH);
  const language = query.get('language') ?? undefined;
  replyPage(exchange, '200 OK', formPage({ code, language, languages: languages() }));
}

/**
 * `POST /api/v1/execute`: the result if it is there within `wait`, else 202 and a job.
 * Must be called within the route's callback.
 * @throws RelayError when the system, not the code, failed, or the request is wrong
 */
export async function answerExecute(exchange: Exchange, context: ApiContext): Promise<void> {
  const { collector, jobs, admit } = context;
  const request = await readRequest(exchange);
  if (request === undefined) return;
  sources.set(exchange, request);
  const executed = await admit(exchange, request.key);
  const collection = collector.start(executionRequest(request), exchange.id, executed);
  sources.set(collection, request);
  exchange.onAborted(() => {
    collection.kill();
  });
  await endWithin(collection, (request.wait ?? DEFAULT_WAIT_S) * 1_000);
  if (collection.done !== undefined) {
    throwIfLost(collection.done);
    replyEnd(exchange, context, collection, collection.done);
    return;
  }
  if (!exchange.isOpen) return;
  const job = jobs.keep(collection, request);
  const location: Headers = [['Location', urlOf(job)]];
  if (exchange.prefersHtml) exchange.reply('303 See Other', location);
  else exchange.json('202 Accepted', unfinished(job), [...location, RETRY, ...corsOf(exchange)]);
}

/**
 * `GET /api/v1/jobs/{id}`: what there is of it; with `wait` as soon as it ended.
 * @throws RelayError `unknown-execution`, `too-many` when asked too often, `bad-message`
 */
export async function answerJob(exchange: Exchange, context: ApiContext): Promise<void> {
  const { wait } = readQuery(exchange.query);
  const job = await findJob(exchange, context.jobs);
  await job.look((wait ?? 0) * 1_000);
  const { done } = job.collection;
  if (done !== undefined) replyEnd(exchange, context, job.collection, done, job.id);
  else if (exchange.prefersHtml) replyPage(exchange, '200 OK', runningPage(job));
  else exchange.json('200 OK', unfinished(job), [RETRY, ...corsOf(exchange)]);
}

/** @param id of the job, if it became one */
function replyEnd(
  exchange: Exchange,
  context: ApiContext,
  run: ToldRun,
  done: DoneFields,
  id?: string,
): void {
  const headers = cacheHeaders(done);
  if (exchange.prefersHtml) {
    const offer = offerOf(run, context) ?? { code: '', language: undefined, languages: context.languages() };
    replyPage(exchange, '200 OK', resultPage(run.outputs, done, offer), headers);
  } else {
    const { status, ...rest } = done;
    const body = { ...(id !== undefined && { id }), status, outputs: run.outputs, ...rest };
    exchange.json('200 OK', body, [...exchange.corsHeaders, ...headers]);
  }
}

/** `DELETE /api/v1/jobs/{id}`: stops it and forgets it. @throws RelayError `unknown-execution` */
export async function answerDelete(exchange: Exchange, { jobs }: ApiContext): Promise<void> {
  jobs.drop(await findJob(exchange, jobs));
  exchange.reply('204 No Content', exchange.corsHeaders);
}

/** `POST /api/v1/jobs/{id}/stop`: stops it and keeps what it put out, for forms. @throws RelayError `unknown-execution` */
export async function answerStop(exchange: Exchange, { jobs }: ApiContext): Promise<void> {
  const job = await findJob(exchange, jobs);
  job.collection.kill();
  if (exchange.prefersHtml) exchange.reply('303 See Other', [['Location', urlOf(job)]]);
  else exchange.reply('204 No Content', exchange.corsHeaders);
}

const urlOf = (job: Job): string => `/api/v1/jobs/${job.id}`;

const RETRY = ['Retry-After', String(Math.ceil(POLL_AFTER_MS / 1_000))] as const;

const corsOf = (exchange: Exchange): Headers => [
  ...exchange.corsHeaders,
  ['Access-Control-Expose-Headers', 'Location, Retry-After'],
];

async function findJob(exchange: Exchange, jobs: Jobs): Promise<Job> {
  const job = await jobs.findAnywhere(exchange.path.split('/')[4] ?? '');
  if (job === undefined) {
    throw new RelayError('unknown-execution', 'There is no such job here: it may be too old, or stopped.');
  }
  if (job.collection instanceof DistantRun) sources.set(job.collection, job.collection.source);
  return job;
}

function unfinished(job: Job): object {
  const { state, position, outputs } = job.collection;
  return {
    id: job.id,
    status: state,
    ...(state === 'queued' && position !== undefined && { position }),
    outputs,
    url: urlOf(job),
    pollAfterMs: POLL_AFTER_MS,
  };
}

/** @returns undefined when it was answered that this kind of body is not taken */
async function readRequest(exchange: Exchange): Promise<ExecuteRequest | undefined> {
  const type = exchange.header('content-type');
  if (/^(application\/x-www-form-urlencoded|multipart\/form-data)\s*(;|$)/i.test(type)) {
    const form = readForm(await readBody(exchange, MAX_FORM_BYTES), type);
    const fields = [...(form ?? [])].map(([name, [value = '']]) => [
      name,
      // Browsers send line ends as the Internet's.
      name === 'code' ? value.replace(/\r\n/g, '\n') : /^(timeout|wait)$/.test(name) ? Number(value) : value,
    ]);
    return parse(executeRequest, Object.fromEntries(fields), 'The form');
  }
  const body = readBody(exchange, MAX_CLIENT_MESSAGE_BYTES);
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    body.catch(() => undefined);
    const message = 'Send application/json, or a form.';
    exchange.json('415 Unsupported Media Type', {
      error: { code: 'bad-message', message, field: 'content-type' },
    });
    return undefined;
  }
  const text = (await body).toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RelayError('bad-message', 'The body is not JSON.');
  }
  return parse(executeRequest, value, 'The body');
}

function readQuery(query: string): v.InferOutput<typeof jobQuery> {
  const fields = [...new URLSearchParams(query)].map(([name, text]) => [
    name,
    text === '' ? text : Number(text),
  ]);
  return parse(jobQuery, Object.fromEntries(fields), 'The query');
}

/** @throws RelayError that names the field, what it holds and what is allowed */
function parse<T extends v.GenericSchema>(schema: T, value: unknown, whole: string): v.InferOutput<T> {
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const field = v.getDotPath(issue) ?? undefined;
  if (issue.type === 'max_length' && typeof issue.input === 'string') {
    const allowed = field === 'code' ? MAX_CODE_LENGTH : MAX_EXPRESSION_LENGTH;
    throw new RelayError('too-large', `${field ?? whole} may have ${allowed} characters.`, {
      ...(field !== undefined && { field }),
    });
  }
  const sentence =
    issue.received === 'undefined'
      ? 'is missing'
      : issue.expected === 'never'
        ? 'is no field here'
        : `is ${issue.received.slice(0, 80)}; expected ${issue.expected ?? 'another value'}`;
  throw new RelayError('bad-message', `${field ?? whole} ${sentence}.`, field === undefined ? {} : { field });
}

function executionRequest(request: ExecuteRequest): Omit<ExecutionRequest, 'execution'> {
  const { timeout, limits, ...rest } = without(request, 'wait', 'key');
  const wallMs = Math.min(limits?.wallMs ?? Infinity, timeout === undefined ? Infinity : timeout * 1_000);
  const bounds = { ...limits, ...(wallMs < Infinity && { wallMs: Math.max(1, wallMs) }) };
  return { ...rest, ...(Object.keys(bounds).length > 0 && { limits: bounds }) };
}
