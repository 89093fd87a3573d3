/** What stands around code and output: the fold above, the stored output in its place, the notice below. */
import { html, nothing, type TemplateResult } from 'lit';
import { foldIcon, runIcon, storedIcon } from '../icons.js';
import { storedNodes } from '../output/stored-output.js';
import type { Strings } from '../strings/index.js';

/** The button that shows and hides folded code. */
export function renderFold(isFolded: boolean, strings: Strings, toggled: () => void): TemplateResult {
  return html`<button
    class="fold-button"
    part="fold"
    type="button"
    aria-expanded=${isFolded ? 'false' : 'true'}
    @click=${toggled}
  >
    ${foldIcon}${isFolded ? strings.showCode : strings.hideCode}
  </button>`;
}

/** The output that was stored with `host`; its slot is always there. @param wasNotLive a run came to nothing, and this stays */
export function renderStored(
  host: Element & { readonly strings: Strings },
  isShown: boolean,
  wasNotLive: boolean,
): TemplateResult {
  return html`<div class="stored" part="stored" ?hidden=${!isShown}>
    ${wasNotLive ? html`<p class="not-live">${storedIcon}${host.strings.notLive}</p>` : nothing}
    ${isShown ? storedNodes(host) : nothing}<slot name="output"></slot>
  </div>`;
}

/** What went wrong with the system, and what can be done about it. */
export interface Notice {
  readonly strings: Strings;
  /** Nothing is shown where it is empty. */
  readonly text: string;
  readonly mayRepeat: boolean;
  readonly mayRepeatAbove: boolean;
  readonly runAsked: () => void;
  readonly rerunAbove: () => void;
}

export function renderNotice(notice: Notice): TemplateResult | typeof nothing {
  const { strings, text, mayRepeat, mayRepeatAbove, runAsked, rerunAbove } = notice;
  if (text === '') return nothing;
  const button = (label: string, act: () => void): TemplateResult =>
    html`<button class="button again" type="button" @click=${act}>${runIcon}${label}</button>`;
  return html`<div class="notice" part="notice">
    <p>${text}</p>
    ${mayRepeat ? button(strings.runAgain, runAsked) : nothing}
    ${mayRepeatAbove ? button(strings.rerunAbove, rerunAbove) : nothing}
  </div>`;
}
