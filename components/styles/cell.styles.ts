/** Frame, toolbar and states of a cell. */
import { css } from 'lit';

export const cell = css`
  :host {
    display: block;
  }

  :host([hidden]) {
    display: none;
  }

  .cell,
  .cell *,
  .cell *::before,
  .cell *::after {
    box-sizing: border-box;
  }

  /* What a page's styles would hand down ends here; what must come through is let in by name. */
  .cell {
    all: initial;
    color-scheme: inherit;
    visibility: inherit;
    display: block;
    container: sage-cell / inline-size;
    position: relative;
    margin-block: var(--sage-margin, 1em);
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    background: var(--_surface);
    color: var(--_text);
    font-family: var(--_sans);
    font-size: var(--sage-font-size, medium);
    line-height: 1.5;
    text-align: start;
    overflow-wrap: break-word;
    scrollbar-color: var(--_muted) transparent;
    -webkit-text-size-adjust: 100%;
    text-size-adjust: 100%;
  }

  .toolbar {
    display: flex;
    align-items: center;
    gap: 8px;
    min-block-size: max(44px, 2.75em);
    padding: 0 var(--_code-padding-inline) 12px;
    background: var(--_code-surface);
    border-end-start-radius: calc(var(--_radius) - 1px);
    border-end-end-radius: calc(var(--_radius) - 1px);
  }

  .cell.has-output .toolbar {
    border-radius: 0;
    border-block-end: 1px solid var(--_line);
  }

  button {
    all: unset;
    box-sizing: border-box;
    cursor: pointer;
    -webkit-tap-highlight-color: transparent;
  }

  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 7px;
    block-size: max(32px, 2.3em);
    padding: 0 1em 0 0.8em;
    border: 1px solid transparent;
    border-radius: calc(var(--_radius) - 2px);
    font-size: 0.875em;
    font-weight: 600;
    white-space: nowrap;
    user-select: none;
    transition-property: background-color, border-color, color;
    transition-duration: 120ms;
  }

  .button svg {
    inline-size: 0.86em;
    block-size: 0.86em;
    flex: none;
    fill: currentcolor;
  }

  .run {
    background: var(--_accent);
    color: var(--_on-accent);
  }

  .run:hover {
    background: var(--_accent-hover);
  }

  .run[aria-disabled='true'] {
    cursor: default;
  }

  .is-slow .run {
    background: transparent;
    border-color: var(--_line-strong);
    color: var(--_muted);
  }

  .stop {
    border-color: var(--_line-strong);
    color: var(--_text);
  }

  /* Nothing stands to the right of it that could be moved by its coming. */
  .cell:not(.is-slow) .stop-slot {
    display: none;
  }

  .stop:hover {
    border-color: currentcolor;
  }

  :focus-visible {
    outline: 2px solid var(--_focus);
    outline-offset: 2px;
  }

  .status {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-inline-size: 0;
    margin-inline-start: auto;
    color: var(--_muted);
    font-size: 0.8125em;
    white-space: nowrap;
    font-variant-numeric: tabular-nums;
  }

  .status svg {
    inline-size: 1.08em;
    block-size: 1.08em;
    flex: none;
    fill: none;
    stroke: currentcolor;
    stroke-width: 1.8;
    stroke-linecap: round;
    stroke-linejoin: round;
  }

  .status-text {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .is-error .status,
  .is-dead .status {
    color: var(--_error);
    font-weight: 600;
  }

  .shortcut {
    opacity: 0;
    transition: opacity 120ms ease-out;
  }

  .cell:focus-within .shortcut {
    opacity: 1;
  }

  .spinner {
    animation: turn 900ms linear infinite;
    transform-origin: center;
  }

  @keyframes turn {
    to {
      rotate: 1turn;
    }
  }

  .notice {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 16px;
    margin: 0;
    padding: 10px 16px;
    border-block-start: 1px solid var(--_line);
    border-end-start-radius: calc(var(--_radius) - 1px);
    border-end-end-radius: calc(var(--_radius) - 1px);
    background: var(--_warning-surface);
    color: var(--_warning);
    font-size: 0.875em;
  }

  .notice p {
    flex: 1 1 16em;
    margin: 0;
  }

  .notice .again {
    block-size: 32px;
    border-color: currentcolor;
    font-size: 1em;
    padding-inline: 12px;
  }

  .toolbar + .output:empty + .notice {
    border-block-start: 0;
  }

  @container sage-cell (max-width: 22em) {
    .shortcut {
      display: none;
    }
  }

  @media (pointer: coarse) {
    .toolbar {
      min-block-size: 56px;
    }

    .button,
    .notice .again {
      block-size: 44px;
      min-inline-size: 44px;
      padding-inline: 16px;
    }

    .shortcut {
      display: none;
    }
  }

  @media (prefers-reduced-motion: reduce) {
    .spinner {
      animation: none;
    }

    .button,
    .shortcut {
      transition: none;
    }
  }

  @media (forced-colors: active) {
    .button {
      border-color: ButtonText;
    }
  }

  @media print {
    .cell {
      break-inside: avoid-page;
    }

    .toolbar,
    .notice {
      display: none;
    }
  }
`;
