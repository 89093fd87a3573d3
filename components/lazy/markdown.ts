/** Markdown with formulas → HTML, still to be made harmless. Formulas stay TeX, between `\(…\)` and `\[…\]`. */
import { Marked, type TokenizerAndRendererExtension, type Tokens } from 'marked';

/** Longest text that is read as Markdown, UTF-16 code units; longer text is shown as it is. */
export const MAX_MARKDOWN_LENGTH = 32_768;

interface Formula extends Tokens.Generic {
  readonly formula: string;
  readonly display: boolean;
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const renderer = (token: Tokens.Generic): string => {
  const { formula, display } = token as Formula;
  return display ? `\\[${escape(formula)}\\]` : `\\(${escape(formula)}\\)`;
};

/**
 * Signs around a formula, longest first. A dollar sign beside a digit or a blank is money, as in Pandoc.
 * Lengths are bounded: text full of signs that open and never close is read in time.
 */
const INLINE: readonly (readonly [RegExp, boolean])[] = [
  [/^\$\$((?:[^$\\]|\\[^]){1,4000}?)\$\$/, true],
  [/^\\\[((?:[^\\]|\\[^\]]){1,4000}?)\\\]/, true],
  [/^\\\(((?:[^\\]|\\[^)]){1,1000}?)\\\)/, false],
  [/^\$(?![\s$])((?:[^$\\\n]|\\[^\n]|\n(?!\n)){0,1000}?(?:[^\s$\\]|\\[^\s]))\$(?!\d)/, false],
];

const inlineFormula: TokenizerAndRendererExtension = {
  name: 'formula',
  level: 'inline',
  start: (source) => {
    const at = source.search(/\$|\\[([]/);
    return at < 0 ? undefined : at;
  },
  tokenizer: (source) => {
    for (const [pattern, display] of INLINE) {
      const match = pattern.exec(source);
      if (match !== null) {
        const [raw, formula = ''] = match;
        return { type: 'formula', raw, formula: formula.trim(), display } satisfies Formula;
      }
    }
    // A run of signs that opens nothing is gone over once.
    const run = /^\${2,}/.exec(source)?.[0];
    return run === undefined ? undefined : { type: 'text', raw: run, text: run };
  },
  renderer,
};

/** A formula in lines of its own: its lines must not be taken for lists, headings or tables. */
const blockFormula: TokenizerAndRendererExtension = {
  name: 'formulaBlock',
  level: 'block',
  start: (source) => {
    // What is asked about begins within a line.
    const at = source.search(/\n {0,3}(?:\$\$|\\\[)/);
    return at < 0 ? undefined : at + 1;
  },
  tokenizer: (source) => {
    const match =
      /^ {0,3}\$\$((?:[^$\\]|\\[^]){1,4000}?)\$\$[ \t]*(?:\n|$)/.exec(source) ??
      /^ {0,3}\\\[((?:[^\\]|\\[^\]]){1,4000}?)\\\][ \t]*(?:\n|$)/.exec(source);
    if (match === null) return undefined;
    const [raw, formula = ''] = match;
    return { type: 'formulaBlock', raw, formula: formula.trim(), display: true } satisfies Formula;
  },
  renderer: (token) => `<p>${renderer(token)}</p>\n`,
};

const marked = new Marked({ gfm: true, async: false, extensions: [inlineFormula, blockFormula] });

/** @returns HTML that may hold whatever the text held: it must be sanitised before it is shown */
export function markdownToHtml(source: string): string {
  if (source.length > MAX_MARKDOWN_LENGTH) return `<pre>${escape(source)}</pre>`;
  try {
    return marked.parse(source) as string;
  } catch {
    // Nested too deep to be read.
    return `<pre>${escape(source)}</pre>`;
  }
}
