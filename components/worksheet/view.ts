/** A worksheet in the page: draws what its parts say, and takes keys, clicks and drags to them. */
import { html, nothing, render, type TemplateResult } from 'lit';
import { announce, openAnnouncer } from '../announcer.js';
import { importDocument, ImportError, type WorksheetDocument } from '../document/index.js';
import type { RenderSite } from '../renderers/rendering.js';
import { renderCells } from './cell-list.js';
import { Commands, type CommandSite } from './commands.js';
import type { DragHost } from './drag.js';
import { download, exportText, chooseFile, fileName, type ExportFormat } from './files.js';
import { renderHead, type WorksheetViewName } from './head.js';
import { JsonView } from './json-view.js';
import { Keyboard, type KeyboardOwner } from './keyboard.js';
import type { Keymap } from './keys.js';
import { renderKeyHelp } from './key-help.js';
import { worksheetMenu, type MenuSite } from './menus.js';
import { Panes } from './panes.js';
import { rowId } from './rows.js';
import { Runner } from './runner.js';
import type { Saving } from './saving.js';
import { Sheet, type SheetChange } from './sheet.js';
import { slidesOf } from './slides.js';
import { renderSlideBar } from './slide-bar.js';
import type { WorksheetStrings } from './strings/index.js';

/** What the element tells its view. */
export interface WorksheetSettings {
  readonly words: WorksheetStrings;
  readonly lang: string;
  readonly isReadonly: boolean;
  readonly keymap: Keymap;
  readonly view: WorksheetViewName;
  readonly session: string;
  readonly server: string | null;
  readonly key: string | null;
}

/** The element around a view. */
export interface WorksheetViewHost {
  readonly settings: WorksheetSettings;
  readonly site: RenderSite;
  /** Something that would be saved has changed. */
  edited(what: 'structure' | 'content'): void;
  /** Undefined where nothing is kept. */
  readonly saving: Saving | undefined;
  /** The reader chose another way to look at it. */
  viewed(view: WorksheetViewName): void;
  /** The reader wants the author's version back; undefined where there is none. */
  readonly resetToAuthor: (() => void) | undefined;
}

/** Shows a worksheet in `node`, which is its own, until `close`. */
export class WorksheetView implements CommandSite, DragHost, MenuSite, KeyboardOwner {
  readonly node = document.createElement('div');
  readonly sheet: Sheet;
  readonly runner: Runner;
  readonly commands: Commands;
  readonly panes: Panes;
  readonly #host: WorksheetViewHost;
  readonly #keyboard: Keyboard;
  #json: JsonView | undefined;
  #slide = 0;
  #mark: number | undefined;
  #hasKeyHelp = false;
  #keyHelpOpener: Element | null = null;
  #isScheduled = false;
  #isClosed = false;
  #closeAnnouncer: (() => void) | undefined;
  #afterRender: (() => void)[] = [];

  constructor(host: WorksheetViewHost) {
    this.#host = host;
    this.node.className = 'worksheet';
    this.node.setAttribute('part', 'worksheet');
    this.sheet = new Sheet((what) => {
      this.#changed(what);
    });
    const changed = (): void => {
      this.schedule();
    };
    this.panes = new Panes(this.sheet, {
      site: host.site,
      ranAlone: (id) => {
        this.runner.ranAlone(id);
      },
      changed,
    });
    this.runner = new Runner(this.sheet, this.panes.cells, changed);
    this.commands = new Commands(this.sheet, this.runner, this);
    this.#keyboard = new Keyboard(this);
    this.#closeAnnouncer = openAnnouncer();
    this.schedule();
  }

  get words(): WorksheetStrings {
    return this.#host.settings.words;
  }

  get isReadonly(): boolean {
    return this.#host.settings.isReadonly;
  }

  get hasCells(): boolean {
    return this.#json === undefined;
  }

  /** Draws soon. */
  schedule(): void {
    if (this.#isScheduled || this.#isClosed) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      if (!this.#isClosed) this.#draw();
    });
  }

  /** Shows a document from now on. */
  open(shown: WorksheetDocument): void {
    this.runner.stop();
    this.#json?.close();
    this.#json = undefined;
    this.#slide = 0;
    this.sheet.open(shown);
  }

  /** Reads a text of any format and shows it; what can't be read is told and changes nothing. */
  import(text: string): boolean {
    try {
      const { document: imported, notices } = importDocument(text);
      this.open(imported);
      this.#host.edited('structure');
      this.say([this.words.imported(imported.cells.length), ...notices].join('. '));
      return true;
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
      this.say(this.words.notImported(error.message));
      return false;
    }
  }

  /** Ends timers, listeners and runs. */
  close(): void {
    this.#isClosed = true;
    this.runner.stop();
    this.#json?.close();
    this.#closeAnnouncer?.();
  }

  // What commands ask for.

  cursor(): { readonly id: string; readonly offset: number } | undefined {
    return this.panes.cursor;
  }

  edit(id: string, at: 'start' | 'end' = 'end'): void {
    this.sheet.choose(id);
    this.#afterRender.push(() => {
      this.panes.edit(id, at);
    });
    this.schedule();
  }

  select(id: string): void {
    this.sheet.choose(id);
    this.#afterRender.push(() => {
      this.#row(id)?.focus();
    });
    this.schedule();
  }

  readonly say = (sentence: string): void => {
    announce(sentence);
    this.#said = sentence;
    this.schedule();
  };

  #said = '';

  save(): void {
    void this.#host.saving?.save();
  }

  showKeys(): void {
    this.#hasKeyHelp = true;
    const { activeElement } = this.node.getRootNode() as Document | ShadowRoot;
    const isInMenu = activeElement === null || activeElement.closest('.menu') !== null;
    this.#keyHelpOpener = isInMenu ? this.node.querySelector<HTMLElement>('.head .more') : activeElement;
    this.schedule();
  }

  readonly #keyHelpClosed = (): void => {
    this.#hasKeyHelp = false;
    this.#afterRender.push(() => {
      if (this.#keyHelpOpener instanceof HTMLElement) this.#keyHelpOpener.focus();
    });
    this.schedule();
  };

  /** Offers the worksheet as a file. */
  async saveAs(format: ExportFormat): Promise<void> {
    const shown = this.sheet.document;
    const text = await exportText(shown, format, this.#host.settings.lang);
    download(text, fileName(shown.title, format), format);
  }

  // What drags ask for.

  rows(): readonly HTMLElement[] {
    return [...this.node.querySelectorAll<HTMLElement>('.row')];
  }

  dropped(to: number): void {
    this.sheet.move(this.sheet.selection.chosen, to);
    const { active } = this.sheet.selection;
    if (active !== undefined) {
      this.select(active);
      this.say(this.words.moved(this.sheet.order.indexOf(active) + 1));
    }
  }

  marked(to: number | undefined): void {
    if (this.#mark === to) return;
    this.#mark = to;
    this.schedule();
  }

  #row(id: string): HTMLElement | null {
    return (this.node.getRootNode() as Document | ShadowRoot).getElementById(rowId(id));
  }

  #changed(what: SheetChange): void {
    if (what !== 'selection') {
      this.#said = '';
      this.#host.edited(what);
    }
    this.schedule();
  }

  #draw(): void {
    const { keymap, view } = this.#host.settings;
    this.#keyboard.keymap = keymap;
    if (view === 'json') this.#json ??= this.#openJson();
    else {
      this.#json?.close();
      this.#json = undefined;
    }
    render(this.#render(view), this.node);
    this.panes.prune();
    for (const act of this.#afterRender.splice(0)) act();
  }

  #openJson(): JsonView {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- for the getters, which have a `this` of their own
    const view = this;
    return new JsonView(this.sheet.document, {
      get words() {
        return view.words;
      },
      get isReadonly() {
        return view.isReadonly;
      },
      applied: (document) => {
        this.sheet.replace(document);
        this.#host.viewed('edit');
      },
      closed: () => {
        this.#host.viewed('edit');
      },
      changed: () => {
        this.schedule();
      },
    });
  }

  #render(view: WorksheetViewName): TemplateResult {
    const { sheet, words, isReadonly } = this;
    const { saving } = this.#host;
    const slides = view === 'slides' ? slidesOf(sheet.cells) : [];
    this.#slide = Math.max(0, Math.min(this.#slide, slides.length - 1));
    return html`${renderHead({
      words,
      title: sheet.title,
      isReadonly,
      isBusy: this.runner.isBusy,
      canUndo: sheet.canUndo,
      canRedo: sheet.canRedo,
      view,
      items: worksheetMenu(this, this.#host.resetToAuthor),
      saving: saving && { state: saving.state, isSaving: saving.isSaving, message: saving.message },
      perform: (command) => {
        this.commands.perform(command);
      },
      add: (kind) => {
        const { active } = sheet.selection;
        this.commands.insert(active === undefined ? sheet.order.length : { after: active }, kind);
      },
      titled: (title) => {
        sheet.setTitle(title);
      },
      viewed: (name) => {
        this.#host.viewed(name);
      },
      resolved: (choice) => {
        void this.#resolve(choice);
      },
    })}
    ${this.#said === '' ? nothing : html`<p class="said">${this.#said}</p>`}
    ${
      this.#json?.render() ??
      renderCells({
        sheet,
        runner: this.runner,
        panes: this.panes,
        commands: this.commands,
        words,
        isReadonly,
        settings: this.#host.settings,
        view,
        slide: new Set(slides[this.#slide] ?? []),
        mark: this.#mark,
        site: this,
      })
    }
    ${
      view === 'slides'
        ? renderSlideBar(
            words,
            this.#slide,
            slides.length,
            (to) => {
              this.#slide = to;
              this.schedule();
            },
            () => {
              this.#host.viewed('edit');
            },
          )
        : nothing
    }
    ${this.#hasKeyHelp ? renderKeyHelp(words, this.#host.settings.keymap, this.#keyHelpClosed) : nothing}`;
  }

  async #resolve(choice: 'mine' | 'theirs' | 'file'): Promise<void> {
    const { saving } = this.#host;
    if (choice === 'file') {
      await this.saveAs('json');
      return;
    }
    const theirs = await saving?.resolve(choice);
    if (theirs !== undefined) this.open(theirs);
    this.schedule();
  }

  /** Lets the reader choose a file and shows it. */
  async openFile(): Promise<void> {
    const text = await chooseFile();
    if (text !== undefined) this.import(text);
  }
}
