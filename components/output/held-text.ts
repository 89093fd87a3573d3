/** Text that is too much for the page at once: held until the reader asks for more of it. */
import type { StreamOutput } from '../../relay/protocol/index.js';

/** Most characters that are held for one output, UTF-16 units; servers send no more by default. */
const MAX_HELD_CHARACTERS = 32_000_000;

/** A piece of one stream. */
export type HeldPiece = Pick<StreamOutput, 'name' | 'text'>;

/** What the streams of one output put out beyond what is shown, in order. */
export class HeldText {
  /** Characters that are held. */
  length = 0;
  #pieces: HeldPiece[] = [];

  /** All of it. */
  get text(): string {
    return this.#pieces.map(({ text }) => text).join('');
  }

  /** @returns how many characters of it could not be held */
  add({ name, text }: HeldPiece): number {
    const kept = text.slice(0, MAX_HELD_CHARACTERS - this.length);
    this.length += kept.length;
    const last = this.#pieces.at(-1);
    if (last?.name === name) this.#pieces[this.#pieces.length - 1] = { name, text: last.text + kept };
    else if (kept !== '') this.#pieces.push({ name, text: kept });
    return text.length - kept.length;
  }

  /** Drops so many characters from its end. @returns how many it had not */
  drop(characters: number): number {
    let left = characters;
    for (let last = this.#pieces.at(-1); left > 0 && last; last = this.#pieces.at(-1)) {
      const { name, text } = last;
      if (text.length > left) this.#pieces[this.#pieces.length - 1] = { name, text: text.slice(0, -left) };
      else this.#pieces.pop();
      left -= Math.min(left, text.length);
    }
    this.length -= characters - left;
    return left;
  }

  /** Takes so many characters from its beginning. */
  take(characters: number): HeldPiece[] {
    const taken: HeldPiece[] = [];
    let room = characters;
    while (room > 0) {
      const first = this.#pieces.shift();
      if (first === undefined) break;
      const { name, text } = first;
      if (text.length > room) this.#pieces.unshift({ name, text: text.slice(room) });
      taken.push({ name, text: text.slice(0, room) });
      room -= Math.min(room, text.length);
    }
    this.length -= characters - room;
    return taken;
  }
}
