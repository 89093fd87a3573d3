/** Plain text: a log with `sage:` prompts as in Sage's own documentation, or a program in `# %%` parts. */
import { DocumentBuilder, type Imported } from './imported.js';

const PROMPT = /^([ \t]*)(?:sage:|>>>) ?(.*)$/;
const CONTINUED = /^[ \t]*(?:\.\.\.\.:|\.\.\.) ?(.*)$/;

/** True for text in which a line begins with a prompt. */
export const hasPrompts = (text: string): boolean => /^[ \t]*(?:sage:|>>>)(?: |$)/m.test(text);

/**
 * Reads a log: the lines after a prompt are code, what follows up to an empty line or the next prompt its output,
 * everything else notes.
 */
export function importPrompts(text: string): Imported {
  const builder = new DocumentBuilder();
  let note: string[] = [];
  let code: string[] = [];
  let output: string[] = [];
  let indent = 0;
  const finishNote = (): void => {
    const source = dedent(note).replace(/::\s*$/, ':');
    if (source !== '') builder.add({ kind: 'note', source });
    note = [];
  };
  const finishCode = (): void => {
    const source = code.join('\n').trimEnd();
    const stored = output.join('\n');
    if (source !== '') {
      builder.add({
        kind: 'code',
        source,
        output: stored === '' ? [] : [{ kind: 'stream', name: 'stdout', text: `${stored}\n` }],
      });
    }
    code = [];
    output = [];
  };
  for (const line of text.replace(/\r\n?/g, '\n').split('\n')) {
    const prompt = PROMPT.exec(line);
    const continued = code.length > 0 && output.length === 0 ? CONTINUED.exec(line) : null;
    if (prompt !== null) {
      finishNote();
      // Commands that follow one another without output between them were typed as one.
      if (output.length > 0) finishCode();
      indent = prompt[1]?.length ?? 0;
      code.push(prompt[2] ?? '');
    } else if (continued !== null) code.push(continued[1] ?? '');
    else if (line.trim() === '') {
      finishCode();
      if (note.length > 0) note.push('');
    } else if (code.length > 0) output.push(line.slice(Math.min(indent, line.search(/\S/))));
    else note.push(line);
  }
  finishCode();
  finishNote();
  return builder.build();
}

function dedent(lines: readonly string[]): string {
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
  const least = indents.length === 0 ? 0 : Math.min(...indents);
  return lines
    .map((line) => line.slice(least))
    .join('\n')
    .trim();
}

const PART = /^# ?%%[ \t]*(.*)$/;

/** Reads a program: one cell a `# %%` part, those marked `[markdown]` are notes in comments; without marks, one cell. */
export function importProgram(text: string): Imported {
  const builder = new DocumentBuilder();
  let kind: 'code' | 'note' = 'code';
  let isAuto = false;
  let lines: string[] = [];
  const finish = (): void => {
    const source =
      kind === 'note'
        ? lines
            .map((line) => line.replace(/^# ?/, ''))
            .join('\n')
            .trim()
        : lines.join('\n').replace(/^\n+/, '').trimEnd();
    if (source !== '') builder.add({ kind, source, flags: isAuto ? { auto: true } : {} });
    lines = [];
  };
  for (const line of text.replace(/\r\n?/g, '\n').split('\n')) {
    const title = PART.exec(line)?.[1];
    if (title === undefined) lines.push(line);
    else {
      finish();
      kind = /\[(?:markdown|md)\]/.test(title) ? 'note' : 'code';
      isAuto = /\bauto\b/.test(title);
    }
  }
  finish();
  return builder.build();
}
