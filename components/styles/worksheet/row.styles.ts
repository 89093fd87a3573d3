/** A cell of a worksheet with what stands beside it, and the gaps between cells. */
import { css } from 'lit';

export const row = css`
  .cells {
    padding-block: 4px 24px;
  }

  .row {
    position: relative;
    display: grid;
    grid-template-columns: 36px minmax(0, 1fr) auto;
    gap: 4px;
    padding: 4px 4px 4px 0;
    border-radius: var(--_radius);
    outline-offset: -2px;
  }

  .row.is-chosen > .gutter {
    background: var(--_hover);
  }

  .row.is-active > .gutter {
    box-shadow: inset 3px 0 0 var(--_accent);
  }

  .row.is-active:dir(rtl) > .gutter {
    box-shadow: inset -3px 0 0 var(--_accent);
  }

  .gutter {
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: 2px;
    padding-block: 6px;
    border-radius: 4px;
    color: var(--_muted);
    font-size: 0.75em;
    font-variant-numeric: tabular-nums;
    cursor: default;
    user-select: none;
  }

  .handle {
    display: grid;
    place-items: center;
    inline-size: 28px;
    block-size: 28px;
    padding: 0;
    border: 0;
    border-radius: 5px;
    background: none;
    color: inherit;
    cursor: grab;
    opacity: 0;
    touch-action: none;
  }

  .handle:active {
    cursor: grabbing;
  }

  .handle:hover {
    background: var(--_hover);
  }

  .handle svg {
    inline-size: 16px;
    block-size: 16px;
    fill: none;
    stroke: currentcolor;
    stroke-width: 2.6;
    stroke-linecap: round;
  }

  .tools {
    display: flex;
    flex-direction: column;
    gap: 2px;
    opacity: 0;
  }

  .row:hover > .tools,
  .row:focus-within > .tools,
  .row.is-active > .tools,
  .row:hover .handle,
  .row:focus-within .handle,
  .row.is-active .handle {
    opacity: 1;
  }

  .row sage-cell {
    --sage-margin: 0;
  }

  .body {
    min-inline-size: 0;
  }

  .waiting,
  .auto {
    margin: 2px 0 0 16px;
    color: var(--_muted);
    font-size: 0.75em;
  }

  .gap {
    position: relative;
    display: flex;
    gap: 6px;
    justify-content: center;
    block-size: 10px;
    align-items: center;
  }

  .gap::before {
    position: absolute;
    inset: 50% 4px auto 40px;
    block-size: 1px;
    background: transparent;
    content: '';
  }

  .gap .button {
    z-index: 1;
    border-color: var(--_line-strong);
    background: var(--_surface);
    opacity: 0;
  }

  .gap:hover .button,
  .gap:focus-within .button {
    opacity: 1;
  }

  .gap:hover::before,
  .gap:focus-within::before {
    background: var(--_line-strong);
  }

  .gap.is-marked::before {
    block-size: 3px;
    border-radius: 2px;
    background: var(--_accent);
  }

  @container (max-width: 34em) {
    .row {
      grid-template-columns: 28px minmax(0, 1fr);
    }

    .tools {
      flex-direction: row;
      grid-column: 2;
      justify-content: end;
    }

    .row:not(.is-active) > .tools {
      display: none;
    }
  }

  @media (pointer: coarse) {
    .handle {
      inline-size: 44px;
    }

    .gap {
      block-size: 22px;
    }
  }

  @media (hover: none) {
    .handle {
      opacity: 1;
    }
  }

  @media (prefers-reduced-motion: no-preference) {
    .handle,
    .tools,
    .gap .button {
      transition: opacity 0.12s;
    }
  }

  @media print {
    .gap,
    .tools,
    .handle {
      display: none;
    }

    .row {
      display: block;
      break-inside: avoid-page;
    }

    .gutter {
      display: none;
    }
  }
`;
