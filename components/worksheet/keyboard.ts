/** The keys of a worksheet: what it takes from the editors in it, before they see it and after. */
import type { Commands } from './commands.js';
import { KeyReader, type Keymap } from './keys.js';
import type { Panes } from './panes.js';
import type { Sheet } from './sheet.js';
import { crossesCells, isTypingIn } from './typing.js';

/** The worksheet, as its keys see it. */
export interface KeyboardOwner {
  readonly node: HTMLElement;
  readonly sheet: Sheet;
  readonly panes: Panes;
  readonly commands: Commands;
  readonly isReadonly: boolean;
  /** False while something else than cells is shown. */
  readonly hasCells: boolean;
  edit(id: string, at: 'start' | 'end'): void;
  select(id: string): void;
}

/** Reads the keys pressed in one worksheet, for as long as its node lives. */
export class Keyboard {
  readonly #owner: KeyboardOwner;
  #keymap: Keymap = 'notebook';
  #reader = new KeyReader(this.#keymap);

  constructor(owner: KeyboardOwner) {
    this.#owner = owner;
    owner.node.addEventListener('keydown', this.#captured, true);
    owner.node.addEventListener('keydown', this.#bubbled);
  }

  set keymap(keymap: Keymap) {
    if (keymap === this.#keymap) return;
    this.#keymap = keymap;
    this.#reader = new KeyReader(keymap);
  }

  /** Before the editor sees a key: what the worksheet takes away from it. */
  readonly #captured = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing || !this.#owner.hasCells) return;
    if (event.key === 'Escape') return;
    const origin = event.composedPath()[0];
    const row = origin instanceof Element ? this.#rowOf(event) : undefined;
    if (row === undefined || !(origin instanceof Element)) return;
    const isTyping = isTypingIn(origin);
    if (isTyping && this.#crosses(event, row)) return;
    // A button keeps its own keys.
    if (!isTyping && origin.closest('button, select, a, summary, input') !== null && !event.shiftKey) return;
    const command = this.#reader.read(event, isTyping);
    if (command === undefined) return;
    this.#take(event);
    this.#owner.commands.perform(command);
  };

  /** After it: Escape leaves the editor, unless there was something in it to be closed first. */
  readonly #bubbled = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.defaultPrevented || !this.#owner.hasCells) return;
    if (this.#rowOf(event) === undefined) return;
    event.preventDefault();
    this.#owner.commands.perform('leave');
  };

  /** At the edge of a text keys lead to the next one. @returns true if this one did */
  #crosses(event: KeyboardEvent, row: string): boolean {
    const { sheet, panes, commands, isReadonly } = this.#owner;
    const crossed = crossesCells(event, panes.cells.get(row)?.element, panes.field(row));
    const place = sheet.order.indexOf(row);
    if (crossed === 'delete' && !isReadonly && sheet.order.length > 1) {
      this.#take(event);
      const before = sheet.order[place - 1];
      commands.delete(new Set([row]));
      if (before !== undefined) this.#owner.edit(before, 'end');
      return true;
    }
    if (crossed !== 'up' && crossed !== 'down') return false;
    const next = sheet.order[place + (crossed === 'up' ? -1 : 1)];
    if (next === undefined) return true;
    this.#take(event);
    if (sheet.cell(next)?.kind === 'code') this.#owner.edit(next, crossed === 'up' ? 'end' : 'start');
    else this.#owner.select(next);
    return true;
  }

  #take(event: KeyboardEvent): void {
    event.preventDefault();
    event.stopPropagation();
  }

  #rowOf(event: Event): string | undefined {
    for (const target of event.composedPath()) {
      if (target === this.#owner.node) return undefined;
      if (target instanceof HTMLElement && target.classList.contains('row')) return target.dataset['id'];
    }
    return undefined;
  }
}
