/** `sage-embed exec`: runs code and ends. */
import { createInterface } from 'node:readline';
import { text as readAll } from 'node:stream/consumers';
import {
  LANGUAGES,
  type Computation,
  type ExecutionResult,
  type Language,
  type Output,
} from '../../components/client/index.js';
import { EXIT, StartError } from '../errors.js';
import { textOf, type Command, type Line } from './command.js';
import { addressOf, connectTo, SERVER_OPTIONS } from './server.js';
import { Show } from './show.js';

/** Exit code of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/** Ends of code that would be the same another time. */
const MISTAKES: ReadonlySet<string> = new Set(['too-large', 'unknown-language', 'bad-message']);

export const exec: Command = {
  summary: 'run code on a relay: its text to standard output, what went wrong to standard error',
  usage: "'CODE' | -  [OPTIONS]      (- reads the code from standard input)",
  options: {
    ...SERVER_OPTIONS,
    json: { type: 'boolean', help: 'print one JSON object {status, outputs, …} instead' },
    out: { type: 'string', short: 'o', help: 'DIR  save images and files there; nothing is overwritten' },
    language: {
      type: 'string',
      short: 'l',
      help: 'NAME  sage (preparsed), python, gap, maxima, r or another that the server has',
    },
    timeout: { type: 'string', short: 't', help: 'SECONDS  longest run; the server has its own limit too' },
  },
  maxPositionals: 1,
  run: async (line) => {
    const { language, wallMs } = limitsOf(line);
    const code = await codeOf(line);
    const sage = connectTo(line);
    try {
      const computation = sage.execute(code, {
        ...(language !== undefined && { language }),
        ...(wallMs !== undefined && { limits: { wallMs } }),
      });
      return await follow(computation, line);
    } finally {
      sage.close();
    }
  },
};

async function codeOf({ positionals: [code] }: Line): Promise<string> {
  if (code === undefined)
    throw new StartError(
      "Give the code: sage-embed exec 'factor(2^67 - 1)', or - for standard input.",
      EXIT.USAGE,
    );
  return code === '-' ? readAll(process.stdin) : code;
}

function languageOf(line: Line): Language | undefined {
  const asked = textOf(line, 'language');
  const language = LANGUAGES.find((name) => name === asked);
  if (asked === undefined || language !== undefined) return language;
  const allowed = LANGUAGES.join(', ');
  throw new StartError(`--language is ${JSON.stringify(asked)}; it must be one of ${allowed}.`, EXIT.USAGE);
}

function limitsOf(line: Line): { language: Language | undefined; wallMs: number | undefined } {
  const timeout = textOf(line, 'timeout');
  const wallMs = timeout === undefined ? undefined : Number(timeout) * 1_000;
  if (wallMs !== undefined && !(wallMs > 0 && wallMs < Infinity)) {
    throw new StartError(
      `--timeout is ${JSON.stringify(timeout)}; it must be a number of seconds above 0.`,
      EXIT.USAGE,
    );
  }
  return { language: languageOf(line), wallMs };
}

async function follow(computation: Computation, line: Line): Promise<number> {
  const show = new Show(textOf(line, 'out'));
  const isJson = line.values['json'] === true;
  let signals = 0;
  const stop = (): void => {
    signals += 1;
    if (signals === 1) computation.interrupt();
    else process.exit(INTERRUPTED);
  };
  process.on('SIGINT', stop);
  try {
    for await (const output of computation) {
      if (output.kind === 'prompt') computation.answer(isJson ? undefined : await answerTo(output));
      else if (!isJson) show.output(output);
    }
    const result = await computation.done;
    if (isJson) process.stdout.write(`${JSON.stringify({ ...result, outputs: computation.outputs })}\n`);
    return exitCode(result, addressOf(line), isJson);
  } finally {
    process.removeListener('SIGINT', stop);
  }
}

function exitCode({ status, message, error }: ExecutionResult, server: string, isQuiet: boolean): number {
  if (status === 'ok') return 0;
  if (status === 'error') return 1;
  const where = status === 'lost' ? `${server}: ` : '';
  if (!isQuiet) process.stderr.write(`sage-embed: ${where}${message ?? status}\n`);
  if (status === 'interrupted') return INTERRUPTED;
  if (status !== 'lost') return 1;
  return error !== undefined && MISTAKES.has(error.code) ? EXIT.USAGE : EXIT.UNAVAILABLE;
}

/** A line of standard input for `input()`; undefined at its end, which may be that of the code itself. */
async function answerTo({ text }: Extract<Output, { kind: 'prompt' }>): Promise<string | undefined> {
  if (process.stdin.readableEnded) return undefined;
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  reader.on('SIGINT', () => {
    process.emit('SIGINT');
    reader.close();
  });
  return new Promise((resolve) => {
    reader.once('close', () => resolve(undefined));
    reader.question(text, (answer) => {
      resolve(answer);
      reader.close();
    });
  });
}
