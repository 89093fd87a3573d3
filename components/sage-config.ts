/** Defaults for all cells of a page, as an element that shows nothing. */
import { DEFAULTABLE } from './options.js';
import { defaultsChanged, warn } from './page-defaults.js';

/** Attributes that every element may have. */
const COMMON = /^(?:id|class|slot|hidden|style|lang|dir|data-.*|aria-.*)$/;

/**
 * @summary What holds for every cell of the page that does not say otherwise itself.
 *
 * Takes the attributes of `<sage-cell>` that can be defaults, and `frame-url`. There is one in a page; of several,
 * the first counts. A cell takes a default back with `false`: `line-numbers="false"`.
 *
 * @attr {string} frame-url - Address of the page in which outputs with scripts are shut in. Default: that of the server.
 */
export class SageConfig extends HTMLElement {
  static readonly observedAttributes: readonly string[] = DEFAULTABLE;

  connectedCallback(): void {
    this.hidden = true;
    const known: readonly string[] = DEFAULTABLE;
    for (const { name } of this.attributes) {
      if (!known.includes(name) && !COMMON.test(name)) {
        warn(`<sage-config> has no attribute ${name}; allowed: ${known.join(', ')}.`);
      }
    }
    defaultsChanged();
  }

  disconnectedCallback(): void {
    defaultsChanged();
  }

  attributeChangedCallback(): void {
    if (this.isConnected) defaultsChanged();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sage-config': SageConfig;
  }
}
