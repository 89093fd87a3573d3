/** One page: runs those of its cells whose stored output is not of their code, and writes what they put out. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Computation, ExecutionResult, Sage } from '../../../components/client/index.js';
import { dedent, onTheWire, staticOutput, storedOutputs } from '../../../components/static/index.js';
import { EXIT, StartError } from '../../errors.js';
import { cellsIn, MARK, type PageCell } from './cells.js';
import { formula } from './formula.js';
import { harmless } from './harmless.js';

/** Part of every mark: another form of what is written makes all of it stale. */
const FORMAT = 1;

/** Longest file that `src` may name, bytes: a server takes no more code. */
const MAX_CODE_BYTES = 262_144;

/** Something the author has to look at. */
export interface Finding {
  /** File, as it was named. */
  readonly file: string;
  /** Line of it, from 1. */
  readonly line: number;
  readonly message: string;
}

/** How the cells of a page are run. */
export interface PrerenderOptions {
  /** Folder that a `src` with a leading slash begins at. Default: that of the page. */
  readonly root: string | undefined;
  /** Cells run whose output is of their code already. */
  readonly isForced: boolean;
  /** An exception is an output like others. */
  readonly allowsErrors: boolean;
}

interface Planned extends PageCell {
  readonly text: string;
  /** File that the code is in. */
  readonly file: string;
  /** Tells this code, after all that its session ran before, from any other. */
  readonly mark: string;
}

/** A page in memory. Nothing is written to it here. */
export class Page {
  readonly findings: Finding[] = [];
  /** The page as it was read. */
  readonly source: string;
  readonly #cells: Planned[];

  /**
   * @param name file as it is to be named in messages
   * @throws StartError if it or the code of one of its cells can't be read
   */
  constructor(
    readonly name: string,
    readonly options: PrerenderOptions,
  ) {
    this.source = readText(name, name);
    this.#cells = this.#plan(cellsIn(this.source));
  }

  /** Number of its cells. */
  get size(): number {
    return this.#cells.length;
  }

  /** Cells whose stored output is missing, or that of another code. */
  get stale(): readonly Finding[] {
    return this.#cells.filter(isStale).map((cell) => ({
      file: this.name,
      line: cell.line,
      message: cell.written ? 'the stored output is not that of this code' : 'there is no stored output',
    }));
  }

  /**
   * Runs what has to be run, with all that stands before it in its session. What goes wrong is added to the findings,
   * and the output of such a cell is left as it was. @returns the page with its outputs
   * @throws StartError if there is nobody to run it
   */
  async prerender(sage: Sage): Promise<string> {
    const outputs = new Map<Planned, string>();
    const sessions = new Set(this.#cells.filter((cell) => this.#wants(cell)).map(({ session }) => session));
    for (const cell of inOrderOfRunning(this.#cells)) {
      if (cell.session === undefined ? !this.#wants(cell) : !sessions.has(cell.session)) continue;
      const markup = await this.#run(cell, sage);
      if (markup !== undefined && takesOutput(cell)) outputs.set(cell, markup);
    }
    for (const name of sessions) if (name !== undefined) sage.session(this.#sessionName(name)).close();
    return this.#with(outputs);
  }

  #wants(cell: Planned): boolean {
    return takesOutput(cell) && (this.options.isForced || isStale(cell));
  }

  #plan(cells: readonly PageCell[]): Planned[] {
    const histories = new Map<string, unknown[]>();
    const planned = cells.map((cell) => ({ ...cell, ...this.#codeOf(cell) }));
    const marks = new Map<PageCell, string>();
    for (const cell of inOrderOfRunning(planned)) {
      const { language, isTypeset, wallMs, text, session } = cell;
      const history = (session === undefined ? undefined : histories.get(session)) ?? [];
      history.push([language, isTypeset, wallMs, text]);
      if (session !== undefined) histories.set(session, history);
      const hash = createHash('sha256').update(JSON.stringify([FORMAT, history]));
      marks.set(cell, hash.digest('base64url').slice(0, 22));
    }
    return planned.map((cell) => ({ ...cell, mark: marks.get(cell) ?? '' }));
  }

  #codeOf({ code, src, line }: PageCell): { text: string; file: string } {
    if (src === undefined) return { text: code ?? '', file: this.name };
    if (/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(src)) {
      throw new StartError(
        `${this.name}:${line}: src=${JSON.stringify(src)} is an address elsewhere; only code in files beside the page is run.`,
        EXIT.DATA,
      );
    }
    const path = decodeURI(src.replace(/[?#].*$/, ''));
    const folder = path.startsWith('/')
      ? resolve(this.options.root ?? dirname(this.name))
      : dirname(this.name);
    const file = join(folder, path);
    return { text: dedent(readText(file, `${this.name}:${line}: src=${JSON.stringify(src)}`)), file };
  }

  /** @returns what it put out as markup; undefined if that is not to be kept */
  async #run(cell: Planned, sage: Sage): Promise<string | undefined> {
    if (cell.text === '') return undefined;
    const { code, language, addedLines } = onTheWire(cell.text, cell.language);
    const options = {
      language,
      ...(cell.isTypeset && { typeset: true }),
      ...(cell.wallMs !== undefined && { limits: { wallMs: cell.wallMs } }),
    };
    const computation =
      cell.session === undefined
        ? sage.execute(code, options)
        : sage.session(this.#sessionName(cell.session)).execute(code, options);
    const hasAsked = await leaveAlone(computation);
    const problem = hasAsked
      ? { line: 1, message: 'the code asks its reader something, and there is none' }
      : problemOf(await computation.done, computation, addedLines, this.options.allowsErrors);
    if (problem) {
      const line = problem.line === undefined ? cell.line : cell.codeLine + problem.line - 1;
      this.findings.push({ file: cell.file, line, message: problem.message });
      return undefined;
    }
    return storedOutputs(computation.outputs)
      .map((output) => staticOutput(output, { sanitize: (markup) => harmless(markup, formula), formula }))
      .filter((piece) => piece !== '')
      .join('\n');
  }

  #sessionName(name: string): string {
    return `${this.name} ${name}`;
  }

  #with(outputs: ReadonlyMap<Planned, string>): string {
    let text = '';
    let done = 0;
    for (const cell of this.#cells) {
      const markup = outputs.get(cell);
      if (markup === undefined) continue;
      if (cell.end === undefined) {
        this.findings.push({ file: this.name, line: cell.line, message: 'the cell has no end tag' });
        continue;
      }
      const { start, end } = cell.written ?? { start: cell.end, end: cell.end };
      text += this.source.slice(done, start) + wrapped(markup, cell);
      done = end;
    }
    text += this.source.slice(done);
    this.#prove(text);
    return text;
  }

  /** A page is only given out if its cells read from it what they read before. */
  #prove(text: string): void {
    const after = cellsIn(text);
    this.#cells.forEach((cell, index) => {
      if (after.length === this.#cells.length && after[index]?.code === cell.code) return;
      throw new StartError(
        `${this.name}:${cell.line}: the markup around this cell leaves no place for an output.`,
        EXIT.DATA,
      );
    });
  }
}

const takesOutput = (cell: PageCell): boolean => !cell.isSetup && !cell.isAuthors;

const isStale = (cell: Planned): boolean =>
  takesOutput(cell) && cell.text !== '' && cell.written?.mark !== cell.mark;

/** What prepares a session comes first, as in a page that is read. */
const inOrderOfRunning = <C extends PageCell>(cells: readonly C[]): C[] => [
  ...cells.filter(({ isSetup }) => isSetup),
  ...cells.filter(({ isSetup }) => !isSetup),
];

/** Waits for the end. @returns true if the code asked a question, which is left without an answer */
async function leaveAlone(computation: Computation): Promise<boolean> {
  let hasAsked = false;
  for await (const output of computation) {
    if (output.kind !== 'prompt') continue;
    hasAsked = true;
    computation.answer();
  }
  return hasAsked;
}

function problemOf(
  { status, message, truncated }: ExecutionResult,
  { outputs }: Computation,
  addedLines: number,
  allowsErrors: boolean,
): { line?: number | undefined; message: string } | undefined {
  if (status === 'lost') throw new StartError(message ?? 'The relay went away.', EXIT.UNAVAILABLE);
  if (truncated) return { message: 'the output is longer than the server lets through' };
  if (status === 'ok' || (status === 'error' && allowsErrors)) return undefined;
  const raised = outputs.find((output) => output.kind === 'error');
  if (raised === undefined) return { message: message ?? status };
  return {
    line: raised.line === undefined ? undefined : Math.max(1, raised.line - addedLines),
    message: `${raised.name}: ${raised.message}`,
  };
}

function wrapped(markup: string, { mark, isInParagraph }: Planned): string {
  // A template shows nothing by itself: right for what has nothing to show, and all that a paragraph can hold.
  const name = markup === '' || isInParagraph ? 'template' : 'div';
  const content = markup === '' ? '' : `\n${markup}\n`;
  return `<${name} slot="output" ${MARK}="${mark}">${content}</${name}>`;
}

/** @throws StartError that begins with `place` */
function readText(file: string, place: string): string {
  try {
    const bytes = readFileSync(file);
    if (file !== place && bytes.length > MAX_CODE_BYTES) {
      throw new Error(`it is longer than ${MAX_CODE_BYTES} bytes`);
    }
    // Fatal, since what is not UTF-8 could not be written back as it was; the mark of the byte order stays.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is not UTF-8' : message;
    throw new StartError(`${place} can't be read: ${reason}`, EXIT.DATA);
  }
}
