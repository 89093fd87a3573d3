/** Colours and measures: the custom properties authors set, and the private ones made of them. */
import { css } from 'lit';

/**
 * Dark or light is the page's decision, by its `color-scheme`: a page that says `light dark` follows the reader's
 * preference, a page that says nothing is light, and so are the cells on it.
 */
export const tokens = css`
  .cell,
  .worksheet {
    --_surface: var(--sage-surface, #fff);
    --_code-surface: var(--sage-code-surface, #f6f7f5);
    --_text: var(--sage-text, #1b211d);
    --_muted: var(--sage-muted, #57615a);
    --_line: var(--sage-border, #dde1dc);
    --_line-strong: #b4bcb5;
    --_accent: var(--sage-accent, #2c6a4b);
    --_accent-hover: #22553b;
    --_on-accent: var(--sage-on-accent, #fff);
    --_error: var(--sage-error, #a8201a);
    --_error-surface: #fdf0ee;
    --_warning: #7a5200;
    --_warning-surface: #fdf5e3;
    --_keyword: #7b3aa0;
    --_string: #17693f;
    --_comment: #5f6a62;
    --_number: #9a4700;
    --_definition: #1a56a8;
    --_cyan: #0b6470;
    --_hover: #e7ebe6;
    --_focus: #1a62c9;
    --_radius: var(--sage-radius, 8px);
    --_mono: var(
      --sage-font-mono,
      ui-monospace,
      'SF Mono',
      'Cascadia Code',
      'JetBrains Mono',
      Menlo,
      Consolas,
      'DejaVu Sans Mono',
      'Liberation Mono',
      monospace
    );
    --_sans: var(--sage-font-ui, system-ui, sans-serif);
    --_code-padding-block: 12px;
    --_code-padding-inline: 16px;
  }

  @supports (color: light-dark(#000, #fff)) {
    .cell,
    .worksheet {
      --_surface: var(--sage-surface, light-dark(#fff, #161a17));
      --_code-surface: var(--sage-code-surface, light-dark(#f6f7f5, #1d221e));
      --_text: var(--sage-text, light-dark(#1b211d, #e4e9e5));
      --_muted: var(--sage-muted, light-dark(#57615a, #a3aea6));
      --_line: var(--sage-border, light-dark(#dde1dc, #333a35));
      --_line-strong: light-dark(#b4bcb5, #566059);
      --_accent: var(--sage-accent, light-dark(#2c6a4b, #86cda6));
      --_accent-hover: light-dark(#22553b, #a2dcbc);
      --_on-accent: var(--sage-on-accent, light-dark(#fff, #0c1f15));
      --_error: var(--sage-error, light-dark(#a8201a, #ff9d92));
      --_error-surface: light-dark(#fdf0ee, #34201e);
      --_warning: light-dark(#7a5200, #efc26e);
      --_warning-surface: light-dark(#fdf5e3, #2f2817);
      --_keyword: light-dark(#7b3aa0, #cfa8f2);
      --_string: light-dark(#17693f, #93d5a9);
      --_comment: light-dark(#5f6a62, #94a098);
      --_number: light-dark(#9a4700, #f0b57a);
      --_definition: light-dark(#1a56a8, #8fbcfa);
      --_cyan: light-dark(#0b6470, #7fd3dd);
      --_hover: light-dark(#e7ebe6, #2c332e);
      --_focus: light-dark(#1a62c9, #8ab8ff);
    }
  }
`;
