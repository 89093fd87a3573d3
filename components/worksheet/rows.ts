/** One row of a worksheet: the handle and the place, the cell itself, and what can be done with it. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Cell } from '../document/index.js';
import { renderMenu, type MenuItem } from '../menu.js';
import { beginDrag, type DragHost } from './drag.js';
import { downIcon, handleIcon, plusIcon, upIcon } from './icons.js';
import type { WorksheetStrings } from './strings/index.js';

/** What a row shows and does. */
export interface Row {
  readonly cell: Cell;
  /** From 1. */
  readonly place: number;
  readonly words: WorksheetStrings;
  readonly isReadonly: boolean;
  readonly isActive: boolean;
  readonly isChosen: boolean;
  readonly isEditing: boolean;
  readonly isRunning: boolean;
  /** Place in the queue, from 1; 0 if it does not wait. */
  readonly waiting: number;
  /** True if it is not part of the slide that is shown. */
  readonly isOffSlide: boolean;
  /** What stands in it: the note above the code, and the code or the text. */
  readonly note: HTMLElement | undefined;
  readonly body: HTMLElement;
  readonly items: readonly MenuItem[];
  readonly drag: DragHost;
  readonly chosen: (how: 'alone' | 'extend' | 'toggle') => void;
  readonly moved: (direction: 'up' | 'down') => void;
}

/** Id of the element of a row. */
export const rowId = (id: string): string => `row-${id}`;

const howOf = ({ shiftKey, ctrlKey, metaKey }: MouseEvent): 'alone' | 'extend' | 'toggle' =>
  shiftKey ? 'extend' : ctrlKey || metaKey ? 'toggle' : 'alone';

function renderTools({ words, items, moved, cell }: Row): TemplateResult {
  return html`<div class="tools">
    <button
      class="button icon up"
      type="button"
      aria-label=${words.moveUp}
      title=${words.moveUp}
      @click=${() => {
        moved('up');
      }}
    >
      ${upIcon}
    </button>
    <button
      class="button icon down"
      type="button"
      aria-label=${words.moveDown}
      title=${words.moveDown}
      @click=${() => {
        moved('down');
      }}
    >
      ${downIcon}
    </button>
    ${renderMenu(items, words.more, `menu-${cell.id}`)}
  </div>`;
}

/** The row. */
export function renderRow(row: Row): TemplateResult {
  const { cell, place, words, isReadonly, isActive, isChosen, waiting, note, body, chosen, drag } = row;
  const classes = [
    'row',
    `is-${cell.kind}`,
    isActive ? 'is-active' : '',
    isChosen ? 'is-chosen' : '',
    row.isEditing ? 'is-editing' : '',
    row.isRunning ? 'is-running' : '',
    row.isOffSlide ? 'is-off-slide' : '',
  ].join(' ');
  const label = cell.kind === 'code' ? words.codeCell(place) : words.noteCell(place);
  return html`<div
    class=${classes}
    part="row"
    id=${rowId(cell.id)}
    data-id=${cell.id}
    role="group"
    aria-label=${label}
    aria-current=${isActive ? 'true' : 'false'}
    tabindex=${isActive ? '0' : '-1'}
    @focusin=${() => {
      if (!isChosen) chosen('alone');
    }}
  >
    <div
      class="gutter"
      @click=${(event: MouseEvent) => {
        chosen(howOf(event));
      }}
    >
      <span class="place" aria-hidden="true">${place}</span>
      ${
        isReadonly
          ? nothing
          : html`<button
              class="handle"
              type="button"
              tabindex="-1"
              aria-label=${words.moveHandle}
              title=${words.moveHandle}
              @pointerdown=${(event: PointerEvent) => {
                if (!isChosen) chosen('alone');
                beginDrag(event, drag);
              }}
            >
              ${handleIcon}
            </button>`
      }
    </div>
    <div class="body">
      ${note ?? nothing}${body}
      ${waiting > 0 ? html`<p class="waiting">${words.waiting(waiting)}</p>` : nothing}
      ${cell.flags?.auto === true ? html`<p class="auto">${words.isAuto}</p>` : nothing}
    </div>
    ${isReadonly ? nothing : renderTools(row)}
  </div>`;
}

/** The place between two rows, where a new cell can be put. */
export function renderGap(
  words: WorksheetStrings,
  isMarked: boolean,
  insert: (kind: Cell['kind']) => void,
): TemplateResult {
  const button = (kind: Cell['kind'], text: string): TemplateResult =>
    html`<button
      class="button small"
      type="button"
      @click=${() => {
        insert(kind);
      }}
    >
      ${plusIcon}${text}
    </button>`;
  return html`<div class=${isMarked ? 'gap is-marked' : 'gap'} role="group" aria-label=${words.insertHere}>
    ${button('code', words.addCode)} ${button('note', words.addText)}
  </div>`;
}
