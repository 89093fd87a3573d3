/** Short text with `$formulas$`: of labels. */
import { typesetByPage } from '../page-mathjax.js';

/** A dollar sign beside a digit or a blank is money, as in notes. */
const FORMULA = /\$(?!\s)((?:[^$\\\n]|\\[^\n]){1,1000}?)\$(?!\d)|\\\(([^]{1,1000}?)\\\)/g;

/** The text as it is read out: formulas as their source. */
export const spoken = (text: string): string =>
  text.replace(FORMULA, (_, formula?: string, other?: string) => formula ?? other ?? '').trim();

/**
 * Shows `text` in `node` at once, and its formulas typeset as soon as MathJax is there.
 * @param named what `text` is the name of: said as text where there are formulas in it
 */
export async function showMathText(
  node: HTMLElement,
  text: string,
  root: ShadowRoot,
  named?: HTMLElement,
): Promise<void> {
  node.textContent = text;
  if (named !== undefined && spoken(text) !== text.trim()) named.setAttribute('aria-label', spoken(text));
  const formulas = [...text.matchAll(FORMULA)];
  if (formulas.length === 0) return;
  const pieces: (string | Node)[] = [];
  let end = 0;
  try {
    for (const match of formulas) {
      const formula = match[1] ?? match[2] ?? '';
      pieces.push(text.slice(end, match.index));
      pieces.push(
        (await typesetByPage(formula, false, root).catch(() => undefined)) ??
          (await import('../lazy/typesetter.js')).typeset(formula, false, root),
      );
      end = match.index + match[0].length;
    }
  } catch {
    // A formula that stays source can still be read.
    return;
  }
  // Meanwhile it may have become another.
  if (node.textContent === text) node.replaceChildren(...pieces, text.slice(end));
}
