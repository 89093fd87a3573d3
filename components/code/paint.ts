/** Python code as coloured lines without an editor: what a reader sees at once, in the editor's own colours. */

const KEYWORDS =
  'and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield';

const TOKEN = new RegExp(
  [
    String.raw`(?<comment>#[^\n]*)`,
    String.raw`(?<string>\b[rbfuRBFU]{0,2}(?:"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|"(?:\\[^]|[^"\\\n])*"?|'(?:\\[^]|[^'\\\n])*'?)|(?:"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|"(?:\\[^]|[^"\\\n])*"?|'(?:\\[^]|[^'\\\n])*'?))`,
    String.raw`(?<number>\b(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?j?)\b|\.\d+)`,
    String.raw`(?<=\b(?:def|class)[ \t]+)(?<definition>[\p{L}_][\p{L}\p{N}_]*)`,
    String.raw`\b(?<atom>True|False|None)\b`,
    String.raw`(?<![.\p{L}\p{N}_])(?<keyword>${KEYWORDS})(?![\p{L}\p{N}_])`,
    // A whole name, so that no part of it is taken for something else.
    String.raw`[\p{L}_][\p{L}\p{N}_]*`,
  ].join('|'),
  'gu',
);

/** A piece of code and the colour class it has; `undefined` for plain text. */
export interface PaintedSpan {
  readonly text: string;
  readonly kind: string | undefined;
}

/** Code longer than this is shown without colours: it must not hold the page up, UTF-16 units. */
const MAX_PAINTED_LENGTH = 100_000;

/**
 * Cuts code into lines of coloured pieces. The pieces of all lines, joined by line feeds, are the code.
 * @param isPythonic false for code of another language, which stays without colours
 */
export function paint(code: string, isPythonic = true): PaintedSpan[][] {
  const lines: PaintedSpan[][] = [[]];
  const put = (text: string, kind?: string): void => {
    text.split('\n').forEach((part, index) => {
      if (index > 0) lines.push([]);
      if (part !== '') lines.at(-1)?.push({ text: part, kind });
    });
  };
  if (!isPythonic || code.length > MAX_PAINTED_LENGTH) {
    put(code);
    return lines;
  }
  let end = 0;
  for (const match of code.matchAll(TOKEN)) {
    const groups: Readonly<Record<string, string | undefined>> = match.groups ?? {};
    const kind = Object.entries(groups).find(([, text]) => text !== undefined)?.[0];
    if (kind === undefined) continue;
    put(code.slice(end, match.index));
    put(match[0], kind);
    end = match.index + match[0].length;
  }
  put(code.slice(end));
  return lines;
}
