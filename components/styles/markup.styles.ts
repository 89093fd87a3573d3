/** Markup in an output: tables, links, pictures. */

// Not Lit's: that would tie this chunk to the entry.
const css = String.raw;

export const markupRules = css`
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
`;
