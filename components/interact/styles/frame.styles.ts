/** The output, and a frame that is under way. */
import { css } from './css.js';

export const frameRules = css`
  .interact-output {
    --_code-padding-inline: 0px;
    position: relative;
    min-inline-size: 0;
    font-size: 1.0667em;
    overflow: hidden;
    transition: min-block-size 180ms ease-out;
  }

  .interact-output > .output {
    max-block-size: none;
    border-radius: 0;
  }

  .interact-output > .output > :first-child {
    padding-block-start: 4px;
  }

  .interact-output > .output > :last-child {
    padding-block-end: 0;
  }

  .interact-output > .output > .error {
    padding-inline: 14px;
  }

  .interact-output > .output > .interact-place {
    padding-block: 8px;
  }

  /* A frame that is made ready: laid out as it will be, and not seen. */
  .interact-output > .behind {
    position: absolute;
    inset-block-start: 0;
    inset-inline: 0;
    visibility: hidden;
    pointer-events: none;
  }

  /* An interact within another stands apart by a line. */
  .interact .interact {
    font-size: 1em;
    padding-inline-start: 14px;
    border-inline-start: 2px solid var(--_line);
  }

  .interact::after {
    content: '';
    grid-column: 1 / -1;
    block-size: 2px;
    margin-block-start: -6px;
    border-radius: 1px;
    opacity: 0;
  }

  .interact.is-computing::after {
    background: linear-gradient(90deg, transparent, var(--_accent), transparent) 0 0 / 40% 100% no-repeat;
    opacity: 1;
    animation: interact-computing 1.1s ease-in-out infinite alternate;
  }

  @keyframes interact-computing {
    to {
      background-position: 100% 0;
    }
  }
`;
