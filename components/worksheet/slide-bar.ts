/** The bar below a slide. */
import { html, type TemplateResult } from 'lit';
import type { WorksheetStrings } from './strings/index.js';

/** Back, where one is, on, and out. */
export function renderSlideBar(
  words: WorksheetStrings,
  slide: number,
  count: number,
  go: (to: number) => void,
  close: () => void,
): TemplateResult {
  const button = (text: string, to: number): TemplateResult =>
    html`<button
      class="button"
      type="button"
      aria-disabled=${to < 0 || to >= count ? 'true' : 'false'}
      @click=${() => {
        if (to >= 0 && to < count) go(to);
      }}
    >
      ${text}
    </button>`;
  return html`<nav class="slide-bar" part="slide-bar">
    ${button(words.previousSlide, slide - 1)}
    <span role="status">${words.slide(slide + 1, count)}</span>
    ${button(words.nextSlide, slide + 1)}
    <button class="button" type="button" @click=${close}>${words.close}</button>
  </nav>`;
}
