/** The cells of a worksheet that wait to run: one at a time, each once, in the order in which they were asked for. */
import type { DoneStatus } from '../../relay/protocol/index.js';

/** Runs a cell to its end. Must not reject. */
export type RunCell = (id: string) => Promise<DoneStatus>;

/** The queue of one worksheet. */
export class ExecutionQueue {
  readonly #run: RunCell;
  readonly #changed: () => void;
  #waiting: string[] = [];
  #running: string | undefined;

  constructor(run: RunCell, changed: () => void) {
    this.#run = run;
    this.#changed = changed;
  }

  /** Ids of the cells that wait, next one first. */
  get waiting(): readonly string[] {
    return this.#waiting;
  }

  /** Id of the cell that runs. */
  get running(): string | undefined {
    return this.#running;
  }

  /** Queues cells; one that waits already keeps its place. The one that runs may be asked for again. */
  add(ids: readonly string[]): void {
    this.#waiting.push(
      ...ids.filter((id, index) => !this.#waiting.includes(id) && ids.indexOf(id) === index),
    );
    this.#changed();
    if (this.#running === undefined) void this.#work();
  }

  /** Lets nothing more begin. What runs goes on. */
  clear(): void {
    if (this.#waiting.length === 0) return;
    this.#waiting = [];
    this.#changed();
  }

  /** A cell is gone. */
  remove(id: string): void {
    this.#waiting = this.#waiting.filter((other) => other !== id);
  }

  async #work(): Promise<void> {
    for (let id = this.#waiting.shift(); id !== undefined; id = this.#waiting.shift()) {
      this.#running = id;
      this.#changed();
      const status = await this.#run(id);
      // What follows was meant to find the results of what went before.
      if (status !== 'ok') this.#waiting = [];
      this.#running = undefined;
      this.#changed();
    }
  }
}
