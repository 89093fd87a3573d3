/** The code, painted or in the editor. */
import { css } from 'lit';

export const code = css`
  .code {
    border-start-start-radius: calc(var(--_radius) - 1px);
    border-start-end-radius: calc(var(--_radius) - 1px);
    background: var(--_code-surface);
    font-family: var(--_mono);
    font-size: var(--sage-code-font-size, 0.875em);
    font-variant-ligatures: none;
    line-height: 1.6;
    tab-size: 4;
  }

  /* The whole cell lights up: a ring around the code alone would run into the buttons below it. */
  .cell:has(.code:focus-within) {
    outline: 2px solid var(--_focus);
    outline-offset: -1px;
  }

  .paint {
    margin: 0;
    padding: var(--_code-padding-block) 0;
    font: inherit;
    white-space: pre;
    overflow-x: auto;
    outline: none;
    cursor: text;
  }

  .paint[aria-readonly='true'] {
    cursor: auto;
  }

  .line {
    display: block;
    min-inline-size: max-content;
    padding: 0 var(--_code-padding-inline);
  }

  /* Code runs from left to right in every language. */
  .code {
    direction: ltr;
    text-align: left;
    --_gutter: calc(var(--_digits, 2) * 1ch + 24px);
  }

  .has-line-numbers .paint {
    counter-reset: line;
  }

  .has-line-numbers .line {
    counter-increment: line;
  }

  .has-line-numbers .line::before {
    content: counter(line);
    display: inline-block;
    inline-size: calc(var(--_gutter) - 8px);
    margin-inline-start: calc(-1 * var(--_code-padding-inline));
    margin-inline-end: calc(8px + var(--_code-padding-inline));
    color: var(--_muted);
    text-align: end;
    user-select: none;
  }

  .has-lines :is(.paint, .cm-editor, .plain) {
    min-block-size: calc(var(--_lines) * 1.6em + 2 * var(--_code-padding-block));
  }

  .has-max-lines :is(.paint, .cm-editor, .plain) {
    max-block-size: calc(var(--_max-lines) * 1.6em + 2 * var(--_code-padding-block));
    overflow-y: auto;
  }

  .plain {
    display: block;
    inline-size: 100%;
    padding: var(--_code-padding-block) var(--_code-padding-inline);
    border: 0;
    outline: none;
    resize: none;
    background: transparent;
    color: inherit;
    font: inherit;
    tab-size: 4;
    white-space: pre;
  }

  .placeholder {
    color: var(--_muted);
  }

  .keyword {
    color: var(--_keyword);
  }

  .string {
    color: var(--_string);
  }

  .comment {
    color: var(--_comment);
    font-style: italic;
  }

  .number,
  .atom {
    color: var(--_number);
  }

  .definition {
    color: var(--_definition);
  }

  .error-line {
    background: var(--_error-surface);
    box-shadow: inset 4px 0 0 var(--_error);
    text-decoration: underline wavy color-mix(in srgb, var(--_error) 70%, transparent) 1px;
    text-underline-offset: 4px;
    text-decoration-skip-ink: none;
  }

  @media print {
    .paint,
    .cm-line {
      white-space: pre-wrap;
    }
  }
`;
