/** Formulas in the text of HTML, as Sage writes them into tables and messages. */

const FORMULA = /\\\(([^]+?)\\\)|\\\[([^]+?)\\\]|\$\$([^]+?)\$\$/g;

/** Elements whose text is code, whatever it looks like: a selector. */
export const CODE = 'pre, code, samp, kbd';

/** One of them. */
export interface TextFormula {
  /** With the signs around it. */
  readonly source: string;
  readonly tex: string;
  readonly display: boolean;
}

/** Text and formulas in turn, in their order; an only text where there is no formula. */
export function piecesOf(text: string): (string | TextFormula)[] {
  const pieces: (string | TextFormula)[] = [];
  let end = 0;
  for (const match of text.matchAll(FORMULA)) {
    const [source, inline, display, dollars] = match;
    pieces.push(text.slice(end, match.index));
    pieces.push({ source, tex: inline ?? display ?? dollars ?? '', display: inline === undefined });
    end = match.index + source.length;
  }
  return [...pieces, text.slice(end)];
}
