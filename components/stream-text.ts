/** Text as a terminal would show it: no escape codes, `\r` goes back to the start of the line. */

// CSI, OSC (ended by BEL or ST) and two-character escapes.
// eslint-disable-next-line no-control-regex -- escape sequences are made of control characters
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])/g;

// The beginning of such a sequence at the end of a piece of text; the rest comes with the next piece.
// eslint-disable-next-line no-control-regex -- escape sequences are made of control characters
const UNFINISHED = /\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]{0,256}\x1b?)?$/;

// eslint-disable-next-line no-control-regex -- everything that has no shape; tab and line feed have
const SHAPELESS = /[\x00-\x07\x0b\x0c\x0e-\x1f\x7f]/g;

/** A line longer than this can no longer be gone back over: it would be worked through again with each piece. */
const MAX_OPEN_LINE = 16_384;

// Not by regular expressions: on a long run of carriage returns they take quadratic time.
function afterReturns(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === '\r') end -= 1;
  return line.slice(line.lastIndexOf('\r', end - 1) + 1, end);
}

/** The text of one stream, fed in pieces. */
export class StreamText {
  #held = '';
  #line = '';

  /**
   * Takes a piece. Answers the text that stands, and the last line so far, which the next piece may still change.
   */
  feed(piece: string): { complete: string; line: string } {
    let text = this.#held + piece;
    const unfinished = UNFINISHED.exec(text);
    this.#held = unfinished?.[0] ?? '';
    if (unfinished) text = text.slice(0, unfinished.index);
    text = this.#line + text.replace(ESCAPES, '').replace(SHAPELESS, '');
    const lines = text.split('\n');
    const last = lines.pop() ?? '';
    let complete = '';
    for (const line of lines) complete += `${line.includes('\r') ? afterReturns(line) : line}\n`;
    let line = afterReturns(last);
    // A carriage return at the very end waits: it may be half of a line end, or nothing may follow.
    this.#line = last.endsWith('\r') ? `${line}\r` : line;
    if (line.length > MAX_OPEN_LINE) {
      complete += line;
      line = '';
      this.#line = '';
    }
    return { complete, line };
  }
}

/** Text of which all is there, without escape codes and shapeless characters. */
export function plainText(text: string): string {
  return text.replace(ESCAPES, '').replace(/\r\n?/g, '\n').replace(SHAPELESS, '');
}
