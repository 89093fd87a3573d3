/** Document → program: `.sage` for Sage's own preparser, `.py` for any Python that imports Sage. */
import type { Cell, WorksheetDocument } from '../schema.js';

const comment = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line === '' ? '#' : `# ${line}`))
    .join('\n');

const note = (text: string): string => `# %% [markdown]\n${comment(text)}\n`;

/** A Python literal of any text. */
function literal(text: string): string {
  if (!text.includes('"""') && !text.includes('\\') && !text.endsWith('"')) return `"""\n${text}\n"""`;
  // A JSON string is a Python string, but for halves of surrogate pairs, which neither file could hold.
  return JSON.stringify(text);
}

function head({ title, description }: WorksheetDocument): string[] {
  const text = [title, description].filter((part) => part !== '').join('\n\n');
  return text === '' ? [] : [note(title === '' ? description : `# ${text}`)];
}

function program(
  document: WorksheetDocument,
  preamble: readonly string[],
  code: (cell: Cell) => string,
): string {
  const parts = document.cells.flatMap((cell) => [
    ...(cell.note === undefined ? [] : [note(cell.note)]),
    cell.kind === 'note'
      ? note(cell.source)
      : `# %%${cell.flags?.auto === true ? ' auto' : ''}\n${code(cell)}\n`,
  ]);
  return [...head(document), ...preamble, ...parts].join('\n');
}

const isSage = ({ language }: Cell): boolean => language === undefined || language === 'sage';

/** Systems that are an object of the same name in Sage. */
const INTERFACES = new Set(['gap', 'gp', 'macaulay2', 'maxima', 'octave', 'r', 'singular']);

/** Code of a language that is neither Sage nor Python. */
function foreign({ language = '', source }: Cell): string {
  if (INTERFACES.has(language)) return `print(${language}.eval(${literal(source)}))`;
  return comment(`%${language}\n${source}`);
}

/** @returns the text of a `.sage` file: `sage file.sage` runs it, and it can be imported again */
export function exportSage(document: WorksheetDocument): string {
  return program(document, [], (cell) => {
    if (isSage(cell)) return cell.source;
    return cell.language === 'python' ? `exec(${literal(cell.source)})` : foreign(cell);
  });
}

/** @returns the text of a `.py` file: Sage's syntax is preparsed when it runs */
export function exportPython(document: WorksheetDocument): string {
  const preamble = ['from sage.all_cmdline import *\nfrom sage.repl.preparse import preparse\n'];
  return program(document, preamble, (cell) => {
    if (isSage(cell)) return `exec(preparse(${literal(cell.source)}))`;
    return cell.language === 'python' ? cell.source : foreign(cell);
  });
}
