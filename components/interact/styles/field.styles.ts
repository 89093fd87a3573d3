/** Fields to type in, and the focus of all controls. */
import { css } from './css.js';

export const fieldRules = css`
  .interact .field {
    box-sizing: border-box;
    max-inline-size: 100%;
    min-block-size: var(--_field-height);
    margin: 0;
    padding: 3px 9px;
    border: 1px solid var(--_line-strong);
    border-radius: 6px;
    background: var(--_surface);
    color: var(--_text);
    font: inherit;
    font-variant-numeric: tabular-nums;
    line-height: 1.4;
  }

  .interact .field:hover:enabled {
    border-color: var(--_muted);
  }

  .range:focus-visible {
    outline: none;
  }

  .range:focus-visible::-webkit-slider-thumb {
    outline: 2px solid var(--_focus);
    outline-offset: 2px;
  }

  .range:focus-visible::-moz-range-thumb {
    outline: 2px solid var(--_focus);
    outline-offset: 2px;
  }

  .interact :is(.field, .swatch, .checkbox, .segment, .button):focus-visible {
    outline: 2px solid var(--_focus);
    outline-offset: 1px;
  }

  .interact .control-text > .widget > .field.is-wide {
    inline-size: 100%;
    max-inline-size: 32em;
  }

  .interact .is-code {
    font-family: var(--_mono);
    font-size: 0.9375em;
    direction: ltr;
  }

  .interact textarea.field {
    resize: vertical;
    line-height: 1.5;
  }

  .interact select.field {
    padding-inline-end: 4px;
  }
`;
