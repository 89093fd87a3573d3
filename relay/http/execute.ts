/** `POST /api/v1/execute`: JSON in, the whole result out. */
import * as v from 'valibot';
import { execute, MAX_CLIENT_MESSAGE_BYTES, MAX_CODE_LENGTH } from '../protocol/index.js';
import { RelayError } from '../errors.js';
import { readBody } from './body.js';
import type { Collector } from './collect.js';
import type { Exchange } from './respond.js';

const requestSchema = v.omit(execute, ['type', 'execution', 'session']);

/**
 * Answers `{status, outputs, wallMs, cpuMs, cached, truncated, …}`; a failure of the code is such a result too.
 * Must be called within the route's callback.
 * @throws RelayError for everything else
 */
export async function answerExecute(exchange: Exchange, collector: Collector): Promise<void> {
  const body = readBody(exchange, MAX_CLIENT_MESSAGE_BYTES);
  // A page can't send this type to another site without asking first, so no page runs code behind a reader's back.
  if (!/^application\/json\s*(;|$)/i.test(exchange.header('content-type'))) {
    body.catch(() => undefined);
    exchange.json('415 Unsupported Media Type', {
      error: { code: 'bad-message', message: 'Send application/json.', field: 'content-type' },
    });
    return;
  }
  const request = parseRequest((await body).toString());
  const { outputs, done } = await collector.run(request, (kill) => {
    exchange.onAborted(kill);
  });
  const { status, ...rest } = done;
  exchange.json('200 OK', { status, outputs, ...rest }, exchange.corsHeaders);
}

function parseRequest(text: string): v.InferOutput<typeof requestSchema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RelayError('bad-message', 'The body is not JSON.');
  }
  const parsed = v.safeParse(requestSchema, value, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const field = v.getDotPath(issue) ?? undefined;
  if (field === 'code' && issue.type === 'max_length') {
    throw new RelayError('too-large', `Code may have ${MAX_CODE_LENGTH} characters.`, { field });
  }
  throw new RelayError(
    'bad-message',
    `${field ?? 'The body'} is ${issue.received.slice(0, 80)}; expected ${issue.expected}.`,
    field === undefined ? {} : { field },
  );
}
