/** A worksheet in the page: draws what its parts say, and takes keys, clicks and drags to them. */
import { html, nothing, render, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { announce, openAnnouncer } from '../announcer.js';
import { importDocument, ImportError, type Cell, type WorksheetDocument } from '../document/index.js';
import type { RenderSite } from '../renderers/rendering.js';
import { CellPane } from './cell-pane.js';
import { Commands, type CommandSite } from './commands.js';
import type { DragHost } from './drag.js';
import { download, exportText, chooseFile, fileName, type ExportFormat } from './files.js';
import { renderHead, type WorksheetViewName } from './head.js';
import { JsonView } from './json-view.js';
import { KeyReader, type Keymap } from './keys.js';
import { renderKeyHelp } from './key-help.js';
import { cellMenu, worksheetMenu, type MenuSite } from './menus.js';
import { NotePane } from './note-pane.js';
import { renderGap, renderRow, rowId } from './rows.js';
import { Runner } from './runner.js';
import type { Saving } from './saving.js';
import { Sheet, type SheetChange } from './sheet.js';
import { slidesOf } from './slides.js';
import { renderSlideBar } from './slide-bar.js';
import type { WorksheetStrings } from './strings/index.js';
import { crossesCells, isTypingIn } from './typing.js';

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
export class WorksheetView implements CommandSite, DragHost, MenuSite {
  readonly node = document.createElement('div');
  readonly sheet: Sheet;
  readonly runner: Runner;
  readonly commands: Commands;
  readonly #host: WorksheetViewHost;
  readonly #panes = new Map<string, CellPane>();
  readonly #notes = new Map<string, NotePane>();
  readonly #description: NotePane;
  #reader: KeyReader;
  #keymap: Keymap | undefined;
  #json: JsonView | undefined;
  #slide = 0;
  #mark: number | undefined;
  #hasKeyHelp = false;
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
    this.runner = new Runner(this.sheet, this.#panes, () => {
      this.schedule();
    });
    this.commands = new Commands(this.sheet, this.runner, this);
    this.#reader = new KeyReader('notebook');
    this.#description = new NotePane({
      site: host.site,
      typed: (text) => {
        this.sheet.setDescription(text);
      },
      modeChanged: () => {
        this.schedule();
      },
    });
    this.node.addEventListener('keydown', this.#keyCaptured, true);
    this.node.addEventListener('keydown', this.#keyBubbled);
    this.#closeAnnouncer = openAnnouncer();
    this.schedule();
  }

  get words(): WorksheetStrings {
    return this.#host.settings.words;
  }

  get isReadonly(): boolean {
    return this.#host.settings.isReadonly;
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
    for (const { id, element } of this.#panes.values()) {
      const { cursor } = element;
      if (cursor !== undefined) return { id, offset: cursor.offset };
    }
    for (const [id, { field }] of this.#notes) {
      if (field !== undefined) return { id, offset: field.selectionStart };
    }
    return undefined;
  }

  edit(id: string, at: 'start' | 'end' = 'end'): void {
    this.sheet.choose(id);
    this.#afterRender.push(() => {
      const pane = this.#panes.get(id);
      if (pane === undefined) this.#notes.get(id)?.edit(at);
      else void pane.element.focusAt(at);
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
    this.schedule();
  }

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

  #pane(cell: Cell): CellPane {
    let pane = this.#panes.get(cell.id);
    if (pane === undefined) {
      pane = new CellPane(cell, {
        typed: (id, source) => {
          this.sheet.setSource(id, source);
        },
        putOut: (id, output) => {
          this.sheet.setOutput(id, output);
        },
        runAsked: (id) => {
          this.runner.ranAlone(id);
        },
      });
      this.#panes.set(cell.id, pane);
    }
    return pane;
  }

  #note(key: string, typed: (text: string) => void): NotePane {
    let note = this.#notes.get(key);
    if (note === undefined) {
      note = new NotePane({
        site: this.#host.site,
        typed,
        modeChanged: () => {
          this.schedule();
        },
      });
      this.#notes.set(key, note);
    }
    return note;
  }

  #draw(): void {
    const { keymap, view } = this.#host.settings;
    if (keymap !== this.#keymap) {
      this.#keymap = keymap;
      this.#reader = new KeyReader(keymap);
    }
    if (view === 'json') this.#json ??= this.#openJson();
    else {
      this.#json?.close();
      this.#json = undefined;
    }
    render(this.#render(view), this.node);
    const there = new Set(this.sheet.order);
    for (const [id, pane] of this.#panes) {
      if (there.has(id) && this.sheet.cell(id)?.kind === 'code') continue;
      pane.element.stop();
      this.#panes.delete(id);
    }
    for (const key of [...this.#notes.keys()]) {
      if (!there.has(key.replace(/^above:/, ''))) this.#notes.delete(key);
    }
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
    this.#description.update(sheet.description, isReadonly, {
      label: words.description,
      placeholder: words.description,
    });
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
    ${this.#json === undefined ? this.#renderCells(view, new Set(slides[this.#slide] ?? [])) : this.#json.render()}
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
    ${
      this.#hasKeyHelp
        ? renderKeyHelp(words, this.#host.settings.keymap, () => {
            this.#hasKeyHelp = false;
            this.schedule();
          })
        : nothing
    }`;
  }

  #renderCells(view: WorksheetViewName, slide: ReadonlySet<string>): TemplateResult {
    const { sheet, words, isReadonly } = this;
    const hasDescription = view === 'edit' && !(isReadonly && sheet.description === '');
    const gap = (place: number): TemplateResult | typeof nothing =>
      isReadonly || view !== 'edit'
        ? nothing
        : renderGap(words, this.#mark === place, (kind) => {
            this.commands.insert(place, kind);
          });
    return html`${hasDescription ? html`<div class="description">${this.#description.node}</div>` : nothing}
      <div class=${`cells is-${view}`} role="group" aria-label=${words.cells}>
        ${repeat(
          sheet.cells,
          ({ id }) => id,
          (cell, index) =>
            html`${gap(index)}${this.#renderRow(cell, index + 1, view === 'slides' && !slide.has(cell.id))}`,
        )}
        ${gap(sheet.cells.length)}
      </div>`;
  }

  #renderRow(cell: Cell, place: number, isOffSlide: boolean): TemplateResult {
    const { sheet, runner, words, isReadonly } = this;
    const { id, kind, note } = cell;
    const { session, server, key, lang } = this.#host.settings;
    const noteWords = { label: words.note, placeholder: words.notePlaceholder };
    let above: NotePane | undefined;
    if (kind === 'code' && note !== undefined) {
      above = this.#note(`above:${id}`, (text) => {
        sheet.setNote(id, text);
      });
      above.update(note, isReadonly, noteWords);
    }
    let body: HTMLElement;
    let isEditing: boolean;
    if (kind === 'code') {
      const pane = this.#pane(cell);
      pane.update(cell, { session, server, key, isReadonly, label: words.codeCell(place), lang });
      body = pane.element;
      isEditing = pane.element.cursor !== undefined;
    } else {
      const pane = this.#note(id, (text) => {
        sheet.setSource(id, text);
      });
      pane.update(cell.source, isReadonly, { ...noteWords, label: words.noteCell(place) });
      body = pane.node;
      isEditing = pane.isEditing;
    }
    return renderRow({
      cell,
      place,
      words,
      isReadonly,
      isActive: sheet.selection.active === id,
      isChosen: sheet.selection.has(id),
      isEditing,
      isRunning: runner.queue.running === id,
      waiting: runner.queue.waiting.indexOf(id) + 1,
      isOffSlide,
      note: above?.node,
      body,
      items: isReadonly ? [] : cellMenu(this, cell, place),
      drag: this,
      chosen: (how) => {
        sheet.choose(id, how);
      },
      moved: (direction) => {
        sheet.choose(id);
        this.commands.perform(direction === 'up' ? 'move-up' : 'move-down');
      },
    });
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

  /** Before the editor sees a key: what the worksheet takes away from it. */
  readonly #keyCaptured = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing || this.#json !== undefined) return;
    if (event.key === 'Escape') return;
    const origin = event.composedPath()[0];
    const row = origin instanceof Element ? this.#rowOf(event) : undefined;
    if (row === undefined || !(origin instanceof Element)) return;
    const isTyping = isTypingIn(origin);
    if (isTyping) {
      const crossed = crossesCells(event, this.#panes.get(row)?.element, this.#notes.get(row)?.field);
      if (crossed === 'delete' && !this.isReadonly && this.sheet.order.length > 1) {
        event.preventDefault();
        event.stopPropagation();
        const before = this.sheet.order[this.sheet.order.indexOf(row) - 1];
        this.commands.delete(new Set([row]));
        if (before !== undefined) this.edit(before, 'end');
        return;
      }
      if (crossed === 'up' || crossed === 'down') {
        const next = this.sheet.order[this.sheet.order.indexOf(row) + (crossed === 'up' ? -1 : 1)];
        if (next === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        if (this.sheet.cell(next)?.kind === 'code') this.edit(next, crossed === 'up' ? 'end' : 'start');
        else this.select(next);
        return;
      }
    }
    // A button keeps its own keys.
    if (!isTyping && origin.closest('button, select, a, summary, input') !== null && !event.shiftKey) return;
    const command = this.#reader.read(event, isTyping);
    if (command === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.commands.perform(command);
  };

  /** After it: Escape leaves the editor, unless there was something in it to be closed first. */
  readonly #keyBubbled = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.defaultPrevented || this.#json !== undefined) return;
    if (this.#rowOf(event) === undefined) return;
    event.preventDefault();
    this.commands.perform('leave');
  };

  #rowOf(event: Event): string | undefined {
    for (const target of event.composedPath()) {
      if (target === this.node) return undefined;
      if (target instanceof HTMLElement && target.classList.contains('row')) return target.dataset['id'];
    }
    return undefined;
  }

  /** Lets the reader choose a file and shows it. */
  async openFile(): Promise<void> {
    const text = await chooseFile();
    if (text !== undefined) this.import(text);
  }
}
