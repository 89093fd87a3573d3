/** What a run put out: it should read as part of the text around the cell. Loaded with the first run. */
import { errorRules } from './error.styles.js';
import { markupRules } from './markup.styles.js';
import { terminalRules } from './terminal.styles.js';

// Not Lit's: that would tie this chunk to the entry.
const css = String.raw;

const rules = css`
  .output {
    max-block-size: var(--sage-output-max-height, 32em);
    overflow: auto;
    border-end-start-radius: calc(var(--_radius) - 1px);
    border-end-end-radius: calc(var(--_radius) - 1px);
    overscroll-behavior: auto;
  }

  /* Who moves a slider wants to see what comes of it. */
  .output.has-interacts {
    max-block-size: none;
  }

  .output > * {
    margin: 0;
    padding: 2px var(--_code-padding-inline);
  }

  .output > :is(.html, .latex, .image) {
    padding-block: 6px;
  }

  .output > :first-child {
    padding-block-start: 12px;
  }

  .output > :last-child {
    padding-block-end: 12px;
  }

  /* Old output fades only when the new one keeps the reader waiting. */
  .output.stale > * {
    opacity: 0.45;
    transition: opacity 200ms ease-out 500ms;
  }

  .stream,
  .text,
  .error pre {
    font-family: var(--_mono);
    font-size: var(--sage-code-font-size, 0.875em);
    font-variant-ligatures: none;
    line-height: 1.6;
    tab-size: 8;
    direction: ltr;
    text-align: left;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }

  .block {
    display: block;
    content-visibility: auto;
    contain-intrinsic-block-size: auto 22em;
  }

  .block:only-child {
    content-visibility: visible;
  }

  .frame iframe {
    display: block;
    inline-size: 100%;
    block-size: 0;
    border: 0;
    background: transparent;
  }

  .stderr {
    color: var(--_warning);
    box-shadow: inset 3px 0 0 color-mix(in srgb, var(--_warning) 45%, transparent);
  }

  .image img {
    display: block;
    max-inline-size: 100%;
    block-size: auto;
    /* Plots are drawn for white paper. */
    background: #fff;
    border-radius: 4px;
  }

  .file a {
    color: inherit;
    text-decoration: underline;
    text-underline-offset: 2px;
  }

  .file-size {
    color: var(--_muted);
    font-size: 0.875em;
  }

  .prompt form {
    display: flex;
    flex-wrap: wrap;
    gap: 6px 8px;
    align-items: center;
  }

  .prompt label {
    display: flex;
    flex: 1 1 16em;
    flex-wrap: wrap;
    gap: 2px 8px;
    align-items: baseline;
    font-family: var(--_mono);
    font-size: var(--sage-code-font-size, 0.875em);
    white-space: pre-wrap;
  }

  .prompt input {
    flex: 1 1 8em;
    min-inline-size: 0;
    padding: 4px 8px;
    border: 1px solid var(--_line-strong);
    border-radius: 4px;
    background: transparent;
    color: inherit;
    font: inherit;
  }

  .prompt pre {
    margin: 0;
  }

  .media :is(audio, video) {
    display: block;
    max-inline-size: 100%;
  }

  .latex {
    font-size: 1.0625em;
    overflow-x: auto;
    overflow-y: hidden;
  }

  /* As specific as it takes to come after MathJax's own sheet. */
  .output .latex mjx-container[display='true'] {
    display: block;
    margin: 0.25em 0;
    text-align: start;
  }

  .note {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 12px;
    color: var(--_muted);
    font-size: 0.8125em;
  }

  .note .button,
  .prompt .button {
    border-color: var(--_line-strong);
    color: var(--_text);
    font-size: 0.875rem;
  }

  .note .button:hover,
  .prompt .button:hover {
    border-color: currentcolor;
  }

  @media (prefers-reduced-motion: reduce) {
    .output.stale > * {
      transition: none;
    }
  }

  @media print {
    .output {
      max-block-size: none;
      overflow: visible;
    }
  }
`;

/** All that an output needs. */
export const outputRules = rules + errorRules + markupRules + terminalRules;
