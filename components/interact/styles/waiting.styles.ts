/** What is not in the output yet, and what can be used no more. */
import { css } from './css.js';

export const waitingRules = css`
  .waiting-mark {
    display: inline-block;
    inline-size: 8px;
    block-size: 8px;
    margin-inline-start: 7px;
    background: var(--_warning);
    rotate: 45deg;
    vertical-align: 0.08em;
  }

  .interact .button.small.is-wanted {
    border-color: var(--_warning);
    box-shadow: 0 0 0 1px var(--_warning);
  }

  .interact-note {
    display: flex;
    flex-wrap: wrap;
    gap: 6px 14px;
    align-items: center;
    margin: 0;
    color: var(--_muted);
    font-size: 0.9375em;
  }

  .interact-note.is-waiting {
    flex-wrap: nowrap;
    align-items: baseline;
    color: var(--_warning);
  }

  .interact-note.is-waiting::before {
    content: '';
    flex: none;
    inline-size: 8px;
    block-size: 8px;
    margin-inline: 2px -4px;
    background: currentcolor;
    rotate: 45deg;
  }

  .interact.is-unusable :is(.label, .shown, .choice, .field) {
    color: var(--_muted);
  }

  .interact :disabled,
  .interact :disabled :is(.range, .segment, .choice) {
    cursor: default;
  }

  .interact.is-unusable {
    --_rail-colour: var(--_line);
  }

  .interact.is-unusable .range {
    filter: grayscale(1);
  }

  .interact.is-unusable .segment[aria-pressed='true'] {
    border-color: var(--_muted);
    background: var(--_muted);
    color: var(--_surface);
  }
`;
