/** Title, buttons and state of saving, above the cells of a worksheet. */
import { css } from 'lit';

export const bar = css`
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

  /* As high as the title: the text behind the field gives it its height. */
  .title-box {
    display: grid;
  }

  .title-box::after {
    visibility: hidden;
    padding: 9px 13px 5px;
    font-size: 1.5em;
    font-weight: 650;
    line-height: 1.25;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    content: attr(data-title) ' ';
  }

  .title-box > .title,
  .title-box::after {
    grid-area: 1 / 1;
  }

  .title-box > .title {
    overflow: hidden;
    overflow-wrap: anywhere;
    resize: none;
  }

  textarea.title:hover {
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
    gap: 2px;
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
    padding: 0 9px;
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

  .more svg {
    stroke-width: 2.4;
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

  .save-state .button {
    padding-inline: 6px;
    font-size: 1em;
  }

  .save-state .button[aria-disabled='true'] {
    padding-inline: 4px;
    background: none;
    font-weight: 400;
    opacity: 1;
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

  @container (max-width: 34em) {
    .bar {
      position: static;
      gap: 2px;
      padding-inline: 6px;
    }

    .bar > .button:not(.icon) {
      padding-inline: 7px;
      font-size: 0.8125em;
    }

    .title,
    .title-box::after {
      font-size: 1.25em;
    }
  }

  @media (pointer: coarse) {
    .button,
    .views {
      min-block-size: 44px;
    }

    .button.icon {
      inline-size: 44px;
    }
  }

  @media print {
    .bar,
    .said {
      display: none;
    }

    .head {
      position: static;
      border: 0;
    }

    textarea.title {
      border: 0;
    }
  }
`;
