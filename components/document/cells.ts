/** Operations on the list of cells. Each answers a new list and leaves the old one as it was. */
import { identifier } from '../session/identifier.js';
import type { Cell } from './schema.js';

/** A random id that no cell of this page has. */
export function newCellId(): string {
  return identifier('');
}

/** A cell without output. */
export function newCell(kind: Cell['kind'] = 'code', source = ''): Cell {
  return { id: newCellId(), kind, source };
}

export type Cells = readonly Cell[];

const indexOf = (cells: Cells, id: string): number => {
  const index = cells.findIndex((cell) => cell.id === id);
  if (index < 0) throw new RangeError(`There is no cell ${id}.`);
  return index;
};

function without(cell: Cell, ...names: ('output' | 'note')[]): Cell {
  const copy = { ...cell };
  for (const name of names) Reflect.deleteProperty(copy, name);
  return copy;
}

const joinTexts = (first: string | undefined, second: string | undefined, between: string): string =>
  [first, second].filter((text) => text !== undefined && text !== '').join(between);

/** Puts cells before index `at`, from 0 to the number of cells. @throws RangeError beyond it */
export function insertCells(cells: Cells, at: number, added: Cells): Cells {
  if (!Number.isInteger(at) || at < 0 || at > cells.length)
    throw new RangeError(`There is no place ${String(at)}.`);
  return cells.toSpliced(at, 0, ...added);
}

/**
 * Takes cells out. The note above a deleted code cell goes to the cell that follows: it was written, not computed.
 * @throws RangeError if there is no such cell
 */
export function deleteCells(cells: Cells, ids: ReadonlySet<string>): Cells {
  for (const id of ids) indexOf(cells, id);
  const left: Cell[] = [];
  let orphaned = '';
  for (const cell of cells) {
    if (ids.has(cell.id)) orphaned = joinTexts(orphaned, cell.note, '\n\n');
    else {
      left.push(orphaned === '' ? cell : withNoteAbove(cell, orphaned));
      orphaned = '';
    }
  }
  if (orphaned !== '') left.push(newCell('note', orphaned));
  return left;
}

const withNoteAbove = (cell: Cell, note: string): Cell =>
  cell.kind === 'note'
    ? { ...cell, source: joinTexts(note, cell.source, '\n\n') }
    : { ...cell, note: joinTexts(note, cell.note, '\n\n') };

/**
 * Joins a cell to the one before it, whose id and flags stay; outputs go, as they belong to neither.
 * @throws RangeError if it is the first, or the two are of different kinds
 */
export function joinWithPrevious(cells: Cells, id: string): Cells {
  const index = indexOf(cells, id);
  const first = cells[index - 1];
  const second = cells[index];
  if (first === undefined || second === undefined) throw new RangeError('The first cell has none before it.');
  if (first.kind !== second.kind) throw new RangeError('A note and code can’t be joined.');
  const between = first.kind === 'note' ? '\n\n' : '\n';
  const note = joinTexts(first.note, second.note, '\n\n');
  const joined = { ...without(first, 'output'), source: joinTexts(first.source, second.source, between) };
  return cells.toSpliced(index - 1, 2, note === '' ? joined : { ...joined, note });
}

/**
 * Splits a cell at a character of its source; the line end at the cut goes. The first part keeps id, note and flags,
 * output goes.
 */
export function splitCell(cells: Cells, id: string, at: number): Cells {
  const index = indexOf(cells, id);
  const cell = cells[index] as Cell;
  const before = cell.source.slice(0, at).replace(/[ \t]*\n?[ \t]*$/, '');
  const after = cell.source.slice(at).replace(/^[ \t]*\n/, '');
  return cells.toSpliced(
    index,
    1,
    { ...without(cell, 'output'), source: before },
    { ...without(cell, 'output', 'note'), id: newCellId(), source: after },
  );
}

/**
 * Moves cells, in their order, so that the first of them stands before the cell that is now at `to`
 * (the number of cells: at the end).
 */
export function moveCells(cells: Cells, ids: ReadonlySet<string>, to: number): Cells {
  const moved = cells.filter(({ id }) => ids.has(id));
  const before = cells.slice(0, to).filter(({ id }) => !ids.has(id));
  const after = cells.slice(to).filter(({ id }) => !ids.has(id));
  return [...before, ...moved, ...after];
}

/** Moves cells by one place up or down, as one block; at the end of the list nothing changes. */
export function nudgeCells(cells: Cells, ids: ReadonlySet<string>, direction: 'up' | 'down'): Cells {
  const places = cells.flatMap(({ id }, index) => (ids.has(id) ? [index] : []));
  const first = places[0];
  const last = places.at(-1);
  if (first === undefined || last === undefined) return cells;
  if (direction === 'up') return first === 0 ? cells : moveCells(cells, ids, first - 1);
  return last === cells.length - 1 ? cells : moveCells(cells, ids, last + 2);
}

/** Puts copies after the last of the cells, with ids of their own. */
export function duplicateCells(cells: Cells, ids: ReadonlySet<string>): Cells {
  const copies = cells.filter(({ id }) => ids.has(id)).map((cell) => ({ ...cell, id: newCellId() }));
  const last = cells.findLastIndex(({ id }) => ids.has(id));
  return copies.length === 0 ? cells : insertCells(cells, last + 1, copies);
}

/** Changes one cell. @throws RangeError if there is no such cell */
export function changeCell(cells: Cells, id: string, change: Partial<Omit<Cell, 'id'>>): Cells {
  const index = indexOf(cells, id);
  return cells.with(index, { ...(cells[index] as Cell), ...change });
}
