/** The attributes of a cell as properties of its element; what they mean is in `options`. */
import { LitElement } from 'lit';
import { property } from 'lit/decorators.js';
import { isNo, type CellAttributes } from '../options.js';

/** A boolean attribute that can also take a default of the page back: `line-numbers="false"`. */
const flag = {
  type: Boolean,
  converter: { fromAttribute: (value: string | null) => value !== null && !isNo(value) },
};

/** An element with the attributes of a cell, and nothing else. */
export class CellAttributesElement extends LitElement implements CellAttributes {
  /** Cells of a page with the same name here share their variables; without one each run starts afresh. */
  @property() session: string | null = null;

  /** Address of the server. @default where the script was loaded from, else the origin of the page */
  @property() server: string | null = null;

  /** Public key of the embedding site, where the server asks for one. */
  @property() key: string | null = null;

  /** Language of the code. @default 'sage' */
  @property() language: string | null = null;

  /** Languages the reader may choose from, separated by blanks. */
  @property() languages: string | null = null;

  /** Address of the code, if it is not in the element. */
  @property() src: string | null = null;

  /** The cell is not shown; its code runs first in its session. */
  @property({ ...flag, reflect: true }) setup = false;

  /** The code can be run but not changed. */
  @property({ ...flag, attribute: 'readonly' }) readOnly = false;

  /** Runs once as soon as the page is there. */
  @property(flag) autorun = false;

  /** What the reader changes is kept in the reader's browser. */
  @property(flag) persist = false;

  /** The code is folded away behind a button. */
  @property(flag) collapsed = false;

  /** What is left out, separated by blanks. */
  @property() hide: string | null = null;

  /** Least number of lines the code is high. */
  @property() lines: string | number | null = null;

  /** Lines from which the code scrolls. */
  @property({ attribute: 'max-lines' }) maxLines: string | number | null = null;

  /** Numbers before the lines. */
  @property({ ...flag, attribute: 'line-numbers' }) lineNumbers = false;

  /** Key that runs: `shift-enter`, `ctrl-enter` or `enter`. @default 'shift-enter' */
  @property({ attribute: 'evaluate-key' }) evaluateKey: string | null = null;

  /** `codemirror` or `textarea`. @default 'codemirror' */
  @property() editor: string | null = null;

  /** Values are shown as typeset formulas. */
  @property(flag) typeset = false;

  /** `auto`, `light` or `dark`. @default 'auto': as the place where the cell stands */
  @property() theme: string | null = null;

  /** `off`: the server computes afresh. @default 'on' */
  @property() cache: string | null = null;

  /** Seconds the code may run. */
  @property({ attribute: 'time-limit' }) timeLimit: string | number | null = null;

  /** `isolated` or `page`. @default 'isolated' */
  @property({ attribute: 'output-trust' }) outputTrust: string | null = null;

  /** Name of the cell for those who cannot see it. */
  @property() label: string | null = null;
}
