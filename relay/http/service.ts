/** `POST /service`: SageMathCell's one-shot door, reply for reply, with displayed values added to it. */
import * as v from 'valibot';
import { execute, type DisplayOutput, type ErrorOutput } from '../protocol/index.js';
import type { DoneFields } from '../ends.js';
import type { Admit } from './admit.js';
import { readBody } from './body.js';
import { cacheHeaders } from './cache-headers.js';
import type { Collected, Collector } from './collect.js';
import { readForm } from './form.js';
import type { Exchange } from './respond.js';

/** SageMathCell's limit and its words, which its clients know. Characters. */
const MAX_SERVICE_CODE = 65_000;
const TOO_LARGE = `Max code size is ${MAX_SERVICE_CODE} characters`;

/** Every character percent-encoded as four bytes of UTF-8, and the other fields. */
const MAX_SERVICE_BYTES = 1_048_576;

/** SageMathCell stops a one-shot computation after this time. */
const WALL_MS = 30_000;

const expressionsSchema = v.unwrap(execute.entries.expressions);

const EXPRESSIONS_FORM = 'user_expressions must be a JSON object: expressions by name.';

/** Answers form field `code`, given once or several times. Must be called within the route's callback. */
export async function answerService(exchange: Exchange, collector: Collector, admit: Admit): Promise<void> {
  const body = await readBody(exchange, MAX_SERVICE_BYTES);
  const form = readForm(body, exchange.header('content-type'));
  const code = form?.get('code')?.join('');
  if (code === undefined) {
    exchange.text('400 Bad Request', 'Send a form with the field code.', exchange.corsHeaders);
    return;
  }
  if (code.length > MAX_SERVICE_CODE) {
    exchange.text('413 Content Too Large', TOO_LARGE, exchange.corsHeaders);
    return;
  }
  const expressions = readExpressions(form?.get('user_expressions')?.[0]);
  if (expressions === undefined) {
    exchange.text('400 Bad Request', EXPRESSIONS_FORM, exchange.corsHeaders);
    return;
  }
  const executed = await admit(exchange, form?.get('key')?.[0]);
  const collected = await collector.run(
    { code, limits: { wallMs: WALL_MS }, expressions },
    exchange.id,
    (kill) => {
      exchange.onAborted(kill);
    },
    executed,
  );
  exchange.json('200 OK', serviceReply(collected), [
    ...exchange.corsHeaders,
    ...cacheHeaders(collected.done),
    ['Access-Control-Allow-Credentials', 'true'],
  ]);
}

/** Field `user_expressions`, a JSON object of texts by name; undefined if it is something else. */
function readExpressions(text = '{}'): Record<string, string> | undefined {
  try {
    const parsed = v.safeParse(expressionsSchema, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/** Jupyter's form of what became of the expressions. */
function expressionsReply(expressions: DoneFields['expressions'] = {}): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(expressions).map(([name, value]) => [
      name,
      value.status === 'ok'
        ? { status: 'ok', data: value.data, metadata: {} }
        : { status: 'error', ename: value.name, evalue: value.message, traceback: [] },
    ]),
  );
}

/** The reply's keys: SageMathCell's in its order, present only if they hold something, then ours. */
export function serviceReply({ outputs, done }: Collected): Record<string, unknown> {
  const streamText = (name: 'stdout' | 'stderr'): string =>
    outputs
      .flatMap((output) => (output.kind === 'stream' && output.name === name ? [output.text] : []))
      .join('');
  const displays = outputs.filter((output): output is DisplayOutput => output.kind === 'display');
  const error = outputs.find((output): output is ErrorOutput => output.kind === 'error');
  const stdout = streamText('stdout');
  const stderr = streamText('stderr');
  const results = displays.filter((display) => display.result).map(({ data }) => data);
  const shown = displays.filter((display) => !display.result).map(({ data }) => data);
  const ended = done.status === 'ok' || done.status === 'error';
  return {
    ...(stdout && { stdout }),
    ...(stderr && { stderr }),
    success: done.status === 'ok',
    ...(ended && {
      execute_reply: {
        ...(done.status === 'ok'
          ? { status: 'ok' }
          : {
              status: 'error',
              ename: error?.name ?? 'Error',
              evalue: error?.message ?? '',
              traceback: error?.traceback.split('\n') ?? [],
            }),
        execution_count: 1,
        user_expressions: expressionsReply(done.expressions),
        payload: [],
      },
    }),
    ...(results.length > 0 && { execute_result: results.at(-1) }),
    ...(shown.length > 0 && { display_data: shown }),
  };
}
