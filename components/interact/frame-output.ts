/** Output of an interact: a frame is made ready behind the one before it and takes its place at once, without a jump. */
import { put, type InteractId, type Output } from '../../relay/protocol/index.js';
import type { RecordedOutput } from './recorded-output.js';
import type { FrameView } from './site.js';

/** What a frame has put out is shown after so long, even if there is more to come, milliseconds. */
const PATIENCE_MS = 350;

/** How long the pictures of a frame may take to be decoded, milliseconds. */
const DECODING_MS = 1_000;

/** When room that is not needed any more is given back: no frame has come for so long, milliseconds. */
const PAUSE_MS = 700;

/** Most of one frame that is written down for the next load of the page. */
const MAX_RECORDED = 2_000;

/** Two views that take turns. Whoever makes one calls `remove`. */
export class FrameOutput {
  readonly node = document.createElement('div');
  #front: FrameView;
  #back: FrameView | undefined;
  readonly #makeView: () => FrameView;
  readonly #isHeld: () => boolean;
  #recorded: RecordedOutput[] = [];
  /** True while a frame is made ready behind. */
  #isBehind = false;
  #hasOutput = false;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;

  /** @param isHeld true while the reader holds a handle: then nothing shrinks */
  constructor(first: FrameView, makeView: () => FrameView, isHeld: () => boolean) {
    this.#front = first;
    this.#makeView = makeView;
    this.#isHeld = isHeld;
    this.node.className = 'interact-output';
    this.node.setAttribute('part', 'interact-output');
    this.node.append(first.node);
  }

  get text(): string {
    return this.#front.text;
  }

  /** What the last frame put out. */
  get recorded(): readonly RecordedOutput[] {
    return this.#recorded;
  }

  /** A frame begins. */
  begin(): void {
    clearTimeout(this.#patience);
    if (this.#back === undefined) {
      this.#back = this.#makeView();
      this.#back.node.classList.add('behind');
      this.node.append(this.#back.node);
    } else this.#back.clear();
    this.#recorded = [];
    this.#hasOutput = false;
    this.#isBehind = true;
    this.#patience = setTimeout(() => {
      this.#patience = undefined;
      if (this.#hasOutput) this.#swap();
    }, PATIENCE_MS);
  }

  add(output: Output, frame: InteractId | undefined): void {
    put(this.#recorded, { output, frame });
    this.#recorded.splice(MAX_RECORDED);
    this.#hasOutput = true;
    (this.#isBehind ? this.#back : this.#front)?.add(output, frame);
    if (this.#patience === undefined || output.kind === 'prompt') this.#swap();
  }

  /** The frame ended: it is shown as soon as it has its final form. */
  async finish(): Promise<void> {
    clearTimeout(this.#patience);
    const view = this.#isBehind ? this.#back : this.#front;
    await view?.finish();
    if (!this.#isBehind || view !== this.#back || view === undefined) {
      this.#rest();
      return;
    }
    const decoded = [...view.node.querySelectorAll('img')].map((image) =>
      image.decode().catch(() => undefined),
    );
    if (decoded.length > 0) {
      await Promise.race([Promise.all(decoded), new Promise((resolve) => setTimeout(resolve, DECODING_MS))]);
    }
    this.#swap();
  }

  /** There will be no end of the frame: what was there stays. */
  abandon(): void {
    clearTimeout(this.#patience);
    if (!this.#isBehind) return;
    this.#isBehind = false;
    this.#back?.clear();
  }

  suspend(): void {
    clearTimeout(this.#pause);
    this.#front.suspend();
    this.#back?.suspend();
  }

  resume(): void {
    this.#front.resume();
    this.#back?.resume();
  }

  remove(): void {
    clearTimeout(this.#patience);
    clearTimeout(this.#pause);
    for (const view of [this.#front, this.#back]) {
      view?.clear();
      view?.suspend();
    }
  }

  #swap(): void {
    const back = this.#back;
    if (!this.#isBehind || back === undefined) return;
    this.#isBehind = false;
    const before = this.#front;
    const { height } = this.node.getBoundingClientRect();
    this.node.style.transition = 'none';
    this.node.style.minBlockSize = `${String(height)}px`;
    back.node.classList.remove('behind');
    before.node.classList.add('behind');
    this.#front = back;
    this.#back = before;
    // What is not seen needs no memory for its pictures.
    before.clear();
    this.#rest();
  }

  /** Gives room back that is not needed, slowly, and when nothing has happened for a while. */
  #rest(): void {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      if (this.#isHeld() || this.#isBehind) {
        this.#rest();
        return;
      }
      const { style } = this.node;
      const needed = this.#front.node.getBoundingClientRect().height;
      style.transition = '';
      style.minBlockSize = `${String(Math.ceil(needed))}px`;
      this.#pause = setTimeout(() => {
        style.minBlockSize = '';
      }, PAUSE_MS);
    }, PAUSE_MS);
  }
}
