/** Checkboxes, choices, segments and buttons. */
import { css } from './css.js';

export const choiceRules = css`
  .interact .checkbox,
  .interact .choice input {
    inline-size: 18px;
    block-size: 18px;
    margin: 0;
    accent-color: var(--_accent);
    cursor: pointer;
  }

  .choices {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 18px;
  }

  .choices.in-columns {
    display: grid;
    justify-content: start;
  }

  .choice {
    display: inline-flex;
    gap: 8px;
    align-items: center;
    min-block-size: 28px;
    cursor: pointer;
  }

  .segments {
    display: inline-flex;
    flex-wrap: wrap;
    gap: 4px;
  }

  .segments.in-columns,
  .buttons.in-columns {
    display: inline-grid;
  }

  .segment,
  .interact .button.small {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    box-sizing: border-box;
    min-block-size: var(--_field-height);
    block-size: auto;
    padding: 2px 12px;
    border: 1px solid var(--_line-strong);
    border-radius: 6px;
    background: var(--_surface);
    color: var(--_text);
    font-size: 1em;
    font-weight: 500;
    line-height: 1.35;
    cursor: pointer;
    user-select: none;
    transition: background-color 120ms;
  }

  .segment:hover:enabled,
  .interact .button.small:hover:enabled {
    border-color: var(--_muted);
    background: var(--_hover);
  }

  .segment[aria-pressed='true'],
  .segment[aria-pressed='true']:hover:enabled {
    border-color: var(--_accent);
    background: var(--_accent);
    color: var(--_on-accent);
    font-weight: 600;
  }

  .interact .button.small:active:enabled {
    background: var(--_line);
  }

  .buttons {
    display: inline-flex;
    flex-wrap: wrap;
    gap: 8px;
  }
`;
