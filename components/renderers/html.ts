/** HTML of a displayed object: the only place where markup of others becomes elements of the page. */
import { renderFramed } from './frame.js';
import { renderTrusted } from './trusted.js';
import type { Renderer } from './rendering.js';
import { CODE, piecesOf } from './text-formulas.js';

/** Most formulas typeset in one piece of HTML; each takes the page's own time. */
const MAX_FORMULAS = 500;

/** Markup that is nothing without its scripts, or is a page of its own. */
const ACTIVE = /<(?:script|iframe|object|embed)\b|<[^>]+\son[a-z]+\s*=/i;

/** Puts typeset formulas in the place of their source; loads MathJax only if there is one. */
async function typesetWithin(node: HTMLElement, root: ShadowRoot): Promise<void> {
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  const texts: [Text, ReturnType<typeof piecesOf>][] = [];
  while (walker.nextNode()) {
    const text = walker.currentNode as Text;
    const pieces = piecesOf(text.data);
    if (pieces.length > 1 && text.parentElement?.closest(CODE) === null) texts.push([text, pieces]);
  }
  if (texts.length === 0) return;
  const { typeset } = await import('../lazy/typesetter.js');
  let count = 0;
  for (const [text, pieces] of texts) {
    const shown = pieces.map((piece) => {
      if (typeof piece === 'string') return piece;
      count += 1;
      return count > MAX_FORMULAS ? piece.source : typeset(piece.tex, piece.display, root);
    });
    text.replaceWith(...shown);
  }
}

/** A table wider than the cell scrolls, and what scrolls must be reachable by keyboard. */
function makeReachable(node: HTMLElement, label: string): void {
  if (node.scrollWidth <= node.clientWidth + 1) return;
  node.tabIndex = 0;
  node.setAttribute('role', 'region');
  node.setAttribute('aria-label', label);
}

/**
 * Shows what the sanitiser lets through, which is loaded with the first HTML. Markup with scripts goes into a frame
 * of its own, or, where the author of the page trusts outputs, into the page.
 */
export const renderHtml: Renderer = (data, alternative, site) => {
  const { root, strings } = site;
  if (site.trust === 'page') return renderTrusted(data, alternative, site);
  if (ACTIVE.test(data) && site.claimFrame()) return renderFramed({ html: data }, alternative, site);
  const node = document.createElement('div');
  node.className = 'html';
  const ready = import('../lazy/sanitizer.js')
    .then(({ sanitize }) => {
      node.replaceChildren(sanitize(data));
    })
    .catch(() => {
      node.textContent = alternative || strings.rendererFailed;
    })
    // A formula that stays source can still be read.
    .then(() => typesetWithin(node, root).catch(() => undefined))
    .then(() => {
      makeReachable(node, strings.output);
    });
  return { node, ready };
};
