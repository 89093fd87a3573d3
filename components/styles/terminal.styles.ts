/** Text of terminals: colours that are read well on the surface of a cell, whatever a terminal would show. */

// Not Lit's: that would tie this chunk to the entry.
const css = String.raw;

export const terminalRules = css`
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
`;
