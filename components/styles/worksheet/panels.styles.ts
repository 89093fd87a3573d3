/** What a worksheet shows beside its cells: help, JSON, slides. */
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

  @media print {
    .slide-bar {
      display: none;
    }
  }
`;
