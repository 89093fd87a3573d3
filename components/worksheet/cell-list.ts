/** The cells of a worksheet, one below the other, with the places between them. */
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Cell } from '../document/index.js';
import type { Commands } from './commands.js';
import type { DragHost } from './drag.js';
import type { WorksheetViewName } from './head.js';
import { cellMenu, type MenuSite } from './menus.js';
import type { Panes } from './panes.js';
import { renderGap, renderRow } from './rows.js';
import type { Runner } from './runner.js';
import type { Sheet } from './sheet.js';
import type { WorksheetStrings } from './strings/index.js';

/** What the list is made of. */
export interface CellList {
  readonly sheet: Sheet;
  readonly runner: Runner;
  readonly panes: Panes;
  readonly commands: Commands;
  readonly words: WorksheetStrings;
  readonly isReadonly: boolean;
  /** Where and in which language cells run. */
  readonly settings: {
    readonly session: string;
    readonly server: string | null;
    readonly key: string | null;
    readonly lang: string;
  };
  readonly view: WorksheetViewName;
  /** Ids of the cells on the present slide. */
  readonly slide: ReadonlySet<string>;
  /** Place before which something would be dropped. */
  readonly mark: number | undefined;
  /** Takes drags, and what is chosen in menus. */
  readonly site: DragHost & MenuSite;
}

/** The whole list. */
export function renderCells(list: CellList): TemplateResult {
  const { sheet, words, isReadonly, view, panes, slide, commands } = list;
  const hasDescription = view === 'edit' && !(isReadonly && sheet.description === '');
  panes.description.update(sheet.description, isReadonly, {
    label: words.description,
    placeholder: words.description,
  });
  const gap = (place: number): TemplateResult | typeof nothing =>
    isReadonly || view !== 'edit'
      ? nothing
      : renderGap(words, list.mark === place, (kind) => {
          commands.insert(place, kind);
        });
  return html`${hasDescription ? html`<div class="description">${panes.description.node}</div>` : nothing}
    <div class=${`cells is-${view}`} role="group" aria-label=${words.cells}>
      ${repeat(
        sheet.cells,
        ({ id }) => id,
        (cell, index) => {
          const isOffSlide = view === 'slides' && !slide.has(cell.id);
          return html`${gap(index)}${renderCell(list, cell, index + 1, isOffSlide)}`;
        },
      )}
      ${gap(sheet.cells.length)}
    </div>`;
}

function renderCell(list: CellList, cell: Cell, place: number, isOffSlide: boolean): TemplateResult {
  const { sheet, runner, words, isReadonly, commands, site } = list;
  const { id } = cell;
  const { body, isEditing, above } = contentOf(list, cell, place);
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
    note: above,
    body,
    items: isReadonly ? [] : cellMenu(site, cell, place),
    drag: site,
    chosen: (how) => {
      sheet.choose(id, how);
    },
    moved: (direction) => {
      sheet.choose(id);
      commands.perform(direction === 'up' ? 'move-up' : 'move-down');
    },
  });
}

/** What stands in the row of a cell: code with a note above it, or a text. */
function contentOf(
  { panes, words, isReadonly, settings }: CellList,
  cell: Cell,
  place: number,
): { readonly body: HTMLElement; readonly isEditing: boolean; readonly above: HTMLElement | undefined } {
  const noteWords = { label: words.note, placeholder: words.notePlaceholder };
  if (cell.kind !== 'code') {
    const pane = panes.note(cell);
    pane.update(cell.source, isReadonly, { ...noteWords, label: words.noteCell(place) });
    return { body: pane.node, isEditing: pane.isEditing, above: undefined };
  }
  const above = cell.note === undefined ? undefined : panes.noteAbove(cell);
  above?.update(cell.note ?? '', isReadonly, noteWords);
  const pane = panes.code(cell);
  pane.update(cell, { ...settings, isReadonly, label: words.codeCell(place) });
  const { element } = pane;
  return { body: element, isEditing: element.cursor !== undefined, above: above?.node };
}
