/** Matrices, colours and pieces of HTML. */
import { css } from './css.js';

export const gridRules = css`
  /* Matrices stand between the brackets of matrices. */

  .grid {
    position: relative;
    display: inline-grid;
    gap: 4px;
    padding: 4px 9px;
  }

  .grid::before,
  .grid::after {
    content: '';
    position: absolute;
    inset-block: 0;
    inline-size: 6px;
    border: 1.5px solid var(--_text);
    pointer-events: none;
  }

  .grid::before {
    inset-inline-start: 0;
    border-inline-end: 0;
  }

  .grid::after {
    inset-inline-end: 0;
    border-inline-start: 0;
  }

  .interact .grid .field {
    padding-inline: 6px;
    text-align: center;
  }

  .interact .grid .field:not(:hover, :focus) {
    border-color: color-mix(in srgb, var(--_line-strong) 55%, transparent);
  }

  /* Colours */

  .interact .swatch {
    inline-size: 48px;
    block-size: var(--_field-height);
    margin: 0;
    padding: 3px;
    border: 1px solid var(--_line-strong);
    border-radius: 6px;
    background: var(--_surface);
    cursor: pointer;
  }

  .interact .swatch::-webkit-color-swatch-wrapper {
    padding: 0;
  }

  .interact .swatch::-webkit-color-swatch {
    border: 0;
    border-radius: 3px;
  }

  .interact .swatch::-moz-color-swatch {
    border: 0;
    border-radius: 3px;
  }

  .interact .hex {
    inline-size: calc(7ch + 24px);
  }

  .control-html .html {
    flex: 1 1 auto;
    min-inline-size: 0;
    padding: 0;
    font-size: 1em;
  }

  .control-html hr {
    border: 0;
    border-block-start: 1px solid var(--_line);
  }

  .control-html .html > :first-child {
    margin-block-start: 0;
  }

  .control-html .html > :last-child {
    margin-block-end: 0;
  }
`;
