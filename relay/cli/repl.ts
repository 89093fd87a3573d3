/** `sage-embed repl`: a session, line by line. */
import { createInterface, type Interface } from 'node:readline';
import type { Computation, Sage, SageSession } from '../../components/client/index.js';
import { EXIT, StartError } from '../errors.js';
import { textOf, type Command } from './command.js';
import { MAX_HISTORY, readHistory, writeHistory } from './history.js';
import { isIncomplete, TypedLines } from './lines.js';
import { addressOf, connectTo, SERVER_OPTIONS } from './server.js';
import { Show } from './show.js';

const PROMPT = 'sage: ';
const MORE = '....: ';

export const repl: Command = {
  summary: 'compute line by line in a session: history, Tab completes, Ctrl-C stops, Ctrl-D ends',
  usage: '[OPTIONS]',
  options: {
    ...SERVER_OPTIONS,
    out: { type: 'string', short: 'o', help: 'DIR  save images and files there; nothing is overwritten' },
  },
  maxPositionals: 0,
  run: async (line) => {
    const sage = connectTo(line);
    try {
      const loop = new Loop(sage, new Show(textOf(line, 'out')));
      return await loop.run(addressOf(line));
    } finally {
      sage.close();
    }
  },
};

/** One session of typing. */
class Loop {
  readonly #sage: Sage;
  readonly #session: SageSession;
  readonly #show: Show;
  readonly #isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  #code = '';
  #running: Computation | undefined;
  #isInterrupted = false;
  /** The code asks for a line. */
  #isAsking = false;

  constructor(sage: Sage, show: Show) {
    this.#sage = sage;
    this.#show = show;
    this.#session = sage.session();
  }

  async run(server: string): Promise<number> {
    const { status, message } = await this.#session.execute('').done;
    if (status !== 'ok') throw new StartError(`${server}: ${message ?? status}`, EXIT.UNAVAILABLE);
    if (this.#isTerminal) {
      process.stdout.write(`Sage ${this.#sage.version ?? ''} at ${server}. Ctrl-D ends.\n`);
    }
    const reader = createInterface({
      input: process.stdin,
      ...(this.#isTerminal && { output: process.stdout, history: readHistory() }),
      historySize: MAX_HISTORY,
      removeHistoryDuplicates: true,
      completer: (text: string, answer: (error: null, found: [string[], string]) => void) => {
        void this.#complete(text).then((found) => {
          answer(null, found);
        });
      },
    });
    const forget = this.#session.on('ended', ({ message: why }) => {
      process.stderr.write(`The session has ended, its variables are gone: ${why}\n`);
    });
    const lines = new TypedLines(reader);
    const stop = (): void => {
      this.#stop(reader, lines);
    };
    reader.on('SIGINT', stop);
    process.on('SIGINT', stop);
    reader.on('history', (lines) => {
      writeHistory(lines);
    });
    try {
      await this.#loop(reader, lines);
    } finally {
      process.removeListener('SIGINT', stop);
      forget();
      reader.close();
    }
    return 0;
  }

  async #loop(reader: Interface, lines: TypedLines): Promise<void> {
    for (;;) {
      this.#prompt(reader, this.#code === '' ? PROMPT : MORE);
      const line = await lines.next();
      if (line === undefined && this.#code === '') break;
      this.#code += this.#code === '' ? (line ?? '') : `\n${line ?? ''}`;
      if (line !== undefined && isIncomplete(this.#code)) continue;
      const code = this.#code;
      this.#code = '';
      if (code.trim() !== '') await this.#compute(code, reader, lines);
      if (line === undefined) break;
    }
    if (this.#isTerminal) process.stdout.write('\n');
  }

  async #compute(code: string, reader: Interface, lines: TypedLines): Promise<void> {
    const computation = this.#session.execute(code);
    this.#running = computation;
    this.#isInterrupted = false;
    for await (const output of computation) {
      if (output.kind === 'prompt') {
        this.#prompt(reader, output.text);
        this.#isAsking = true;
        const line = await lines.next();
        this.#isAsking = false;
        computation.answer(line);
      } else this.#show.output(output);
    }
    this.#running = undefined;
    const { status, message } = await computation.done;
    if (status !== 'ok' && status !== 'error') process.stderr.write(`${message ?? status}\n`);
  }

  #stop(reader: Interface, lines: TypedLines): void {
    if (this.#running === undefined) {
      this.#code = '';
      this.#leaveLine(reader);
      this.#prompt(reader, PROMPT);
      return;
    }
    if (this.#isInterrupted) this.#running.kill();
    else this.#running.interrupt();
    this.#isInterrupted = true;
    if (this.#isAsking) {
      this.#leaveLine(reader);
      lines.giveUp();
    }
  }

  /** What stands on the line is given up. */
  #leaveLine(reader: Interface): void {
    if (!this.#isTerminal) return;
    reader.write(null, { ctrl: true, name: 'e' });
    reader.write(null, { ctrl: true, name: 'u' });
    process.stdout.write('\n');
  }

  #prompt(reader: Interface, text: string): void {
    if (!this.#isTerminal) return;
    reader.setPrompt(text);
    reader.prompt();
  }

  async #complete(text: string): Promise<[string[], string]> {
    try {
      const { items, target } = await this.#session.complete(
        this.#code === '' ? text : `${this.#code}\n${text}`,
      );
      return [items.map((item) => item.text), target];
    } catch {
      return [[], text];
    }
  }
}
