/** HTML of a displayed object: the only place where markup of others becomes elements of the page. */
import { renderFramed } from './frame.js';
import { renderTrusted } from './trusted.js';
import type { Renderer } from './rendering.js';

/** Formulas in text, as Sage writes them into tables and messages. */
const FORMULA = /\\\(([^]+?)\\\)|\\\[([^]+?)\\\]|\$\$([^]+?)\$\$/g;

/** Most formulas typeset in one piece of HTML; each takes the page's own time. */
const MAX_FORMULAS = 500;

/** Markup that is nothing without its scripts, or is a page of its own. */
const ACTIVE = /<(?:script|iframe|object|embed)\b|<[^>]+\son[a-z]+\s*=/i;

/** Puts typeset formulas in the place of their source; loads MathJax only if there is one. */
async function typesetWithin(node: HTMLElement, root: ShadowRoot): Promise<void> {
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) {
    const text = walker.currentNode as Text;
    if (text.data.search(FORMULA) !== -1 && text.parentElement?.closest('pre, code, samp, kbd') === null) {
      texts.push(text);
    }
  }
  if (texts.length === 0) return;
  const { typeset } = await import('../lazy/typesetter.js');
  let count = 0;
  for (const text of texts) {
    const pieces: (string | Node)[] = [];
    let end = 0;
    for (const match of text.data.matchAll(FORMULA)) {
      count += 1;
      if (count > MAX_FORMULAS) break;
      const [source, inline, display, dollars] = match;
      pieces.push(text.data.slice(end, match.index));
      pieces.push(typeset(inline ?? display ?? dollars ?? '', inline === undefined, root));
      end = match.index + source.length;
    }
    text.replaceWith(...pieces, text.data.slice(end));
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
