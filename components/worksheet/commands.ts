/** What keys and buttons do to a worksheet. */
import type { Command } from './keys.js';
import type { Runner } from './runner.js';
import type { Sheet } from './sheet.js';
import type { WorksheetStrings } from './strings/index.js';

/** The page side of commands: focus and words. */
export interface CommandSite {
  readonly words: WorksheetStrings;
  readonly isReadonly: boolean;
  /** Where the cursor is in the text of the cell that is being edited; undefined while none is. */
  cursor(): { readonly id: string; readonly offset: number } | undefined;
  /** Puts the cursor into a cell. */
  edit(id: string, at?: 'start' | 'end'): void;
  /** Focuses a cell as a whole. */
  select(id: string): void;
  say(sentence: string): void;
  save(): void;
  showKeys(): void;
}

/** Commands that change nothing of the document. */
const HARMLESS: ReadonlySet<Command> = new Set<Command>([
  'run',
  'run-and-next',
  'run-all',
  'interrupt',
  'restart',
  'edit',
  'leave',
  'previous',
  'next',
  'extend-up',
  'extend-down',
  'first',
  'last',
  'select-all',
  'help',
]);

/** Carries commands out. */
export class Commands {
  constructor(
    readonly sheet: Sheet,
    readonly runner: Runner,
    readonly site: CommandSite,
  ) {}

  perform(command: Command): void {
    const { sheet, runner, site } = this;
    const active = sheet.active;
    if (active === undefined || (site.isReadonly && !HARMLESS.has(command))) return;
    const { id } = active;
    const editing = site.cursor();
    switch (command) {
      case 'run':
        this.#runChosen();
        site.select(id);
        return;
      case 'run-and-next':
        this.#runChosen();
        this.#goOn(id, editing !== undefined);
        return;
      case 'run-and-insert':
        this.#runChosen();
        site.edit(sheet.insert({ after: id }));
        return;
      case 'run-all':
        runner.runAll();
        return;
      case 'interrupt':
        runner.stop();
        return;
      case 'restart':
        runner.restart();
        return;
      case 'insert-above':
        site.select(sheet.insert({ before: id }));
        return;
      case 'insert-below':
        site.select(sheet.insert({ after: id }));
        return;
      case 'delete':
        this.delete();
        return;
      case 'join':
        if (!sheet.join()) site.say(site.words.cannotJoin);
        this.#follow(editing !== undefined);
        return;
      case 'split':
        if (editing === undefined) return;
        sheet.split(editing.id, editing.offset);
        this.#follow(true);
        return;
      case 'move-up':
      case 'move-down':
        sheet.nudge(command === 'move-up' ? 'up' : 'down');
        this.#follow(editing !== undefined);
        site.say(site.words.moved(sheet.order.indexOf(id) + 1));
        return;
      case 'duplicate':
        sheet.duplicate();
        return;
      case 'undo':
      case 'redo':
        if (!(command === 'undo' ? sheet.canUndo : sheet.canRedo)) return;
        sheet[command]();
        site.say(site.words[command === 'undo' ? 'undone' : 'redo']);
        this.#follow(false);
        return;
      case 'to-code':
      case 'to-note':
        sheet.convert(command === 'to-code' ? 'code' : 'note');
        this.#follow(false);
        return;
      case 'edit':
        site.edit(id);
        return;
      case 'leave':
        // In the editor it leaves the editor; on the cell it stops what runs.
        if (editing === undefined) runner.stop();
        else site.select(id);
        return;
      case 'previous':
      case 'next': {
        const neighbour = sheet.selection.neighbour(sheet.order, command === 'next' ? 1 : -1);
        if (neighbour !== undefined) site.select(neighbour);
        return;
      }
      case 'extend-up':
      case 'extend-down': {
        const neighbour = sheet.selection.neighbour(sheet.order, command === 'extend-down' ? 1 : -1);
        if (neighbour !== undefined) sheet.choose(neighbour, 'extend');
        return;
      }
      case 'first':
      case 'last': {
        const end = command === 'first' ? sheet.order[0] : sheet.order.at(-1);
        if (end !== undefined) site.select(end);
        return;
      }
      case 'select-all':
        sheet.chooseAll();
        return;
      case 'toggle-source':
        this.#toggle('hideSource');
        return;
      case 'toggle-output':
        this.#toggle('hideOutput');
        return;
      case 'save':
        site.save();
        return;
      case 'help':
        site.showKeys();
    }
  }

  /** Deletes cells, the chosen ones unless others are named, and stops what of them runs or waits. */
  delete(ids: ReadonlySet<string> = this.sheet.selection.chosen): void {
    const { sheet, runner, site } = this;
    const gone = new Set(ids);
    for (const id of gone) runner.queue.remove(id);
    sheet.delete(gone);
    this.#follow(false);
    site.say(site.words.deleted(gone.size));
  }

  /** Puts a cell there and the cursor into it. */
  insert(where: Parameters<Sheet['insert']>[0], kind: 'code' | 'note'): void {
    this.site.edit(this.sheet.insert(where, kind));
  }

  #runChosen(): void {
    const { sheet, runner } = this;
    runner.run(sheet.order.filter((id) => sheet.selection.has(id)));
  }

  /** To the next cell; after the last one a new one is made. */
  #goOn(id: string, isEditing: boolean): void {
    const { sheet, site } = this;
    const next = sheet.order[sheet.order.indexOf(id) + 1];
    if (next === undefined) {
      if (site.isReadonly) site.select(id);
      else site.edit(sheet.insert({ after: id }));
    } else if (isEditing && sheet.cell(next)?.kind === 'code') site.edit(next, 'start');
    else site.select(next);
  }

  #follow(isEditing: boolean): void {
    const { active } = this.sheet.selection;
    if (active === undefined) return;
    if (isEditing) this.site.edit(active, 'start');
    else this.site.select(active);
  }

  #toggle(flag: 'hideSource' | 'hideOutput'): void {
    const { sheet } = this;
    const { chosen } = sheet.selection;
    const isOn = sheet.cells.some((cell) => chosen.has(cell.id) && cell.flags?.[flag] !== true);
    sheet.setFlags(chosen, { [flag]: isOn });
  }
}
