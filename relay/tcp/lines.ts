/** Bytes → lines, never longer than allowed. */

/** A line, or the beginning of one that is too long; the rest of that is left out. */
export type Line =
  { readonly kind: 'line'; readonly text: string } | { readonly kind: 'too-long'; readonly head: string };

/** Bytes kept of a line that is too long. */
const HEAD_BYTES = 1_024;

const NEWLINE = 0x0a;

/** Takes bytes as they come, cut anywhere. Holds one line at most. */
export class LineDecoder {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #size = 0;
  #isSkipping = false;

  /** @param maxBytes longest line, its end not counted */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Lines that end in `chunk`. Lines end in `\n` or `\r\n`; empty ones are left out. */
  push(chunk: Buffer): Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      this.#take(chunk.subarray(start, end === -1 ? undefined : end), lines);
      if (end === -1) return lines;
      if (!this.#isSkipping) {
        const text = Buffer.concat(this.#parts, this.#size).toString().trim();
        if (text !== '') lines.push({ kind: 'line', text });
      }
      this.#clear();
      this.#isSkipping = false;
      start = end + 1;
    }
  }

  #take(part: Buffer, lines: Line[]): void {
    if (part.length === 0 || this.#isSkipping) return;
    this.#parts.push(part);
    this.#size += part.length;
    if (this.#size <= this.#maxBytes) return;
    const head = Buffer.concat(this.#parts, this.#size).subarray(0, HEAD_BYTES).toString();
    lines.push({ kind: 'too-long', head });
    this.#clear();
    this.#isSkipping = true;
  }

  #clear(): void {
    this.#parts = [];
    this.#size = 0;
  }
}
