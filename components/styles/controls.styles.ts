/** What stands around Run: the choice of languages, the fold, and what an author leaves out. */
import { css } from 'lit';

export const controls = css`
  :host([setup]) {
    display: none;
  }

  .cell.theme-light {
    color-scheme: light;
  }

  .cell.theme-dark {
    color-scheme: dark;
  }

  :host(:fullscreen) {
    overflow: auto;
    background: Canvas;
  }

  :host(:fullscreen) .cell {
    min-block-size: 100vh;
    margin: 0;
    border: 0;
    border-radius: 0;
    font-size: large;
  }

  :host(:fullscreen) .output {
    max-block-size: none;
  }

  slot.run-slot,
  slot.stop-slot {
    display: contents;
  }

  .icon {
    inline-size: max(32px, 2.3em);
    padding: 0;
    color: var(--_muted);
  }

  .icon svg {
    inline-size: 1.15em;
    block-size: 1.15em;
    stroke: currentcolor;
    stroke-width: 2.4;
    stroke-linecap: round;
  }

  .icon:hover,
  .icon[aria-expanded='true'] {
    background: var(--_hover);
    color: var(--_text);
  }

  .more {
    margin-inline: -4px -8px;
  }

  .language {
    block-size: max(32px, 2.3em);
    padding-inline: 6px;
    border: 1px solid var(--_line-strong);
    border-radius: calc(var(--_radius) - 2px);
    background: var(--_surface);
    color: var(--_text);
    font: inherit;
    font-size: 0.875em;
  }

  .fold-button {
    display: flex;
    align-items: center;
    gap: 8px;
    inline-size: 100%;
    min-block-size: 40px;
    padding: 0 var(--_code-padding-inline);
    border-start-start-radius: calc(var(--_radius) - 1px);
    border-start-end-radius: calc(var(--_radius) - 1px);
    background: var(--_code-surface);
    color: var(--_muted);
    font-size: 0.875em;
  }

  .fold-button:focus-visible {
    outline-offset: -3px;
  }

  .fold-button:hover {
    color: var(--_text);
  }

  .fold-button svg {
    inline-size: 12px;
    block-size: 12px;
    fill: none;
    stroke: currentcolor;
    stroke-width: 2;
    stroke-linecap: round;
    stroke-linejoin: round;
  }

  .fold-button[aria-expanded='true'] svg {
    rotate: 90deg;
  }

  .fold-button:dir(rtl) svg {
    rotate: 180deg;
  }

  .is-folded .code,
  .hides-editor .code,
  .hides-editor .fold-button,
  .hides-toolbar .toolbar,
  .hides-run .run-slot,
  .hides-stop .stop-slot,
  .hides-status .status,
  .hides-output .output,
  .hides-output .stored {
    display: none;
  }

  .hides-editor .toolbar {
    padding-block-start: 12px;
    border-radius: calc(var(--_radius) - 1px) calc(var(--_radius) - 1px) 0 0;
  }

  .hides-status .more {
    margin-inline-start: auto;
  }

  .stored {
    overflow-x: auto;
  }

  .stored > * {
    margin: 0;
    padding: 2px var(--_code-padding-inline);
  }

  .stored > slot {
    display: block;
  }

  .stored pre,
  .stored ::slotted(pre) {
    font-family: var(--_mono);
    font-size: var(--sage-code-font-size, 0.875em);
    white-space: pre-wrap;
  }

  .stored img {
    box-sizing: content-box;
    max-inline-size: calc(100% - 2 * var(--_code-padding-inline));
    block-size: auto;
  }

  .stored .stderr,
  .stored .error {
    color: var(--_error);
  }

  /* Shown in the cell's own style, above. */
  .stored ::slotted([data-prerendered]) {
    display: none;
  }

  .stored[hidden] {
    display: none;
  }

  .stored:not([hidden]) {
    padding-block: 10px;
  }

  .not-live {
    display: flex;
    align-items: center;
    gap: 8px;
    color: var(--_muted);
    font-size: 0.8125em;
    font-weight: 600;
  }

  .not-live svg {
    flex: none;
    inline-size: 14px;
    block-size: 14px;
    fill: none;
    stroke: currentcolor;
    stroke-width: 1.6;
    stroke-linecap: round;
  }

  @media (pointer: coarse) {
    .icon {
      inline-size: 44px;
    }

    .language {
      block-size: 44px;
    }

    .fold-button {
      min-block-size: 44px;
    }
  }

  @media print {
    .fold-button {
      display: none;
    }

    .is-folded .code {
      display: block;
    }
  }
`;
