/** LaTeX of a displayed object, typeset by MathJax. */
import { typesetByPage } from '../page-mathjax.js';
import type { Renderer } from './rendering.js';

const DELIMITERS: readonly (readonly [RegExp, boolean])[] = [
  [/^\s*\$\$([^]*)\$\$\s*$/, true],
  [/^\s*\\\[([^]*)\\\]\s*$/, true],
  [/^\s*\\\(([^]*)\\\)\s*$/, false],
  [/^\s*\$([^]*)\$\s*$/, false],
];

/** The formula without the signs around it, and whether they ask for display style (as none do). */
export function stripDelimiters(latex: string): { formula: string; display: boolean } {
  for (const [pattern, display] of DELIMITERS) {
    const formula = pattern.exec(latex)?.[1];
    if (formula !== undefined) return { formula, display };
  }
  return { formula: latex, display: true };
}

/** Shows the source at once and the typeset formula as soon as MathJax is there: the page's, or ours, loaded with the first one. */
export const renderLatex: Renderer = (data, alternative, { root }) => {
  const node = document.createElement('div');
  node.className = 'latex';
  const { formula, display } = stripDelimiters(data);
  const ready = typesetByPage(formula, display, root)
    .catch(() => undefined)
    .then(async (ofPage) => {
      node.replaceChildren(ofPage ?? (await import('../lazy/typesetter.js')).typeset(formula, display, root));
    })
    .catch(() => {
      node.textContent = alternative || formula;
    });
  return { node, ready };
};
