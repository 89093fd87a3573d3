/** Notes of a worksheet, to be read and to be written. */
import { css } from 'lit';

export const note = css`
  .description {
    margin: 12px 12px 0 40px;
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

  @container (max-width: 34em) {
    .note-view {
      padding-inline: 8px;
    }

    .description {
      margin-inline: 36px 8px;
    }
  }
`;
