/** Text as a terminal would show it: no escape codes, `\r` goes back to the start of the line. */

// CSI, OSC (ended by BEL or ST) and two-character escapes.
// eslint-disable-next-line no-control-regex -- escape sequences are made of control characters
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])/g;

// The beginning of such a sequence at the end of a piece of text; the rest comes with the next piece.
// eslint-disable-next-line no-control-regex -- escape sequences are made of control characters
const UNFINISHED = /\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]{0,256}\x1b?)?$/;

// eslint-disable-next-line no-control-regex -- everything that has no shape; tab and line feed have
const SHAPELESS = /[\x00-\x07\x0b\x0c\x0e-\x1f\x7f]/g;

/** The text of one stream, fed in pieces. */
export class StreamText {
  #held = '';
  #line = '';

  /**
   * Takes a piece. Answers the lines that are now complete, each with its line feed, and the last line so far,
   * which the next piece may still change.
   */
  feed(piece: string): { complete: string; line: string } {
    let text = this.#held + piece;
    const unfinished = UNFINISHED.exec(text);
    this.#held = unfinished?.[0] ?? '';
    if (unfinished) text = text.slice(0, unfinished.index);
    // A carriage return at the very end may be half of a line end: decide when the next piece is there.
    if (text.endsWith('\r')) {
      this.#held = '\r' + this.#held;
      text = text.slice(0, -1);
    }
    text = this.#line + text.replace(ESCAPES, '').replace(/\r+\n/g, '\n');
    const end = text.lastIndexOf('\n') + 1;
    const complete = text.slice(0, end).replace(/[^\n]*\r/g, '');
    this.#line = text.slice(end).replace(/[^\n]*\r(?=[^\r])/g, '');
    return {
      complete: complete.replace(SHAPELESS, ''),
      line: this.#line.replace(SHAPELESS, '').replace(/\r/g, ''),
    };
  }
}

/** Text of which all is there, without escape codes and shapeless characters. */
export function plainText(text: string): string {
  return text.replace(ESCAPES, '').replace(/\r\n?/g, '\n').replace(SHAPELESS, '');
}
