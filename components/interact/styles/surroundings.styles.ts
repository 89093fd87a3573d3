/** Narrow places, fingers, less motion, forced colours, print. */
import { css } from './css.js';

export const surroundingsRules = css`
  /* Narrow places: labels above. */
  @container interact (max-width: 27em) {
    .interact-row {
      grid-template-columns: minmax(0, 1fr);
    }

    .control > .widget,
    .control > .label {
      grid-column: 1 / -1 !important;
    }

    .interact-row > .control {
      flex-wrap: wrap;
      gap: 4px 12px;
    }

    .interact-row > .control > .widget {
      flex-basis: 100%;
    }

    .control.control-checkbox > .label {
      grid-column: 1 !important;
    }

    .control.control-checkbox > .widget {
      grid-column: 2 !important;
    }
  }

  @media (pointer: coarse) {
    .interact {
      --_thumb: 26px;
      --_field-height: 44px;
    }

    .range,
    .two {
      block-size: 44px;
    }

    .upright .range {
      inline-size: 140px;
      block-size: 44px;
    }

    .choice {
      min-block-size: 44px;
    }

    .interact :is(.checkbox, .choice input) {
      inline-size: 24px;
      block-size: 24px;
    }

    .interact .field {
      /* Smaller text makes telephones zoom in. */
      font-size: max(16px, 1em);
    }
  }

  @media (prefers-reduced-motion: reduce) {
    .interact-output,
    .segment,
    .interact .button.small {
      transition: none;
    }

    .interact.is-computing::after {
      background-size: 100% 100%;
      animation: none;
    }
  }

  @media (forced-colors: active) {
    .range::-webkit-slider-runnable-track {
      background: GrayText;
    }

    .two::before {
      background: GrayText;
    }

    .segment[aria-pressed='true'] {
      forced-color-adjust: none;
      background: Highlight;
      color: HighlightText;
    }

    .waiting-mark,
    .interact-note.is-waiting::before {
      forced-color-adjust: none;
      background: Highlight;
    }
  }

  @media print {
    .interact .widget,
    .interact-note,
    .interact .control-buttons,
    .waiting-mark {
      display: none;
    }

    .interact .control-html > .widget {
      display: block;
    }

    .interact .printed {
      display: block;
      white-space: pre-wrap;
      font-variant-numeric: tabular-nums;
    }

    .interact .label:not(:empty)::after {
      content: ' =';
    }
  }
`;
