/** Looks of an interact: controls that sit on a page of a textbook as quietly as its formulas. */

// Not Lit's: that would tie this chunk to the entry.
const css = String.raw;

let sheet: CSSStyleSheet | undefined;

/** Adds the rules to a shadow root, once. */
export function adoptInteractRules(root: ShadowRoot): void {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(interactRules);
  }
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}

const interactRules = css`
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

  /* Fields */

  .interact .field {
    box-sizing: border-box;
    max-inline-size: 100%;
    min-block-size: var(--_field-height);
    margin: 0;
    padding: 3px 9px;
    border: 1px solid var(--_line-strong);
    border-radius: 6px;
    background: var(--_surface);
    color: var(--_text);
    font: inherit;
    font-variant-numeric: tabular-nums;
    line-height: 1.4;
  }

  .interact .field:hover:enabled {
    border-color: var(--_muted);
  }

  .range:focus-visible {
    outline: none;
  }

  .range:focus-visible::-webkit-slider-thumb {
    outline: 2px solid var(--_focus);
    outline-offset: 2px;
  }

  .range:focus-visible::-moz-range-thumb {
    outline: 2px solid var(--_focus);
    outline-offset: 2px;
  }

  .interact :is(.field, .swatch, .checkbox, .segment, .button):focus-visible {
    outline: 2px solid var(--_focus);
    outline-offset: 1px;
  }

  .interact .control-text > .widget > .field.is-wide {
    inline-size: 100%;
    max-inline-size: 32em;
  }

  .interact .is-code {
    font-family: var(--_mono);
    font-size: 0.9375em;
    direction: ltr;
  }

  .interact textarea.field {
    resize: vertical;
    line-height: 1.5;
  }

  .interact select.field {
    padding-inline-end: 4px;
  }

  /* Sliders */

  .track {
    position: relative;
    display: flex;
    flex: 1 1 8em;
    align-items: center;
    min-inline-size: 0;
    max-inline-size: 36em;
  }

  .range {
    --_done: calc(var(--_thumb) / 2 + var(--_at, 0) * (100% - var(--_thumb)));
    appearance: none;
    flex: 1 1 auto;
    inline-size: 100%;
    min-inline-size: 0;
    block-size: 28px;
    margin: 0;
    background: transparent;
    cursor: pointer;
    border-radius: 6px;
    touch-action: pan-y;
    -webkit-tap-highlight-color: transparent;
  }

  .range::-webkit-slider-runnable-track {
    block-size: var(--_rail);
    border-radius: 2px;
    background: linear-gradient(to right, var(--_accent) var(--_done), var(--_rail-colour) 0);
  }

  .range::-moz-range-track {
    block-size: var(--_rail);
    border-radius: 2px;
    background: linear-gradient(to right, var(--_accent) var(--_done), var(--_rail-colour) 0);
  }

  .interact {
    --_rail-colour: color-mix(in srgb, var(--_muted) 38%, var(--_surface));
  }

  .range:dir(rtl)::-webkit-slider-runnable-track {
    background: linear-gradient(to left, var(--_accent) var(--_done), var(--_rail-colour) 0);
  }

  .range:dir(rtl)::-moz-range-track {
    background: linear-gradient(to left, var(--_accent) var(--_done), var(--_rail-colour) 0);
  }

  .range::-webkit-slider-thumb {
    appearance: none;
    inline-size: var(--_thumb);
    block-size: var(--_thumb);
    margin-block-start: calc((var(--_rail) - var(--_thumb)) / 2);
    border: 2px solid var(--_accent);
    border-radius: 50%;
    background: var(--_surface);
    box-shadow: 0 1px 2px rgb(0 0 0 / 18%);
    transition: background-color 120ms;
  }

  .range::-moz-range-thumb {
    box-sizing: border-box;
    inline-size: var(--_thumb);
    block-size: var(--_thumb);
    border: 2px solid var(--_accent);
    border-radius: 50%;
    background: var(--_surface);
    box-shadow: 0 1px 2px rgb(0 0 0 / 18%);
    transition: background-color 120ms;
  }

  .range:enabled:hover::-webkit-slider-thumb,
  .range:enabled:active::-webkit-slider-thumb {
    background: var(--_accent);
  }

  .range:enabled:hover::-moz-range-thumb,
  .range:enabled:active::-moz-range-thumb {
    background: var(--_accent);
  }

  /* One tick for each of a few positions. */
  .range.has-ticks {
    background-image: repeating-linear-gradient(
      to right,
      var(--_rail-colour) 0 1px,
      transparent 0 calc((100% - 1px) / var(--_ticks))
    );
    background-position: calc(var(--_thumb) / 2) calc(50% + 9px);
    background-repeat: no-repeat;
    background-size: calc(100% - var(--_thumb) + 1px) 4px;
  }

  .two {
    block-size: 28px;
    cursor: pointer;
    touch-action: pan-y;
  }

  .two::before {
    content: '';
    position: absolute;
    --_start: calc(var(--_thumb) / 2 + var(--_from) * (100% - var(--_thumb)));
    --_end: calc(var(--_thumb) / 2 + var(--_to) * (100% - var(--_thumb)));
    inset-inline: 0;
    block-size: var(--_rail);
    border-radius: 2px;
    background: linear-gradient(
      to right,
      var(--_rail-colour) var(--_start),
      var(--_accent) 0 var(--_end),
      var(--_rail-colour) 0
    );
  }

  .two:dir(rtl)::before {
    background: linear-gradient(
      to left,
      var(--_rail-colour) var(--_start),
      var(--_accent) 0 var(--_end),
      var(--_rail-colour) 0
    );
  }

  .two .range {
    position: absolute;
    inset: 0;
    pointer-events: none;
  }

  .two .range::-webkit-slider-runnable-track {
    background: transparent !important;
  }

  .two .range::-moz-range-track {
    background: transparent !important;
  }

  .shown {
    flex: none;
    box-sizing: border-box;
    min-inline-size: max(4.4em, var(--_characters, 3) * 1ch + 20px);
    padding-inline: 9px;
    color: var(--_text);
    font-variant-numeric: tabular-nums;
    text-align: start;
  }

  .interact input.shown {
    inline-size: 0;
    border-color: transparent;
    background: transparent;
  }

  .interact input.shown:hover:enabled,
  .interact input.shown:focus {
    border-color: var(--_line-strong);
    background: var(--_surface);
  }

  .pair {
    display: inline-flex;
    flex: none;
    gap: 2px;
    align-items: center;
  }

  .interact .pair .shown {
    min-inline-size: max(3em, var(--_characters, 3) * 1ch + 12px);
    padding-inline: 3px;
    text-align: center;
  }

  .dash {
    color: var(--_muted);
  }

  .bank {
    display: flex;
    flex-wrap: wrap;
    gap: 10px 6px;
  }

  .upright {
    display: flex;
    flex-direction: column;
    gap: 4px;
    align-items: center;
    min-inline-size: 44px;
  }

  .upright .range {
    flex: none;
    writing-mode: vertical-lr;
    direction: rtl;
    inline-size: 110px;
    block-size: 30px;
    touch-action: pan-x;
  }

  .upright .range::-webkit-slider-runnable-track {
    background: linear-gradient(to top, var(--_accent) var(--_done), var(--_rail-colour) 0);
  }

  .upright .range::-moz-range-track {
    background: linear-gradient(to top, var(--_accent) var(--_done), var(--_rail-colour) 0);
  }

  .upright .range.has-ticks {
    background-image: none;
  }

  .interact .upright .shown {
    min-inline-size: 44px;
    inline-size: calc(var(--_characters, 3) * 1ch + 14px);
    padding-inline: 2px;
    text-align: center;
  }

  /* Choices */

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

  /* Matrices stand between the brackets of matrices. */

  .grid {
    position: relative;
    display: inline-grid;
    gap: 4px;
    padding: 4px 9px;
  }

  .grid::before,
  .grid::after {
    content: '';
    position: absolute;
    inset-block: 0;
    inline-size: 6px;
    border: 1.5px solid var(--_text);
    pointer-events: none;
  }

  .grid::before {
    inset-inline-start: 0;
    border-inline-end: 0;
  }

  .grid::after {
    inset-inline-end: 0;
    border-inline-start: 0;
  }

  .interact .grid .field {
    padding-inline: 6px;
    text-align: center;
  }

  .interact .grid .field:not(:hover, :focus) {
    border-color: color-mix(in srgb, var(--_line-strong) 55%, transparent);
  }

  /* Colours */

  .interact .swatch {
    inline-size: 48px;
    block-size: var(--_field-height);
    margin: 0;
    padding: 3px;
    border: 1px solid var(--_line-strong);
    border-radius: 6px;
    background: var(--_surface);
    cursor: pointer;
  }

  .interact .swatch::-webkit-color-swatch-wrapper {
    padding: 0;
  }

  .interact .swatch::-webkit-color-swatch {
    border: 0;
    border-radius: 3px;
  }

  .interact .swatch::-moz-color-swatch {
    border: 0;
    border-radius: 3px;
  }

  .interact .hex {
    inline-size: calc(7ch + 24px);
  }

  .control-html .html {
    padding: 0;
    font-size: 1em;
  }

  .control-html .html > :first-child {
    margin-block-start: 0;
  }

  .control-html .html > :last-child {
    margin-block-end: 0;
  }

  /* What is not in the output yet. */

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

  /* Output */

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
