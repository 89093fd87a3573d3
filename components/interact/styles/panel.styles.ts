/** The panel: labels in one column, controls beside them. */
import { css } from './css.js';

export const panelRules = css`
  .interact {
    --_thumb: 20px;
    --_rail: 4px;
    --_field-height: max(32px, 2.1em);
    container: interact / inline-size;
    display: grid;
    grid-template-columns: fit-content(38%) minmax(0, 1fr);
    gap: 10px 16px;
    align-items: center;
    font-size: 0.9375em;
  }

  .interact [hidden] {
    display: none;
  }

  .interact > * {
    grid-column: 1 / -1;
  }

  /* Labels of controls below each other are one column. */
  .interact > .control {
    display: grid;
    grid-template-columns: 9em minmax(0, 1fr);
    grid-template-columns: subgrid;
    align-items: center;
  }

  .interact-row {
    display: grid;
    grid-template-columns: var(--_columns);
    gap: 10px 28px;
    align-items: center;
  }

  .interact-row:has(.interact-output) {
    align-items: start;
  }

  .interact-row > .control {
    display: flex;
    gap: 12px;
    align-items: center;
    min-inline-size: 0;
  }

  .interact .control {
    margin: 0;
    padding: 0;
    border: 0;
    min-inline-size: 0;
  }

  .interact .label {
    color: var(--_text);
    line-height: 1.35;
  }

  .interact .label mjx-container {
    font-size: 1.08em !important;
  }

  .interact .is-unlabelled > .label {
    display: none;
  }

  .interact > .is-unlabelled > .widget {
    grid-column: 2;
  }

  .interact > .control-html > .widget,
  .interact > .control-buttons.is-unlabelled > .widget {
    grid-column: 1 / -1;
  }

  .widget {
    display: flex;
    flex: 1 1 auto;
    flex-wrap: wrap;
    gap: 8px 14px;
    align-items: center;
    min-inline-size: 0;
  }

  .control-slider > .widget {
    flex-wrap: nowrap;
  }

  .interact .printed {
    display: none;
  }
`;
