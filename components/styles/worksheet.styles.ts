/** Looks of a worksheet: a page to be read, on which what can be done shows itself when the reader turns to a cell. */
import { css } from 'lit';

export const worksheet = css`
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
  }

  .worksheet *,
  .worksheet *::before,
  .worksheet *::after {
    box-sizing: border-box;
  }

  .head {
    display: contents;
  }

  .title {
    display: block;
    inline-size: 100%;
    margin: 0;
    padding: 8px 12px 4px;
    border: 1px solid transparent;
    border-radius: calc(var(--_radius) - 2px);
    background: none;
    color: inherit;
    font: inherit;
    font-size: 1.5em;
    font-weight: 650;
    line-height: 1.25;
  }

  input.title:hover {
    border-color: var(--_line);
  }

  .title::placeholder {
    color: var(--_muted);
    opacity: 1;
  }

  .bar {
    display: flex;
    position: sticky;
    inset-block-start: 0;
    z-index: 5;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px;
    padding: 6px 8px;
    border-block-end: 1px solid var(--_line);
    background: var(--_surface);
  }

  .space {
    flex: 1;
  }

  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    min-block-size: 32px;
    padding: 0 10px;
    border: 1px solid transparent;
    border-radius: calc(var(--_radius) - 2px);
    background: none;
    color: var(--_text);
    font: inherit;
    font-size: 0.875em;
    font-weight: 550;
    white-space: nowrap;
    cursor: pointer;
  }

  .button:hover {
    background: var(--_hover);
  }

  .button svg,
  .save-state svg,
  .conflict svg {
    flex: none;
    inline-size: 16px;
    block-size: 16px;
    fill: none;
    stroke: currentcolor;
    stroke-width: 1.7;
    stroke-linecap: round;
    stroke-linejoin: round;
  }

  .primary {
    background: var(--_accent);
    color: var(--_on-accent);
  }

  .primary:hover {
    background: var(--_accent-hover);
  }

  .primary svg,
  .stop svg {
    inline-size: 11px;
    block-size: 11px;
    fill: currentcolor;
    stroke: none;
  }

  .stop[aria-disabled='false'] {
    border-color: var(--_line-strong);
  }

  .button[aria-disabled='true'],
  .button:disabled {
    color: var(--_muted);
    opacity: 0.65;
    cursor: default;
  }

  .button.icon {
    inline-size: 32px;
    padding: 0;
    color: var(--_muted);
  }

  .button.icon:hover {
    color: var(--_text);
  }

  .button.small {
    min-block-size: 26px;
    padding-inline: 10px;
    font-size: 0.8125em;
  }

  .views {
    max-inline-size: 8em;
    min-block-size: 32px;
    padding-inline: 6px;
    border: 1px solid var(--_line);
    border-radius: calc(var(--_radius) - 2px);
    background: var(--_surface);
    color: var(--_text);
    font: inherit;
    font-size: 0.875em;
  }

  :is(.button, .title, .views, .row, .handle, .note-field, .json-field, .item):focus-visible {
    outline: 2px solid var(--_focus);
    outline-offset: 1px;
  }

  .save-state {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    color: var(--_muted);
    font-size: 0.8125em;
  }

  .save-state.is-failed {
    color: var(--_error);
  }

  .conflict {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px 10px;
    margin: 8px 6px 0;
    padding: 8px 12px;
    border: 1px solid var(--_warning);
    border-radius: var(--_radius);
    background: var(--_warning-surface);
    color: var(--_warning);
    font-size: 0.875em;
  }

  .conflict p {
    flex: 1 1 16em;
    margin: 0;
  }

  .conflict .button {
    border-color: currentcolor;
    color: inherit;
  }

  .said {
    margin: 8px 12px 0;
    color: var(--_muted);
    font-size: 0.8125em;
  }

  .description {
    margin: 12px 12px 0 40px;
  }

  .cells {
    padding-block: 4px 24px;
  }

  .row {
    position: relative;
    display: grid;
    grid-template-columns: 36px minmax(0, 1fr) auto;
    gap: 4px;
    padding: 4px 4px 4px 0;
    border-radius: var(--_radius);
    outline-offset: -2px;
  }

  .row.is-chosen > .gutter {
    background: var(--_hover);
  }

  .row.is-active > .gutter {
    box-shadow: inset 3px 0 0 var(--_accent);
  }

  .row.is-active:dir(rtl) > .gutter {
    box-shadow: inset -3px 0 0 var(--_accent);
  }

  .gutter {
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: 2px;
    padding-block: 6px;
    border-radius: 4px;
    color: var(--_muted);
    font-size: 0.75em;
    font-variant-numeric: tabular-nums;
    cursor: default;
    user-select: none;
  }

  .handle {
    display: grid;
    place-items: center;
    inline-size: 28px;
    block-size: 28px;
    padding: 0;
    border: 0;
    border-radius: 5px;
    background: none;
    color: inherit;
    cursor: grab;
    opacity: 0;
    touch-action: none;
  }

  .handle:active {
    cursor: grabbing;
  }

  .handle:hover {
    background: var(--_hover);
  }

  .handle svg {
    inline-size: 16px;
    block-size: 16px;
    fill: none;
    stroke: currentcolor;
    stroke-width: 2.6;
    stroke-linecap: round;
  }

  .tools {
    display: flex;
    flex-direction: column;
    gap: 2px;
    opacity: 0;
  }

  .row:hover > .tools,
  .row:focus-within > .tools,
  .row.is-active > .tools,
  .row:hover .handle,
  .row:focus-within .handle,
  .row.is-active .handle {
    opacity: 1;
  }

  .row sage-cell {
    --sage-margin: 0;
  }

  .body {
    min-inline-size: 0;
  }

  .waiting,
  .auto {
    margin: 2px 0 0 16px;
    color: var(--_muted);
    font-size: 0.75em;
  }

  .note-view {
    min-block-size: 1.5em;
    padding: 4px 16px;
    border: 1px solid transparent;
    border-radius: var(--_radius);
    font-size: 1em;
    overflow-x: auto;
  }

  .note-view.empty {
    color: var(--_muted);
    font-style: italic;
  }

  .note-view > .html > :first-child {
    margin-block-start: 0;
  }

  .note-view > .html > :last-child {
    margin-block-end: 0;
  }

  .note-view :is(h1, h2, h3, h4) {
    margin-block: 0.8em 0.4em;
    line-height: 1.25;
  }

  .note-view h1 {
    font-size: 1.5em;
  }

  .note-view h2 {
    font-size: 1.25em;
  }

  .note-view :is(pre, code) {
    font-family: var(--_mono);
    font-size: 0.9em;
  }

  .note-view pre {
    padding: 8px 12px;
    border-radius: calc(var(--_radius) - 2px);
    background: var(--_code-surface);
    overflow-x: auto;
  }

  .note-view table {
    border-collapse: collapse;
  }

  .note-view :is(th, td) {
    padding: 3px 10px;
    border: 1px solid var(--_line);
    text-align: start;
  }

  .note-view blockquote {
    margin-inline: 0;
    padding-inline-start: 12px;
    border-inline-start: 3px solid var(--_line);
    color: var(--_muted);
  }

  .note-view a {
    color: var(--_definition);
  }

  .note-field,
  .json-field {
    display: block;
    inline-size: 100%;
    padding: 8px 16px;
    border: 1px solid var(--_line-strong);
    border-radius: var(--_radius);
    background: var(--_code-surface);
    color: var(--_text);
    font-family: var(--_mono);
    font-size: var(--sage-code-font-size, 0.875em);
    line-height: 1.5;
    resize: none;
    overflow: hidden;
  }

  .json-field {
    min-block-size: 60vh;
    resize: vertical;
    overflow: auto;
    white-space: pre;
  }

  .json {
    padding: 12px;
  }

  .json-state {
    margin-block: 8px;
    font-size: 0.875em;
  }

  .json-state :is(p, ul) {
    margin-block: 2px;
  }

  .json-buttons {
    display: flex;
    gap: 6px;
  }

  .json-buttons .button {
    border-color: var(--_line-strong);
  }

  .gap {
    position: relative;
    display: flex;
    gap: 6px;
    justify-content: center;
    block-size: 10px;
    align-items: center;
  }

  .gap::before {
    position: absolute;
    inset: 50% 4px auto 40px;
    block-size: 1px;
    background: transparent;
    content: '';
  }

  .gap .button {
    z-index: 1;
    border-color: var(--_line-strong);
    background: var(--_surface);
    opacity: 0;
  }

  .gap:hover .button,
  .gap:focus-within .button {
    opacity: 1;
  }

  .gap:hover::before,
  .gap:focus-within::before {
    background: var(--_line-strong);
  }

  .gap.is-marked::before {
    block-size: 3px;
    border-radius: 2px;
    background: var(--_accent);
  }

  .menu {
    position: fixed;
    inset: auto;
    margin: 0;
    padding: 4px;
    min-inline-size: 13em;
    max-block-size: 80vh;
    overflow-y: auto;
    border: 1px solid var(--_line-strong);
    border-radius: 8px;
    background: var(--_surface);
    color: var(--_text);
    box-shadow: 0 6px 24px rgb(0 0 0 / 16%);
    font-size: 0.875em;
  }

  .item {
    display: block;
    inline-size: 100%;
    padding: 6px 12px;
    border: 0;
    border-radius: 5px;
    background: none;
    color: inherit;
    font: inherit;
    text-align: start;
    cursor: pointer;
  }

  .item:hover,
  .item:focus-visible {
    background: var(--_hover);
  }

  .key-help {
    max-inline-size: min(40em, 92vw);
    border: 1px solid var(--_line-strong);
    border-radius: var(--_radius);
    background: var(--_surface);
    color: var(--_text);
    font-size: 0.875em;
  }

  .key-help th {
    padding: 3px 16px 3px 0;
    font-weight: 400;
    text-align: start;
  }

  kbd {
    padding: 1px 6px;
    border: 1px solid var(--_line-strong);
    border-radius: 4px;
    font-family: var(--_sans);
    font-size: 0.9em;
  }

  .is-slides .is-off-slide {
    display: none;
  }

  .is-slides {
    min-block-size: 60vh;
    padding: 24px;
    font-size: 1.35em;
  }

  .slide-bar {
    position: sticky;
    inset-block-end: 0;
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 12px;
    padding: 8px;
    border-block-start: 1px solid var(--_line);
    background: var(--_surface);
    font-size: 0.875em;
  }

  @container (max-width: 34em) {
    .bar {
      position: static;
    }

    .row {
      grid-template-columns: 28px minmax(0, 1fr);
    }

    .tools {
      flex-direction: row;
      grid-column: 2;
      justify-content: end;
    }

    .row:not(.is-active) > .tools {
      display: none;
    }

    .note-view {
      padding-inline: 8px;
    }

    .description {
      margin-inline: 36px 8px;
    }
  }

  @media (pointer: coarse) {
    .button,
    .views,
    .item {
      min-block-size: 44px;
    }

    .button.icon,
    .handle {
      inline-size: 44px;
    }

    .gap {
      block-size: 22px;
    }
  }

  @media (hover: none) {
    .handle {
      opacity: 1;
    }
  }

  @media (prefers-reduced-motion: no-preference) {
    .handle,
    .tools,
    .gap .button {
      transition: opacity 0.12s;
    }
  }

  @media print {
    .bar,
    .gap,
    .tools,
    .handle,
    .said,
    .slide-bar,
    .menu {
      display: none;
    }

    .head {
      position: static;
      border: 0;
    }

    .row {
      display: block;
      break-inside: avoid-page;
    }

    .gutter {
      display: none;
    }

    input.title {
      border: 0;
    }
  }
`;
