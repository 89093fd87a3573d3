/** What a run put out: it should read as part of the text around the cell. Loaded with the first run. */

// Not Lit's: that would tie this chunk to the entry.
const css = String.raw;

export const outputRules = css`
  .output {
    max-block-size: var(--sage-output-max-height, 32em);
    overflow: auto;
    border-end-start-radius: calc(var(--_radius) - 1px);
    border-end-end-radius: calc(var(--_radius) - 1px);
    overscroll-behavior: auto;
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

  /* Text of terminals: colours that are read well on this surface, whatever a terminal would show. */
  .fg-black {
    color: var(--_text);
  }
  .fg-red {
    color: var(--_error);
  }
  .fg-green {
    color: var(--_string);
  }
  .fg-yellow {
    color: var(--_warning);
  }
  .fg-blue {
    color: var(--_definition);
  }
  .fg-magenta {
    color: var(--_keyword);
  }
  .fg-cyan {
    color: var(--_cyan);
  }
  .fg-white,
  .fg-bright-black {
    color: var(--_muted);
  }
  .fg-bright-red {
    color: var(--_error);
  }
  .fg-bright-green {
    color: var(--_string);
  }
  .fg-bright-yellow {
    color: var(--_number);
  }
  .fg-bright-blue {
    color: var(--_definition);
  }
  .fg-bright-magenta {
    color: var(--_keyword);
  }
  .fg-bright-cyan {
    color: var(--_cyan);
  }
  .fg-bright-white {
    color: var(--_text);
  }

  .bg-black,
  .bg-bright-black {
    background: var(--_text);
    color: var(--_surface);
  }
  .bg-red,
  .bg-bright-red {
    background: var(--_error);
    color: var(--_surface);
  }
  .bg-green,
  .bg-bright-green {
    background: var(--_string);
    color: var(--_surface);
  }
  .bg-yellow,
  .bg-bright-yellow {
    background: var(--_warning);
    color: var(--_surface);
  }
  .bg-blue,
  .bg-bright-blue {
    background: var(--_definition);
    color: var(--_surface);
  }
  .bg-magenta,
  .bg-bright-magenta {
    background: var(--_keyword);
    color: var(--_surface);
  }
  .bg-cyan,
  .bg-bright-cyan {
    background: var(--_cyan);
    color: var(--_surface);
  }
  .bg-white,
  .bg-bright-white {
    background: var(--_line);
    color: var(--_text);
  }

  .is-bold {
    font-weight: 700;
  }
  .is-dim {
    color: var(--_muted);
  }
  .is-italic {
    font-style: italic;
  }
  .is-underline {
    text-decoration: underline;
  }
  .is-strikethrough {
    text-decoration: line-through;
  }
  .is-underline.is-strikethrough {
    text-decoration: underline line-through;
  }
  .is-hidden {
    visibility: hidden;
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

  .error {
    margin: 0;
    background: var(--_error-surface);
    box-shadow: inset 4px 0 0 var(--_error);
  }

  .error,
  .output > .error {
    padding-block: 10px;
  }

  .error > p {
    margin: 0;
    color: var(--_error);
    font-size: 0.9375em;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }

  .error strong {
    font-weight: 650;
  }

  .line-link {
    border-radius: 4px;
    color: inherit;
    text-decoration: underline;
    text-underline-offset: 2px;
  }

  .error details {
    margin-block-start: 6px;
    font-size: 1em;
  }

  .error summary {
    inline-size: fit-content;
    color: var(--_muted);
    font-size: 0.8125em;
    cursor: pointer;
    border-radius: 4px;
  }

  .error pre {
    max-block-size: 20em;
    margin: 6px 0 0;
    overflow: auto;
    color: var(--_text);
  }

  .note {
    color: var(--_muted);
    font-size: 0.8125em;
    font-style: italic;
  }

  .html {
    font-size: 0.9375em;
    overflow-x: auto;
  }

  .html a {
    color: var(--_definition);
    text-decoration: underline;
  }

  .html img {
    max-inline-size: 100%;
    block-size: auto;
  }

  .html table {
    border-collapse: collapse;
    font-variant-numeric: tabular-nums;
  }

  .html :is(th, td) {
    padding: 5px 12px;
    border: 1px solid var(--_line);
    text-align: start;
  }

  .html th,
  .html .header-row {
    background: var(--_code-surface);
    font-weight: 600;
  }

  .html :is(pre, code) {
    font-family: var(--_mono);
    font-size: 0.9375em;
  }

  @media (pointer: coarse) {
    .error summary,
    .line-link {
      padding-block: 10px;
    }
  }

  @media (prefers-reduced-motion: reduce) {
    .output.stale > * {
      transition: none;
    }
  }

  @media print {
    .output,
    .error pre {
      max-block-size: none;
      overflow: visible;
    }
  }
`;
