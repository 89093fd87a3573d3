/** A menu, of a cell or of a worksheet. */
import { css } from 'lit';

export const menu = css`
  .menu {
    position: fixed;
    inset: auto;
    margin: 0;
    padding: 4px;
    inline-size: max-content;
    max-inline-size: 92vw;
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

  .item:focus-visible {
    outline-offset: -2px;
  }

  @media (pointer: coarse) {
    .item {
      min-block-size: 44px;
    }
  }

  @media print {
    .menu {
      display: none;
    }
  }
`;
