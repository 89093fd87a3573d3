/** What formulas may be, in a page and in stored outputs alike. */

/** Longest formula typeset, characters: MathJax works on the page's own thread. */
export const MAX_FORMULA_LENGTH = 50_000;

/** Most macro expansions in one formula: `\def\a{\a\a}\a` must not stop the page. */
export const MAX_MACROS = 1_000;

/**
 * Packages of MathJax: what it has in its usual configuration or loads when it is used, as far as authors use it.
 * Whoever reads formulas imports each of them by itself.
 */
export const TEX_PACKAGES = 'base ams boldsymbol cancel color configmacros newcommand verb'.split(' ');

/** What authors may write as in Sage, see `sage.misc.latex_macros`; and the other name of `\boldsymbol`. For MathJax's package `configmacros`. */
export const SAGE_MACROS = {
  bm: ['\\boldsymbol{#1}', 1],
  Bold: ['\\mathbf{#1}', 1],
  ...Object.fromEntries(['ZZ', 'NN', 'RR', 'CC', 'QQ'].map((name) => [name, `\\mathbf{${name.charAt(0)}}`])),
  QQbar: '\\overline{\\QQ}',
  GF: ['\\mathbf{F}_{#1}', 1],
  Zp: ['\\ZZ_{#1}', 1],
  Qp: ['\\QQ_{#1}', 1],
  Zmod: ['\\ZZ/#1\\ZZ', 1],
};
