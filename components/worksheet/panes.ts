/** The panes of a worksheet: what shows each cell and note, kept for as long as the cell is in the document. */
import type { Cell } from '../document/index.js';
import type { RenderSite } from '../renderers/rendering.js';
import { CellPane } from './cell-pane.js';
import { NotePane } from './note-pane.js';
import type { Sheet } from './sheet.js';

/** What the panes need of the worksheet around them. */
export interface PanesOwner {
  readonly site: RenderSite;
  /** A run began that the worksheet did not ask for: by the button of the cell. */
  ranAlone(id: string): void;
  /** Something has to be drawn anew. */
  changed(): void;
}

const ABOVE = 'above:';

/** The panes of one worksheet. */
export class Panes {
  /** Of code cells, by the id of the cell. */
  readonly cells = new Map<string, CellPane>();
  readonly description: NotePane;
  readonly #notes = new Map<string, NotePane>();
  readonly #sheet: Sheet;
  readonly #owner: PanesOwner;

  constructor(sheet: Sheet, owner: PanesOwner) {
    this.#sheet = sheet;
    this.#owner = owner;
    this.description = this.#makeNote((text) => {
      sheet.setDescription(text);
    });
  }

  /** Shows a code cell. */
  code(cell: Cell): CellPane {
    let pane = this.cells.get(cell.id);
    if (pane === undefined) {
      const sheet = this.#sheet;
      pane = new CellPane(cell, {
        typed: (id, source) => {
          sheet.setSource(id, source);
        },
        putOut: (id, output) => {
          sheet.setOutput(id, output);
        },
        runAsked: (id) => {
          this.#owner.ranAlone(id);
        },
      });
      this.cells.set(cell.id, pane);
    }
    return pane;
  }

  /** Shows a cell that is a text. */
  note({ id }: Cell): NotePane {
    return this.#noteAt(id, (text) => {
      this.#sheet.setSource(id, text);
    });
  }

  /** Shows the note above a code cell. */
  noteAbove({ id }: Cell): NotePane {
    return this.#noteAt(ABOVE + id, (text) => {
      this.#sheet.setNote(id, text);
    });
  }

  /** The field in which the text of a note is written, while it is. */
  field(id: string): HTMLTextAreaElement | undefined {
    return this.#notes.get(id)?.field;
  }

  /** Where the reader writes. */
  get cursor(): { readonly id: string; readonly offset: number } | undefined {
    for (const { id, element } of this.cells.values()) {
      const { cursor } = element;
      if (cursor !== undefined) return { id, offset: cursor.offset };
    }
    for (const [id, { field }] of this.#notes) {
      if (field !== undefined) return { id, offset: field.selectionStart };
    }
    return undefined;
  }

  /** Puts the cursor into a cell. */
  edit(id: string, at: 'start' | 'end'): void {
    const pane = this.cells.get(id);
    if (pane === undefined) this.#notes.get(id)?.edit(at);
    else void pane.element.focusAt(at);
  }

  /** Lets go of the panes of cells that are gone, or are not what they were. */
  prune(): void {
    const there = new Set(this.#sheet.order);
    for (const [id, pane] of this.cells) {
      if (there.has(id) && this.#sheet.cell(id)?.kind === 'code') continue;
      pane.element.stop();
      this.cells.delete(id);
    }
    for (const key of [...this.#notes.keys()]) {
      if (!there.has(key.startsWith(ABOVE) ? key.slice(ABOVE.length) : key)) this.#notes.delete(key);
    }
  }

  #noteAt(key: string, typed: (text: string) => void): NotePane {
    let note = this.#notes.get(key);
    if (note === undefined) {
      note = this.#makeNote(typed);
      this.#notes.set(key, note);
    }
    return note;
  }

  #makeNote(typed: (text: string) => void): NotePane {
    return new NotePane({
      site: this.#owner.site,
      typed,
      modeChanged: () => {
        this.#owner.changed();
      },
    });
  }
}
