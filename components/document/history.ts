/** Undo and redo of what happened to the list of cells. Typing in a cell has its own history in its editor. */
import type { Cell } from './schema.js';
import type { Cells } from './cells.js';

/** Steps that can be taken back. */
export const MAX_STEPS = 200;

interface Step {
  readonly before: Cells;
  readonly after: Cells;
}

const byId = (cells: Cells): Map<string, Cell> => new Map(cells.map((cell) => [cell.id, cell]));

/**
 * What was typed and computed since is kept for every cell that the step itself did not change.
 * One that it did change (a split, a join) gets back what it held.
 */
function restore(target: Cells, from: Cells, now: Cells): Cells {
  const atStep = byId(from);
  const current = byId(now);
  return target.map((cell) => (atStep.get(cell.id) === cell ? (current.get(cell.id) ?? cell) : cell));
}

/** The steps of one worksheet. */
export class StructureHistory {
  #done: Step[] = [];
  #undone: Step[] = [];

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  /** A step was taken; those taken back before can't be redone any more. */
  record(before: Cells, after: Cells): void {
    if (before === after) return;
    this.#undone = [];
    this.#done.push({ before, after });
    if (this.#done.length > MAX_STEPS) this.#done.shift();
  }

  /** @returns the cells as they were before the last step, or undefined if there is none */
  undo(now: Cells): Cells | undefined {
    const step = this.#done.pop();
    if (step === undefined) return undefined;
    const cells = restore(step.before, step.after, now);
    this.#undone.push({ before: cells, after: now });
    return cells;
  }

  /** @returns the cells as they were before the last `undo`, or undefined if there was none */
  redo(now: Cells): Cells | undefined {
    const step = this.#undone.pop();
    if (step === undefined) return undefined;
    const cells = restore(step.after, step.before, now);
    this.#done.push({ before: now, after: cells });
    return cells;
  }

  /** Another document is shown. */
  clear(): void {
    this.#done = [];
    this.#undone = [];
  }
}
