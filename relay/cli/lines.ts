/** Lines that somebody types, one at a time, and whether what was typed is complete. */
import type { Interface } from 'node:readline';

/** The lines of a reader for who asks for them; those that come too early wait. */
export class TypedLines {
  readonly #waiting: string[] = [];
  #ask: ((line: string | undefined) => void) | undefined;
  #isOver = false;

  constructor(reader: Interface) {
    reader.on('line', (line) => {
      const ask = this.#ask;
      this.#ask = undefined;
      if (ask) ask(line);
      else this.#waiting.push(line);
    });
    reader.once('close', () => {
      this.#isOver = true;
      this.#ask?.(undefined);
    });
  }

  /** Who asked for a line gets none, and the next that is typed is another's. */
  giveUp(): void {
    const ask = this.#ask;
    this.#ask = undefined;
    ask?.(undefined);
  }

  /** The next line; undefined at the end, or when it is given up. One call at a time. */
  next(): Promise<string | undefined> {
    const line = this.#waiting.shift();
    if (line !== undefined || this.#isOver) return Promise.resolve(line);
    return new Promise((resolve) => {
      this.#ask = resolve;
    });
  }
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/**
 * True if more lines belong to it: an open bracket or string, a line that goes on, or a block (or a `%` mode for the
 * whole cell), which an empty line ends.
 */
export function isIncomplete(code: string): boolean {
  const { isOpen, hasBlock } = scan(code);
  if (isOpen) return true;
  const lines = code.split('\n');
  const endsBlank = (lines.at(-1) ?? '').trim() === '';
  if (/^\s*%\w+\s*$/.test(lines[0] ?? '') || /^\s*@/.test(lines[0] ?? ''))
    return !endsBlank || lines.length < 2;
  return hasBlock && !endsBlank;
}

function scan(code: string): { isOpen: boolean; hasBlock: boolean } {
  const open: string[] = [];
  let hasBlock = false;
  let lastOnLine = '';
  for (let index = 0; index < code.length; index += 1) {
    const character = code[index] ?? '';
    if (character === '#') {
      while (index + 1 < code.length && code[index + 1] !== '\n') index += 1;
    } else if (character === '"' || character === "'") {
      const end = endOfString(code, index);
      if (end === undefined) return { isOpen: true, hasBlock };
      index = end;
      lastOnLine = character;
    } else if (character === '\n') {
      if (lastOnLine === ':' && open.length === 0) hasBlock = true;
      lastOnLine = '';
    } else {
      const closing = CLOSING[character];
      if (closing !== undefined) open.push(closing);
      else if (character === open.at(-1)) open.pop();
      if (!/\s/.test(character)) lastOnLine = character;
    }
  }
  if (lastOnLine === ':' && open.length === 0) hasBlock = true;
  return { isOpen: open.length > 0 || lastOnLine === '\\', hasBlock };
}

/** Index of the last character of the string that begins at `start`; undefined if it does not end. */
function endOfString(code: string, start: number): number | undefined {
  const quote = code[start] ?? '';
  const mark = code.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote;
  for (let index = start + mark.length; index < code.length; index += 1) {
    if (code[index] === '\\') index += 1;
    // A plain string that does not end on its line is an error that Python tells better.
    else if (mark.length === 1 && code[index] === '\n') return index - 1;
    else if (code.startsWith(mark, index)) return index + mark.length - 1;
  }
  return mark.length === 1 ? code.length - 1 : undefined;
}
