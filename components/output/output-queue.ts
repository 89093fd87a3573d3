/** Output on its way to the page: one batch a frame, and texts of one stream that follow each other as one. */
import type { InteractId, Output } from '../../relay/protocol/index.js';
import type { RecordedOutput } from '../interact/recorded-output.js';

/** Longest time output waits to be shown in a page that draws no frames (a hidden tab), milliseconds. */
const HIDDEN_FLUSH_MS = 200;

/** Collects the output of one cell. */
export class OutputQueue {
  #waiting: RecordedOutput[] = [];
  #frame: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param show takes a batch, which is never empty */
  constructor(readonly show: (batch: readonly RecordedOutput[]) => void) {}

  /** Shown with the next frame. */
  add(output: Output, frame?: InteractId): void {
    if (output.kind === 'clear' && frame === undefined) this.#waiting = [];
    const before = this.#waiting.at(-1);
    const last = before?.frame === frame ? before?.output : undefined;
    if (output.kind === 'stream' && last?.kind === 'stream' && last.name === output.name) {
      this.#waiting[this.#waiting.length - 1] = { output: { ...last, text: last.text + output.text }, frame };
    } else this.#waiting.push({ output, frame });
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
