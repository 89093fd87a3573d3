/** What a worksheet shows beside its cells: menus, help, JSON, slides. */
import { css } from 'lit';

export const panels = css`
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

  .key-help caption {
    margin-block-end: 8px;
    font-size: 1.15em;
    font-weight: 600;
    text-align: start;
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

  /* What is shown to others is not worked on. */
  .is-slides :is(.gutter, .tools, .auto) {
    display: none;
  }

  .is-slides .row {
    grid-template-columns: minmax(0, 1fr);
  }

  .is-slides .body {
    grid-column: 1;
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
  }

  @media (pointer: coarse) {
    .item {
      min-block-size: 44px;
    }
  }

  @media print {
    .slide-bar,
    .menu {
      display: none;
    }
  }
`;
