/** One worksheet while it is worked with: its cells, which of them are chosen, and every step back. No DOM. */
import {
  changeCell,
  deleteCells,
  duplicateCells,
  insertCells,
  joinWithPrevious,
  newCell,
  nudgeCells,
  moveCells,
  splitCell,
  StructureHistory,
  DOCUMENT_VERSION,
  type Cell,
  type CellFlags,
  type Cells,
  type StoredOutput,
  type WorksheetDocument,
} from '../document/index.js';
import { Selection } from './selection.js';

/** `structure`: cells came, went or moved. `content`: a text, a flag or an output. `selection`: nothing that is saved. */
export type SheetChange = 'structure' | 'content' | 'selection';

const idsOf = (cells: Cells): string[] => cells.map(({ id }) => id);

/** A worksheet. There is always at least one cell. */
export class Sheet {
  readonly selection = new Selection();
  readonly #history = new StructureHistory();
  readonly #changed: (what: SheetChange) => void;
  #title = '';
  #description = '';
  #cells: Cells = [];

  /** @param changed called after each change */
  constructor(changed: (what: SheetChange) => void) {
    this.#changed = changed;
    this.#cells = [newCell()];
    this.selection.choose(this.order[0] ?? '');
  }

  /** What is saved. */
  get document(): WorksheetDocument {
    return {
      version: DOCUMENT_VERSION,
      title: this.#title,
      description: this.#description,
      cells: [...this.#cells],
    };
  }

  get title(): string {
    return this.#title;
  }

  get description(): string {
    return this.#description;
  }

  get cells(): Cells {
    return this.#cells;
  }

  /** Ids in order. */
  get order(): string[] {
    return idsOf(this.#cells);
  }

  get canUndo(): boolean {
    return this.#history.canUndo;
  }

  get canRedo(): boolean {
    return this.#history.canRedo;
  }

  cell(id: string | undefined): Cell | undefined {
    return this.#cells.find((cell) => cell.id === id);
  }

  /** The cell that keys are about. */
  get active(): Cell | undefined {
    return this.cell(this.selection.active);
  }

  /** Shows another document from now on; its steps begin anew. */
  open({ title, description, cells }: WorksheetDocument): void {
    this.#title = title;
    this.#description = description;
    this.#cells = cells.length === 0 ? [newCell()] : cells;
    this.#history.clear();
    this.selection.choose(this.order[0] ?? '');
    this.#changed('structure');
  }

  /** The document was changed as a text: one step, which can be taken back. */
  replace({ title, description, cells }: WorksheetDocument): void {
    this.#title = title;
    this.#description = description;
    this.#step(cells.length === 0 ? [newCell()] : cells);
  }

  setTitle(title: string): void {
    if (title === this.#title) return;
    this.#title = title;
    this.#changed('content');
  }

  setDescription(description: string): void {
    if (description === this.#description) return;
    this.#description = description;
    this.#changed('content');
  }

  /** The reader typed in a cell. */
  setSource(id: string, source: string): void {
    this.#change(id, { source });
  }

  setNote(id: string, note: string): void {
    this.#change(id, { note });
  }

  setOutput(id: string, output: StoredOutput[]): void {
    this.#change(id, { output });
  }

  /** Turns switches of cells on or off. */
  setFlags(ids: Iterable<string>, flags: CellFlags): void {
    for (const id of ids) {
      const cell = this.cell(id);
      if (cell !== undefined) this.#change(id, { flags: { ...cell.flags, ...flags } });
    }
  }

  /** Removes outputs: of some cells, or of all. */
  clearOutputs(ids: Iterable<string> = this.order): void {
    for (const id of ids) if ((this.cell(id)?.output?.length ?? 0) > 0) this.#change(id, { output: [] });
  }

  /** Puts a new cell before the place, or after the cell of that id, and chooses it. @returns its id */
  insert(
    where: number | { readonly after: string } | { readonly before: string },
    kind: Cell['kind'] = 'code',
  ): string {
    const place =
      typeof where === 'number'
        ? where
        : 'after' in where
          ? this.order.indexOf(where.after) + 1
          : Math.max(0, this.order.indexOf(where.before));
    const cell = newCell(kind);
    this.#step(insertCells(this.#cells, place, [cell]));
    this.selection.choose(cell.id);
    this.#changed('selection');
    return cell.id;
  }

  /** Deletes cells; after the last one an empty one stands in its place. */
  delete(ids: ReadonlySet<string> = this.selection.chosen): void {
    const left = deleteCells(this.#cells, ids);
    this.#step(left.length === 0 ? [newCell()] : left);
  }

  /** Joins the chosen cells to one; a single one to the one before it. @returns false where that is impossible */
  join(): boolean {
    const { chosen, active } = this.selection;
    const several = this.#cells.filter(({ id }) => chosen.has(id));
    const targets = several.length > 1 ? several.slice(1) : several;
    const first = several.length > 1 ? several[0] : this.#cells[this.order.indexOf(active ?? '') - 1];
    if (first === undefined || targets.some(({ kind }) => kind !== first.kind)) return false;
    let cells = this.#cells;
    if (several.length > 1) {
      // Cells between the chosen ones stay behind the joined one.
      cells = moveCells(cells, new Set(idsOf(targets)), this.order.indexOf(first.id) + 1);
    }
    for (const { id } of targets) cells = joinWithPrevious(cells, id);
    this.#step(cells);
    this.selection.choose(first.id);
    this.#changed('selection');
    return true;
  }

  /** Splits a cell at a character of its text; the second part is chosen. */
  split(id: string, at: number): void {
    const place = this.order.indexOf(id);
    this.#step(splitCell(this.#cells, id, at));
    const second = this.order[place + 1];
    if (second !== undefined) this.selection.choose(second);
    this.#changed('selection');
  }

  /** Moves the chosen cells by one place. */
  nudge(direction: 'up' | 'down'): void {
    this.#step(nudgeCells(this.#cells, this.selection.chosen, direction));
  }

  /** Moves cells before the place `to`. */
  move(ids: ReadonlySet<string>, to: number): void {
    const moved = moveCells(this.#cells, ids, to);
    if (idsOf(moved).join() !== this.order.join()) this.#step(moved);
  }

  duplicate(): void {
    this.#step(duplicateCells(this.#cells, this.selection.chosen));
  }

  /** Makes cells code or notes; what they put out goes with the code. */
  convert(kind: Cell['kind']): void {
    const { chosen } = this.selection;
    this.#step(
      this.#cells.map((cell) =>
        chosen.has(cell.id) && cell.kind !== kind
          ? {
              id: cell.id,
              kind,
              source:
                kind === 'note' && cell.note !== undefined ? `${cell.note}\n\n${cell.source}` : cell.source,
            }
          : cell,
      ),
    );
  }

  undo(): void {
    this.#go(this.#history.undo(this.#cells));
  }

  redo(): void {
    this.#go(this.#history.redo(this.#cells));
  }

  /** Chooses a cell: alone, with all from the last one to it, or in addition. */
  choose(id: string, how: 'alone' | 'extend' | 'toggle' = 'alone'): void {
    if (how === 'alone') {
      if (this.selection.active === id && this.selection.chosen.size === 1) return;
      this.selection.choose(id);
    } else if (how === 'extend') this.selection.extendTo(id, this.order);
    else this.selection.toggle(id);
    this.#changed('selection');
  }

  chooseAll(): void {
    this.selection.all(this.order);
    this.#changed('selection');
  }

  #change(id: string, change: Partial<Omit<Cell, 'id'>>): void {
    if (this.cell(id) === undefined) return;
    this.#cells = changeCell(this.#cells, id, change);
    this.#changed('content');
  }

  #step(cells: Cells): void {
    if (cells === this.#cells) return;
    this.#history.record(this.#cells, cells);
    this.#go(cells);
  }

  #go(cells: Cells | undefined): void {
    if (cells === undefined) return;
    const before = this.order;
    this.#cells = cells;
    this.selection.reconcile(this.order, before);
    this.#changed('structure');
  }
}
