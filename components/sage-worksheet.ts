/** The element: its attributes, where its document comes from and is kept; what is shown is loaded with the first one. */
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import type { WorksheetDocument } from './document/index.js';
import { pageDefault, resolveServer, warn } from './page-defaults.js';
import { english, languageOf, tableFor, type Strings } from './strings/index.js';
import { tokens } from './styles/tokens.styles.js';
import type { DocumentPlace } from './worksheet/document-place.js';
import type { ExportFormat } from './worksheet/files.js';
import type { WorksheetViewName } from './worksheet/head.js';
import type { Keymap } from './worksheet/keys.js';
import type { LoadRequest, SaveRequest } from './worksheet/page-place.js';
import type { Saving } from './worksheet/saving.js';
import type { WorksheetSettings, WorksheetView } from './worksheet/view.js';
import type * as worksheetParts from './worksheet/worksheet.js';

type Parts = typeof worksheetParts;

const PLACES = ['browser', 'server', 'page', 'none'] as const;
const KEYMAPS = ['notebook', 'salvus'] as const;
const VIEWS = ['edit', 'slides', 'json'] as const;

/** Longest document taken from an address, bytes as the server tells them. */
const MAX_FETCHED_BYTES = 67_108_864;

/** The document was changed by the reader. */
export class SageChangeEvent extends Event {
  constructor(
    /** `structure`: cells came, went or moved. `content`: a text, a switch or an output. */
    readonly what: 'structure' | 'content',
  ) {
    super('sage-change', { bubbles: true, composed: true });
  }
}

/** The page is asked for the document (`sage-load`) or told to keep it (`sage-save`), with `save="page"`. */
export class SagePlaceEvent<Detail> extends Event {
  constructor(
    type: 'sage-load' | 'sage-save',
    /** Answer with `detail.respondWith(…)`. */
    readonly detail: Detail,
  ) {
    super(type, { bubbles: true, composed: true });
  }
}

/** The document was saved on the server for the first time: whoever knows an address may do what it is for. */
export class SageSavedEvent extends Event {
  constructor(
    /** Address to read it. */
    readonly read: string,
    /** Address to change it. */
    readonly edit: string,
  ) {
    super('sage-saved', { bubbles: true, composed: true });
  }
}

function choice<T extends string>(attribute: string, value: string | null, allowed: readonly [T, ...T[]]): T {
  if (value === null || value === '') return allowed[0];
  const found = allowed.find((candidate) => candidate === value.toLowerCase());
  if (found === undefined) warn(`${attribute}="${value}" is not known; allowed: ${allowed.join(', ')}.`);
  return found ?? allowed[0];
}

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
  #strings: Strings = english;
  #parts: Parts | undefined;
  #sheetView: WorksheetView | undefined;
  #saving: Saving | undefined;
  #author: WorksheetDocument | undefined;
  #isOpening = false;
  #failure = '';
  #leaveTimer: ReturnType<typeof setTimeout> | undefined;
  #opened: Promise<void> | undefined;

  /** Settled when the document is shown, or can't be. */
  get ready(): Promise<void> {
    return this.#opened ?? Promise.resolve();
  }

  /** The document as it stands; `undefined` until it is shown. */
  get document(): WorksheetDocument | undefined {
    return this.#sheetView?.sheet.document;
  }

  /** Shows a document. @throws TypeError naming what is wrong with it @throws Error before `ready` */
  set document(value: unknown) {
    const { parts, view } = this.#loaded();
    const checked = parts.validateDocument(value);
    if (!checked.ok) throw new TypeError(checked.problems.map(({ message }) => message).join('\n'));
    view.open(checked.document);
  }

  /** Shows a text of any format that can be imported. @returns false if it can't be read, which is told to the reader */
  async import(text: string): Promise<boolean> {
    await this.ready;
    return this.#loaded().view.import(text);
  }

  /** The worksheet as a text: `json`, `ipynb`, `html` (static, with outputs), `sage` or `py`. */
  async export(format: ExportFormat): Promise<string> {
    await this.ready;
    const { parts, view } = this.#loaded();
    return parts.exportText(view.sheet.document, format, this.#settings(parts).lang);
  }

  /** Runs all cells, up to the first that does not end well. */
  runAll(): void {
    this.#sheetView?.runner.runAll();
  }

  /** Stops what runs and lets nothing more begin. */
  stop(): void {
    this.#sheetView?.runner.stop();
  }

  /** Ends the session and its variables. */
  restart(): void {
    this.#sheetView?.runner.restart();
  }

  /** Takes the last change of the structure back. */
  undo(): void {
    this.#sheetView?.sheet.undo();
  }

  /** Takes the last `undo` back. */
  redo(): void {
    this.#sheetView?.sheet.redo();
  }

  /** Keeps what has changed, now. Settled when that is done or has failed. */
  async saveNow(): Promise<void> {
    await this.#saving?.save();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    clearTimeout(this.#leaveTimer);
    addEventListener('pagehide', this.#flush);
    document.addEventListener('visibilitychange', this.#hidden);
    this.#learnWords();
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
      this.#saving?.close();
      this.#sheetView?.close();
      this.#sheetView = undefined;
      this.#opened = undefined;
    });
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('src') && this.#sheetView && changed.get('src') !== undefined) {
      this.#opened = this.#open();
    }
    this.#sheetView?.schedule();
  }

  protected override render(): TemplateResult {
    const node = this.#sheetView?.node;
    if (node === undefined) {
      return html`${this.#renderFailure()}<slot></slot>`;
    }
    return html`${this.#renderFailure()}${node}`;
  }

  #renderFailure(): TemplateResult | typeof nothing {
    return this.#failure === '' ? nothing : html`<p role="alert">${this.#failure}</p>`;
  }

  readonly #begin = (): void => {
    this.#opened ??= this.#open();
  };

  async #open(): Promise<void> {
    this.#isOpening = true;
    try {
      const parts = (this.#parts ??= await import('./worksheet/worksheet.js'));
      if (!this.isConnected) return;
      const root = this.renderRoot as ShadowRoot;
      const { styleSheet } = parts.worksheetStyles;
      if (styleSheet !== undefined && !root.adoptedStyleSheets.includes(styleSheet)) {
        root.adoptedStyleSheets = [...root.adoptedStyleSheets, styleSheet];
      }
      const place = this.#place(parts);
      const [author, kept] = await Promise.all([
        this.#readAuthor(parts),
        place?.load().catch((failure: unknown) => {
          warn(failure instanceof Error ? failure.message : String(failure));
          return undefined;
        }),
      ]);
      this.#author = author;
      const view = (this.#sheetView ??= this.#makeView(parts, root));
      this.#failure = '';
      const shown = kept?.document ?? author;
      if (shown !== undefined) view.open(shown);
      this.#saving?.close();
      this.#saving =
        place &&
        new parts.Saving(
          place,
          {
            current: () => view.sheet.document,
            saveStateChanged: () => {
              view.schedule();
            },
          },
          kept?.revision,
        );
      this.requestUpdate();
      if (this.autorun && !this.#isForeign) view.runner.runAll();
    } catch (failure) {
      const why = failure instanceof Error ? failure.message : String(failure);
      this.#failure = this.#parts?.wordsFor(this.#lang).notLoaded(why) ?? why;
      this.requestUpdate();
    } finally {
      this.#isOpening = false;
    }
  }

  #makeView(parts: Parts, root: ShadowRoot): WorksheetView {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- for the getters, which have a `this` of their own
    const element = this;
    return new parts.WorksheetView({
      get settings() {
        return element.#settings(parts);
      },
      site: {
        root,
        get strings() {
          return element.#strings;
        },
        trust: 'isolated',
        get frameUrl() {
          return new URL(pageDefault('frame-url') ?? 'sdk/frame.html', resolveServer(element.server)).href;
        },
        claimFrame: () => false,
      },
      edited: (what) => {
        if (this.#isOpening) return;
        this.#saving?.touch();
        this.dispatchEvent(new SageChangeEvent(what));
      },
      get saving() {
        return element.#saving;
      },
      viewed: (name) => {
        this.view = name;
      },
      get resetToAuthor() {
        const author = element.#author;
        if (author === undefined) return undefined;
        return () => {
          element.#sheetView?.open(author);
        };
      },
    });
  }

  #settings(parts: Parts): WorksheetSettings {
    return {
      words: parts.wordsFor(this.#lang),
      lang: this.#lang,
      isReadonly: this.readOnly,
      keymap: choice<Keymap>('keymap', this.keymap, KEYMAPS),
      view: choice<WorksheetViewName>('view', this.view, VIEWS),
      session: this.session ?? this.#ownSession,
      server: this.server,
      key: this.key,
    };
  }

  get #lang(): string {
    return this.lang === '' ? languageOf(this) : this.lang;
  }

  get #isForeign(): boolean {
    return this.src !== null && new URL(this.src, document.baseURI).origin !== location.origin;
  }

  #place(parts: Parts): DocumentPlace | undefined {
    if (this.readOnly) return undefined;
    switch (choice('save', this.save, PLACES)) {
      case 'browser':
        return new parts.BrowserPlace(this.name ?? this.#defaultName(), () => localStorage);
      case 'server':
        return new parts.ServerPlace(
          {
            server: resolveServer(this.server),
            address: this.address ?? undefined,
            name: this.name ?? this.#defaultName(),
            saved: ({ read, edit }) => {
              this.dispatchEvent(new SageSavedEvent(read, edit));
            },
            mayNotEdit: () => {
              this.readOnly = true;
            },
          },
          () => localStorage,
        );
      case 'page':
        return new parts.PagePlace((type, detail) => {
          this.dispatchEvent(new SagePlaceEvent<LoadRequest | SaveRequest>(type, detail));
        });
      case 'none':
        return undefined;
    }
  }

  #defaultName(): string {
    const own =
      this.id === '' ? String([...document.querySelectorAll(this.localName)].indexOf(this)) : this.id;
    return `${location.pathname}#${own}`;
  }

  async #readAuthor(parts: Parts): Promise<WorksheetDocument | undefined> {
    let text = this.querySelector('script[type]')?.textContent ?? undefined;
    if (this.src !== null && this.src !== '') {
      const response = await fetch(new URL(this.src, document.baseURI));
      if (!response.ok) throw new Error(`${this.src}: ${String(response.status)} ${response.statusText}`);
      if (Number(response.headers.get('content-length') ?? 0) > MAX_FETCHED_BYTES) {
        throw new Error(`${this.src} is longer than ${String(MAX_FETCHED_BYTES)} bytes.`);
      }
      text = await response.text();
    }
    if (text === undefined || text.trim() === '') return undefined;
    const { document: imported, notices } = parts.importDocument(text);
    for (const notice of notices) warn(notice);
    return imported;
  }

  #learnWords(): void {
    const table = tableFor(this.#lang);
    const learn = (strings: Strings): void => {
      this.#strings = strings;
      this.#sheetView?.schedule();
    };
    if (table instanceof Promise) void table.then(learn);
    else learn(table);
  }

  #loaded(): { parts: Parts; view: WorksheetView } {
    if (this.#parts === undefined || this.#sheetView === undefined) {
      throw new Error('The worksheet is not loaded yet: await its `ready` first.');
    }
    return { parts: this.#parts, view: this.#sheetView };
  }

  readonly #flush = (): void => {
    void this.#saving?.save();
  };

  readonly #hidden = (): void => {
    if (document.visibilityState === 'hidden') this.#flush();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'sage-worksheet': SageWorksheet;
  }
  interface GlobalEventHandlersEventMap {
    'sage-change': SageChangeEvent;
    'sage-saved': SageSavedEvent;
  }
}
