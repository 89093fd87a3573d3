/** When frames are asked for: one at a time, always with the latest values, never a queue of old ones. */

/** Frames that take no longer than this are asked for while a handle moves, milliseconds. */
export const QUICK_MS = 150;

/** Presses of buttons that wait; each is a frame of its own. */
const MAX_PRESSES = 20;

/** A button that was pressed. */
export interface Press {
  readonly name: string;
  readonly index: number;
}

/** Decides when; `send` does it. */
export class Frames {
  /** Asks for a frame. @returns false if there can be none; else `ended` is called in the end */
  readonly #send: (press: Press | undefined) => boolean;
  readonly #now: () => number;
  #startedAt: number | undefined;
  #isWanted = false;
  #presses: Press[] = [];
  #lastMs = 0;

  constructor(send: (press: Press | undefined) => boolean, now: () => number = () => performance.now()) {
    this.#send = send;
    this.#now = now;
  }

  /** True from the asking for a frame to its end. */
  get isActive(): boolean {
    return this.#startedAt !== undefined;
  }

  /** The reader is on the way to another value. @returns true if a frame with this one is asked for, now or next */
  passing(): boolean {
    if (this.#lastMs > QUICK_MS) return false;
    this.want();
    return true;
  }

  /** A frame with the present values, as soon as there is none under way. */
  want(): void {
    this.#isWanted = true;
    this.#next();
  }

  press(press: Press): void {
    if (this.#presses.length < MAX_PRESSES) this.#presses.push(press);
    this.#next();
  }

  /** The frame ended and is shown. */
  ended(): void {
    if (this.#startedAt !== undefined) this.#lastMs = this.#now() - this.#startedAt;
    this.#startedAt = undefined;
    this.#next();
  }

  /** Forgets what was asked for; a frame under way is not waited for. */
  cancel(): void {
    this.#isWanted = false;
    this.#presses = [];
    this.#startedAt = undefined;
  }

  #next(): void {
    if (this.#startedAt !== undefined) return;
    const press = this.#presses.shift();
    if (press === undefined && !this.#isWanted) return;
    this.#isWanted = false;
    this.#startedAt = this.#now();
    if (!this.#send(press)) this.cancel();
  }
}
