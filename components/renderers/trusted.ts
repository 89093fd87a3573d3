/** Markup and scripts as part of the page, with all its rights: only where its author says `output-trust="page"`. */
import { renderText } from './text.js';
import type { Renderer } from './rendering.js';

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createHTML(markup: string): string },
  ): { createHTML(markup: string): string };
}

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined;

/** Under `require-trusted-types-for` the page must allow the policy `sage-cell-page`; else this throws. */
function fragmentOf(markup: string): DocumentFragment {
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
  policy ??= trustedTypes?.createPolicy('sage-cell-page', { createHTML: (text) => text });
  // Unlike innerHTML, this lets the scripts in it run.
  return document.createRange().createContextualFragment(policy?.createHTML(markup) ?? markup);
}

/** Puts the markup in as it is; its scripts run in the page. */
export const renderTrusted: Renderer = (data, alternative, site) => {
  try {
    const node = document.createElement('div');
    node.className = 'html trusted';
    node.append(fragmentOf(data));
    return { node };
  } catch {
    return renderText(alternative || data, alternative, site);
  }
};
