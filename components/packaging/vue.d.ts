/** The elements in the templates of Vue 3. Generated from the elements; do not edit. */
import type { DefineComponent } from 'vue';

export interface SageCellAttributes {
  /** Language of the buttons: `en`, `de`, `es`, `fr` or `zh`. Default: that of the page. */
  lang?: string | undefined;
  /** Cells of a page with the same name here share their variables. */
  session?: string | undefined;
  /** Address of the server. Default: where the script was loaded from. */
  server?: string | undefined;
  /** Language of the code: `sage` (default), `python`, `gap`, `gp`, `maxima`, `singular`, `r`, `octave`, `macaulay2`, `cython`, `sh`, `md`, `html` or `latex`. */
  language?: string | undefined;
  /** Languages the reader may choose from: `"sage python gap"`. */
  languages?: string | undefined;
  /** Address of the code, if it is not in the element. Code of another site never runs by itself. */
  src?: string | undefined;
  /** The cell is not shown; its code runs first in its session. */
  setup?: boolean | undefined;
  /** The code can be run but not changed. */
  readonly?: boolean | undefined;
  /** Runs once as soon as the page is there. */
  autorun?: boolean | undefined;
  /** What the reader changes is kept in the reader's browser, by page and cell. */
  persist?: boolean | undefined;
  /** The code is folded away behind a button, as is code that begins with `%hide`. */
  collapsed?: boolean | undefined;
  /** What is left out: any of `editor output toolbar run stop status menu copy reset clear restart fullscreen`. */
  hide?: string | undefined;
  /** Least number of lines the code is high. */
  lines?: number | string | undefined;
  /** Lines from which the code scrolls. */
  'max-lines'?: number | string | undefined;
  /** Numbers before the lines. */
  'line-numbers'?: boolean | undefined;
  /** Key that runs: `shift-enter` (default; Ctrl and Enter too), `ctrl-enter`, `enter` (then Shift and Enter makes a line). */
  'evaluate-key'?: string | undefined;
  /** `codemirror` (default) or `textarea`, a plain text field. */
  editor?: string | undefined;
  /** Values are shown as typeset formulas. */
  typeset?: boolean | undefined;
  /** `light` or `dark`, whatever the page is. Default: `auto`, by the `color-scheme` of its place. */
  theme?: string | undefined;
  /** `off`: the server computes afresh instead of answering from its store. Default: `on`. */
  cache?: string | undefined;
  /** Seconds the code may run; the server's own limit holds too. */
  'time-limit'?: number | string | undefined;
  /** `isolated` (default), or `page`: markup and scripts of outputs become part of the page and can do all it can. */
  'output-trust'?: string | undefined;
  /** Name of the cell for those who cannot see it. */
  label?: string | undefined;
}

export interface SageConfigAttributes {
  /** Cells of a page with the same name here share their variables. */
  session?: string | undefined;
  /** Address of the server. Default: where the script was loaded from. */
  server?: string | undefined;
  /** Language of the code: `sage` (default), `python`, `gap`, `gp`, `maxima`, `singular`, `r`, `octave`, `macaulay2`, `cython`, `sh`, `md`, `html` or `latex`. */
  language?: string | undefined;
  /** Languages the reader may choose from: `"sage python gap"`. */
  languages?: string | undefined;
  /** The code can be run but not changed. */
  readonly?: boolean | undefined;
  /** Runs once as soon as the page is there. */
  autorun?: boolean | undefined;
  /** What the reader changes is kept in the reader's browser, by page and cell. */
  persist?: boolean | undefined;
  /** The code is folded away behind a button, as is code that begins with `%hide`. */
  collapsed?: boolean | undefined;
  /** What is left out: any of `editor output toolbar run stop status menu copy reset clear restart fullscreen`. */
  hide?: string | undefined;
  /** Least number of lines the code is high. */
  lines?: number | string | undefined;
  /** Lines from which the code scrolls. */
  'max-lines'?: number | string | undefined;
  /** Numbers before the lines. */
  'line-numbers'?: boolean | undefined;
  /** Key that runs: `shift-enter` (default; Ctrl and Enter too), `ctrl-enter`, `enter` (then Shift and Enter makes a line). */
  'evaluate-key'?: string | undefined;
  /** `codemirror` (default) or `textarea`, a plain text field. */
  editor?: string | undefined;
  /** Values are shown as typeset formulas. */
  typeset?: boolean | undefined;
  /** `light` or `dark`, whatever the page is. Default: `auto`, by the `color-scheme` of its place. */
  theme?: string | undefined;
  /** `off`: the server computes afresh instead of answering from its store. Default: `on`. */
  cache?: string | undefined;
  /** Seconds the code may run; the server's own limit holds too. */
  'time-limit'?: number | string | undefined;
  /** `isolated` (default), or `page`: markup and scripts of outputs become part of the page and can do all it can. */
  'output-trust'?: string | undefined;
  /** Address of the page in which outputs with scripts are shut in. Default: that of the server. */
  'frame-url'?: string | undefined;
}

export interface SageWorksheetAttributes {
  /** Address of the document. */
  src?: string | undefined;
  /** Name under which the reader's browser keeps it. Default: the path of the page and the id of the element. */
  name?: string | undefined;
  /** Where changes are kept: `browser` (default), `server` (the relay), `page` (by events) or `none`. */
  save?: string | undefined;
  /** With `save="server"`: address of a document that was saved before. */
  address?: string | undefined;
  /** Cells can be run but not changed. */
  readonly?: boolean | undefined;
  /** All cells run as soon as the page is there. */
  autorun?: boolean | undefined;
  /** `edit` (default), `slides` or `json`. */
  view?: string | undefined;
  /** What Ctrl and Enter does: `notebook` (default) runs, `salvus` runs and inserts a cell. */
  keymap?: string | undefined;
  /** Name of the session. Default: one of its own. */
  session?: string | undefined;
  /** Address of the server. Default: where the script was loaded from. */
  server?: string | undefined;
  /** Name of the worksheet for those who cannot see it. */
  label?: string | undefined;
  /** Language of the buttons: `en`, `de`, `es`, `fr` or `zh`. Default: that of the page. */
  lang?: string | undefined;
}

declare module 'vue' {
  interface GlobalComponents {
    'sage-cell': DefineComponent<SageCellAttributes>;
    'sage-config': DefineComponent<SageConfigAttributes>;
    'sage-worksheet': DefineComponent<SageWorksheetAttributes>;
  }
}
