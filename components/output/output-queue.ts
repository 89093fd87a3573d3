/** Output on its way to the page: one batch a frame, and texts of one stream that follow each other as one. */
import type { Output } from '../../relay/protocol/index.js';

/** Longest time output waits to be shown in a page that draws no frames (a hidden tab), milliseconds. */
const HIDDEN_FLUSH_MS = 200;

/** Collects the output of one cell. */
export class OutputQueue {
  #waiting: Output[] = [];
  #frame: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param show takes a batch, which is never empty */
  constructor(readonly show: (batch: readonly Output[]) => void) {}

  /** Shown with the next frame. */
  add(output: Output): void {
    if (output.kind === 'clear') this.#waiting = [];
    const last = this.#waiting.at(-1);
    if (output.kind === 'stream' && last?.kind === 'stream' && last.name === output.name) {
      this.#waiting[this.#waiting.length - 1] = { ...last, text: last.text + output.text };
    } else this.#waiting.push(output);
    if (this.#frame !== undefined) return;
    this.#frame = requestAnimationFrame(this.flush);
    this.#timer = setTimeout(this.flush, HIDDEN_FLUSH_MS);
  }

  /** Shows what waits, now. */
  readonly flush = (): void => {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#frame = undefined;
    const batch = this.#waiting;
    this.#waiting = [];
    if (batch.length > 0) this.show(batch);
  };

  /** What waits is not wanted any more. */
  drop(): void {
    this.#waiting = [];
  }
}
