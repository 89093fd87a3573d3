/** The page itself. */
import { css } from 'lit';

export const sheet = css`
  :host {
    display: block;
    margin-block: var(--sage-margin, 1.25em);
  }

  :host([hidden]) {
    display: none;
  }

  .worksheet {
    container-type: inline-size;
    border-radius: var(--_radius);
    background: var(--_surface);
    color: var(--_text);
    font-family: var(--_sans);
    font-size: var(--sage-font-size, 1rem);
    line-height: 1.5;
    scrollbar-color: var(--_muted) transparent;
  }

  .worksheet *,
  .worksheet *::before,
  .worksheet *::after {
    box-sizing: border-box;
  }
`;
