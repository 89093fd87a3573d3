/** The element: its attributes, where its document comes from and is kept; what is shown is loaded with the first one. */
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import type { WorksheetDocument } from './document/index.js';
import { tokens } from './styles/tokens.styles.js';
import type { WorksheetController } from './worksheet/controller.js';
import type { ExportFormat } from './worksheet/files.js';

let count = 0;

/**
 * @summary A document of code and text whose cells share one session.
 *
 * What it holds is the text of a `<script type="application/json">` (or of any other type) in it, or lies at `src`:
 * a worksheet of this project, a Jupyter notebook, a `.sagews` file, or plain text with `sage:` prompts. Everything
 * else in the element is shown until the worksheet is there, and where there are no scripts.
 *
 * @slot - What is shown until the worksheet is there.
 *
 * @event {SageChangeEvent} sage-change - The reader changed something that would be saved.
 * @event {SageSavedEvent} sage-saved - With `save="server"`: the document was given addresses to read and to edit it.
 * @event {SagePlaceEvent} sage-load - With `save="page"`: the page may give the document.
 * @event {SagePlaceEvent} sage-save - With `save="page"`: the page is to keep the document.
 *
 * @attr {string} src - Address of the document.
 * @attr {string} name - Name under which the reader's browser keeps it. Default: the path of the page and the id of the element.
 * @attr {string} save - Where changes are kept: `browser` (default), `server` (the relay), `page` (by events) or `none`.
 * @attr {string} address - With `save="server"`: address of a document that was saved before.
 * @attr {boolean} readonly - Cells can be run but not changed.
 * @attr {boolean} autorun - All cells run as soon as the page is there.
 * @attr {string} view - `edit` (default), `slides` or `json`.
 * @attr {string} keymap - What Ctrl and Enter does: `notebook` (default) runs, `salvus` runs and inserts a cell.
 * @attr {string} session - Name of the session. Default: one of its own.
 * @attr {string} server - Address of the server. Default: where the script was loaded from.
 * @attr {string} key - Public key of the embedding site, where the server asks for one.
 * @attr {string} label - Name of the worksheet for those who cannot see it.
 * @attr {string} lang - Language of the buttons: `en`, `de`, `es`, `fr` or `zh`. Default: that of the page.
 *
 * @csspart worksheet - Everything.
 * @csspart head - Title and buttons.
 * @csspart title - The title.
 * @csspart toolbar - The row of buttons.
 * @csspart run-all - The button that runs all cells.
 * @csspart stop-all - The button that stops what runs.
 * @csspart row - A cell with what stands beside it.
 * @csspart note - A text.
 * @csspart conflict - The question which of two versions to keep.
 * @csspart json - The worksheet as JSON.
 * @csspart slide-bar - The bar below a slide.
 */
export class SageWorksheet extends LitElement {
  static override styles = [tokens];

  /** Address of the document. */
  @property() src: string | null = null;

  /** Name under which the reader's browser keeps it. */
  @property() name: string | null = null;

  /** Where changes are kept. @default 'browser' */
  @property() save: string | null = null;

  /** Address of a document that was saved on the server before. */
  @property() address: string | null = null;

  /** Cells can be run but not changed. */
  @property({ type: Boolean, attribute: 'readonly' }) readOnly = false;

  /** All cells run as soon as the page is there. */
  @property({ type: Boolean }) autorun = false;

  /** How it is looked at. @default 'edit' */
  @property({ reflect: true }) view: string | null = null;

  /** What Ctrl and Enter does. @default 'notebook' */
  @property() keymap: string | null = null;

  /** Name of the session. @default one of its own */
  @property() session: string | null = null;

  /** Address of the server. @default where the script was loaded from, else the origin of the page */
  @property() server: string | null = null;

  /** Public key of the embedding site, where the server asks for one. */
  @property() key: string | null = null;

  /** Name of the worksheet for those who cannot see it. */
  @property() label: string | null = null;

  readonly #ownSession = `worksheet-${String((count += 1))}`;
  #controller: WorksheetController | undefined;
  #failure = '';
  #leaveTimer: ReturnType<typeof setTimeout> | undefined;
  #opened: Promise<void> | undefined;

  /** Settled when the document is shown, or can't be. */
  get ready(): Promise<void> {
    return this.#opened ?? Promise.resolve();
  }

  /** The document as it stands; `undefined` until it is shown. */
  get document(): WorksheetDocument | undefined {
    return this.#controller?.view?.sheet.document;
  }

  /** Shows a document. @throws TypeError naming what is wrong with it @throws Error before `ready` */
  set document(value: unknown) {
    this.#loaded.show(value);
  }

  /** Shows a text of any format that can be imported. @returns false if it can't be read, which is told to the reader */
  async import(text: string): Promise<boolean> {
    await this.ready;
    return this.#loaded.import(text);
  }

  /** The worksheet as a text: `json`, `ipynb`, `html` (static, with outputs), `sage` or `py`. */
  async export(format: ExportFormat): Promise<string> {
    await this.ready;
    return this.#loaded.export(format);
  }

  /** Runs all cells, up to the first that does not end well. */
  runAll(): void {
    this.#controller?.view?.runner.runAll();
  }

  /** Stops what runs and lets nothing more begin. */
  stop(): void {
    this.#controller?.view?.runner.stop();
  }

  /** Ends the session and its variables. */
  restart(): void {
    this.#controller?.view?.runner.restart();
  }

  /** Takes the last change of the structure back. */
  undo(): void {
    this.#controller?.view?.sheet.undo();
  }

  /** Takes the last `undo` back. */
  redo(): void {
    this.#controller?.view?.sheet.redo();
  }

  /** Keeps what has changed, now. Settled when that is done or has failed. */
  async saveNow(): Promise<void> {
    await this.#controller?.keep();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    clearTimeout(this.#leaveTimer);
    addEventListener('pagehide', this.#flush);
    document.addEventListener('visibilitychange', this.#hidden);
    if (document.readyState === 'loading') {
      // The document may still be on its way.
      document.addEventListener('DOMContentLoaded', this.#begin, { once: true });
    } else this.#begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('DOMContentLoaded', this.#begin);
    removeEventListener('pagehide', this.#flush);
    document.removeEventListener('visibilitychange', this.#hidden);
    this.#flush();
    // One that is moved leaves and comes back at once.
    this.#leaveTimer = setTimeout(() => {
      this.#controller?.close();
      this.#controller = undefined;
      this.#opened = undefined;
    });
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('src') && this.#controller && changed.get('src') !== undefined) {
      this.#opened = this.#controller.open();
    }
    this.#controller?.view?.schedule();
  }

  protected override render(): TemplateResult {
    const failure = this.#controller?.failure ?? this.#failure;
    return html`${failure === '' ? nothing : html`<p role="alert">${failure}</p>`}${
      this.#controller?.view?.node ?? html`<slot></slot>`
    }`;
  }

  readonly #begin = (): void => {
    this.#opened ??= this.#open();
  };

  async #open(): Promise<void> {
    try {
      const { WorksheetController: Controller } = await import('./worksheet/worksheet.js');
      if (!this.isConnected) return;
      this.#controller ??= new Controller(this, this.#ownSession);
    } catch (failure) {
      this.#failure = String(failure);
      this.requestUpdate();
      return;
    }
    await this.#controller.open();
  }

  get #loaded(): WorksheetController {
    if (this.#controller === undefined) {
      throw new Error('The worksheet is not loaded yet: await its `ready` first.');
    }
    return this.#controller;
  }

  readonly #flush = (): void => {
    void this.#controller?.keep();
  };

  readonly #hidden = (): void => {
    if (document.visibilityState === 'hidden') this.#flush();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'sage-worksheet': SageWorksheet;
  }
}
