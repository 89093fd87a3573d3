/** Behind the element: where its document comes from, where it is kept, and what shows it. */
import { SageChangeEvent, SagePlaceEvent, SageSavedEvent } from '../events.js';
import { oneOf, pageDefault, resolveServer, warn } from '../page-defaults.js';
import { importDocument, validateDocument, type WorksheetDocument } from '../document/index.js';
import { english, languageOf, tableFor, type Strings } from '../strings/index.js';
import { worksheetStyles } from '../styles/worksheet/index.js';
import { BrowserPlace } from './browser-place.js';
import type { DocumentPlace } from './document-place.js';
import { exportText, type ExportFormat } from './files.js';
import { VIEWS } from './head.js';
import { PagePlace, type LoadRequest, type SaveRequest } from './page-place.js';
import { Saving } from './saving.js';
import { ServerPlace } from './server-place.js';
import { wordsFor } from './strings/index.js';
import { WorksheetView, type WorksheetSettings } from './view.js';

const PLACES = ['browser', 'server', 'page', 'none'] as const;
const KEYMAPS = ['notebook', 'salvus'] as const;

/** Longest document taken from an address, bytes as the server tells them. */
const MAX_FETCHED_BYTES = 67_108_864;

/** The element, as its controller sees it. */
export interface WorksheetElement extends HTMLElement {
  readonly src: string | null;
  readonly name: string | null;
  readonly save: string | null;
  readonly address: string | null;
  readOnly: boolean;
  readonly autorun: boolean;
  view: string | null;
  readonly keymap: string | null;
  readonly session: string | null;
  readonly server: string | null;
  readonly key: string | null;
  readonly renderRoot: HTMLElement | DocumentFragment;
  requestUpdate(): void;
}

/** One worksheet of a page, from its loading to `close`. */
export class WorksheetController {
  /** Why nothing is shown; empty if something is. */
  failure = '';
  readonly #element: WorksheetElement;
  readonly #ownSession: string;
  #strings: Strings = english;
  #view: WorksheetView | undefined;
  #saving: Saving | undefined;
  #author: WorksheetDocument | undefined;
  #isOpening = false;

  /** @param ownSession name of a session that no other element of the page has */
  constructor(element: WorksheetElement, ownSession: string) {
    this.#element = element;
    this.#ownSession = ownSession;
    this.#learnWords();
  }

  /** What shows the document; undefined until there is one. */
  get view(): WorksheetView | undefined {
    return this.#view;
  }

  get saving(): Saving | undefined {
    return this.#saving;
  }

  /** Shows a document. @throws TypeError naming what is wrong with it @throws Error if nothing is shown yet */
  show(value: unknown): void {
    const checked = validateDocument(value);
    if (!checked.ok) throw new TypeError(checked.problems.map(({ message }) => message).join('\n'));
    this.#shown.open(checked.document);
  }

  /** Shows a text of any format. @returns false if it can't be read */
  import(text: string): boolean {
    return this.#shown.import(text);
  }

  /** The worksheet as a text. */
  export(format: ExportFormat): Promise<string> {
    return exportText(this.#shown.sheet.document, format, this.#lang);
  }

  /** Keeps what has changed, now. */
  async keep(): Promise<void> {
    await this.#saving?.save();
  }

  /** Ends timers, listeners and runs. */
  close(): void {
    this.#saving?.close();
    this.#view?.close();
  }

  get #shown(): WorksheetView {
    if (this.#view === undefined)
      throw new Error('The worksheet is not loaded yet: await its `ready` first.');
    return this.#view;
  }

  /** Loads the document and shows it; a failure is told in `failure`. */
  async open(): Promise<void> {
    const element = this.#element;
    this.#isOpening = true;
    try {
      const root = element.renderRoot as ShadowRoot;
      const fresh = worksheetStyles.filter((sheet) => !root.adoptedStyleSheets.includes(sheet));
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, ...fresh];
      const place = this.#place();
      const [author, kept] = await Promise.all([
        this.#readAuthor(),
        place?.load().catch((failure: unknown) => {
          warn(failure instanceof Error ? failure.message : String(failure));
          return undefined;
        }),
      ]);
      this.#author = author;
      const view = (this.#view ??= this.#makeView(root));
      this.failure = '';
      const shown = kept?.document ?? author;
      if (shown !== undefined) view.open(shown);
      this.#saving?.close();
      this.#saving =
        place &&
        new Saving(
          place,
          {
            current: () => view.sheet.document,
            saveStateChanged: () => {
              view.schedule();
            },
          },
          kept?.revision,
        );
      element.requestUpdate();
      if (element.autorun && !this.#isForeign) view.runner.runAll();
    } catch (failure) {
      const why = failure instanceof Error ? failure.message : String(failure);
      this.failure = wordsFor(this.#lang).notLoaded(why);
      element.requestUpdate();
    } finally {
      this.#isOpening = false;
    }
  }

  #makeView(root: ShadowRoot): WorksheetView {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- for the getters, which have a `this` of their own
    const controller = this;
    const element = this.#element;
    return new WorksheetView({
      get settings() {
        return controller.#settings();
      },
      site: {
        root,
        get strings() {
          return controller.#strings;
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
        element.dispatchEvent(new SageChangeEvent(what));
      },
      get saving() {
        return controller.#saving;
      },
      viewed: (name) => {
        element.view = name;
      },
      get resetToAuthor() {
        const author = controller.#author;
        if (author === undefined) return undefined;
        return () => {
          controller.#view?.open(author);
        };
      },
    });
  }

  #settings(): WorksheetSettings {
    const { readOnly, keymap, view, session, server, key } = this.#element;
    return {
      words: wordsFor(this.#lang),
      lang: this.#lang,
      isReadonly: readOnly,
      keymap: oneOf('keymap', keymap, KEYMAPS),
      view: oneOf('view', view, VIEWS),
      session: session ?? this.#ownSession,
      server,
      key,
    };
  }

  get #lang(): string {
    return this.#element.lang === '' ? languageOf(this.#element) : this.#element.lang;
  }

  get #isForeign(): boolean {
    const { src } = this.#element;
    return src !== null && new URL(src, document.baseURI).origin !== location.origin;
  }

  #place(): DocumentPlace | undefined {
    const element = this.#element;
    if (element.readOnly) return undefined;
    const name = element.name ?? this.#defaultName();
    switch (oneOf('save', element.save, PLACES)) {
      case 'browser':
        return new BrowserPlace(name, () => localStorage);
      case 'server':
        return new ServerPlace(
          {
            server: resolveServer(element.server),
            address: element.address ?? undefined,
            name,
            saved: ({ read, edit }) => {
              element.dispatchEvent(new SageSavedEvent(read, edit));
            },
            mayNotEdit: () => {
              element.readOnly = true;
            },
          },
          () => localStorage,
        );
      case 'page':
        return new PagePlace((type, detail) => {
          element.dispatchEvent(new SagePlaceEvent<LoadRequest | SaveRequest>(type, detail));
        });
      case 'none':
        return undefined;
    }
  }

  #defaultName(): string {
    const { id, localName } = this.#element;
    const own = id === '' ? String([...document.querySelectorAll(localName)].indexOf(this.#element)) : id;
    return `${location.pathname}#${own}`;
  }

  async #readAuthor(): Promise<WorksheetDocument | undefined> {
    const { src } = this.#element;
    let text = this.#element.querySelector('script[type]')?.textContent ?? undefined;
    if (src !== null && src !== '') {
      const response = await fetch(new URL(src, document.baseURI));
      if (!response.ok) throw new Error(`${src}: ${String(response.status)} ${response.statusText}`);
      if (Number(response.headers.get('content-length') ?? 0) > MAX_FETCHED_BYTES) {
        throw new Error(`${src} is longer than ${String(MAX_FETCHED_BYTES)} bytes.`);
      }
      text = await response.text();
    }
    if (text === undefined || text.trim() === '') return undefined;
    const { document: imported, notices } = importDocument(text);
    for (const notice of notices) warn(notice);
    return imported;
  }

  #learnWords(): void {
    const table = tableFor(this.#lang);
    const learn = (strings: Strings): void => {
      this.#strings = strings;
      this.#view?.schedule();
    };
    if (table instanceof Promise) void table.then(learn);
    else learn(table);
  }
}
