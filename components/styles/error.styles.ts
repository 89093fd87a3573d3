/** An exception in an output. */

// Not Lit's: that would tie this chunk to the entry.
const css = String.raw;

export const errorRules = css`
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

  @media (pointer: coarse) {
    .error summary,
    .line-link {
      padding-block: 10px;
    }
  }

  @media print {
    .error pre {
      max-block-size: none;
      overflow: visible;
    }
  }
`;
