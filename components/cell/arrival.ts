/** What a cell does by itself once its page is there: it shows what ran here before, or runs. */
import { recallRun, type RecallHost } from '../run/recall.js';
import type { RunController } from '../run/run-controller.js';

/** What decides on it. */
export interface ArrivalOwner {
  readonly run: RunController;
  readonly recalled: RecallHost;
  /** True if the author wants it to run by itself, and it can. */
  readonly mayRunByItself: boolean;
  /** All of the cell is there now. */
  completed(): void;
  runAsked(): void;
}

/** The beginning of one cell. */
export class Arrival {
  #hasRun = false;
  /** While it is looked after what ran here before the page was loaded again. */
  #isRecalling = false;

  constructor(readonly owner: ArrivalOwner) {}

  /** The cell is shown for the first time; the rest of its children may still be on the way. */
  begin(): void {
    if (document.readyState !== 'loading') {
      void this.#recall();
      return;
    }
    const completed = (): void => {
      this.owner.completed();
      void this.#recall();
    };
    document.addEventListener('DOMContentLoaded', completed, { once: true });
  }

  /** Runs the cell, once, if that is wanted and its time has come. */
  runByItself(): void {
    if (this.#hasRun || this.#isRecalling || document.readyState === 'loading') return;
    if (!this.owner.mayRunByItself) return;
    this.#hasRun = true;
    this.owner.runAsked();
  }

  async #recall(): Promise<void> {
    this.#isRecalling = true;
    if (await recallRun(this.owner.recalled, this.owner.run)) this.#hasRun = true;
    this.#isRecalling = false;
    this.runByItself();
  }
}
