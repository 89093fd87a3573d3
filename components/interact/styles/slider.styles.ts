/** Sliders: one handle, two, or a bank of upright ones. */
import { css } from './css.js';

export const sliderRules = css`
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

  /* One tick for each of a few positions. Without its colour space Firefox repeats no gradient of mixed colours. */
  .range.has-ticks {
    background-image: repeating-linear-gradient(
      to right in srgb,
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
`;
