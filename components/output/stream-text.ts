/** Text as a terminal would show it: colours kept, other escape codes dropped, `\r` goes back to the line's start. */

// CSI, OSC (ended by BEL or ST) and two-character escapes.
// eslint-disable-next-line no-control-regex -- escape sequences are made of control characters
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])/g;

// The beginning of such a sequence at the end of a piece of text; the rest comes with the next piece.
// eslint-disable-next-line no-control-regex -- escape sequences are made of control characters
const UNFINISHED = /\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]{0,256}\x1b?)?$/;

// What remains when the escapes below have been cut out: an escape character that begins nothing, too.
// eslint-disable-next-line no-control-regex -- everything that has no shape; tab and line feed have
const SHAPELESS = /[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]|\x1b(?!\[[\d;:]*m)/g;

/** "Select graphic rendition": colours and weights. */
// eslint-disable-next-line no-control-regex -- escape sequences are made of control characters
const SGR = /\x1b\[[\d;:]*m/g;

// eslint-disable-next-line no-control-regex -- escape sequences are made of control characters
const RESET = /^\x1b\[0*m$/;

/** A line longer than this can no longer be gone back over: it would be worked through again with each piece. */
const MAX_OPEN_LINE = 16_384;

/** Most colour codes carried from one line to the next. */
const MAX_CODES = 16;

// eslint-disable-next-line no-control-regex -- escape sequences are made of control characters
const IS_SGR = /^\x1b\[[\d;:]*m$/;

function coloursOnly(text: string): string {
  return text.includes('\x1b') ? text.replace(ESCAPES, (code) => (IS_SGR.test(code) ? code : '')) : text;
}

/** The codes of `text` that still hold at its end. */
function lasting(text: string): string {
  if (!text.includes('\x1b')) return '';
  const codes = text.match(SGR) ?? [];
  return codes
    .slice(codes.findLastIndex((code) => RESET.test(code)) + 1)
    .slice(-MAX_CODES)
    .join('');
}

// Not by regular expressions: on a long run of carriage returns they take quadratic time.
function afterReturns(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === '\r') end -= 1;
  const start = line.lastIndexOf('\r', end - 1) + 1;
  // The colour set before the return holds after it.
  return start === 0 ? line.slice(0, end) : lasting(line.slice(0, start)) + line.slice(start, end);
}

/** A backspace takes the character before it along, as in old progress counters. */
function withoutBackspaces(text: string): string {
  if (!text.includes('\b')) return text;
  let result = '';
  // eslint-disable-next-line no-control-regex -- the backspace is one
  for (const piece of text.split(/(\x08+)/)) {
    if (!piece.startsWith('\b')) result += piece;
    else {
      const lineStart = result.lastIndexOf('\n') + 1;
      result = result.slice(0, Math.max(lineStart, result.length - piece.length));
    }
  }
  return result;
}

/** The text of one stream, fed in pieces. */
export class StreamText {
  #held = '';
  #line = '';

  /**
   * Takes a piece. Answers the text that stands, and the last line so far, which the next piece may still change.
   * Both begin with the colour codes that hold where they begin, so that each can be shown by itself.
   */
  feed(piece: string): { complete: string; line: string } {
    let text = this.#held + piece;
    const unfinished = UNFINISHED.exec(text);
    this.#held = unfinished?.[0] ?? '';
    if (unfinished) text = text.slice(0, unfinished.index);
    text = withoutBackspaces(this.#line + coloursOnly(text)).replace(SHAPELESS, '');
    const lines = text.split('\n');
    let last = lines.pop() ?? '';
    let complete = '';
    for (const line of lines) complete += `${line.includes('\r') ? afterReturns(line) : line}\n`;
    if (complete.includes('\x1b')) last = lasting(complete) + last;
    let line = afterReturns(last);
    // A carriage return at the very end waits: it may be half of a line end, or nothing may follow.
    this.#line = last.endsWith('\r') ? `${line}\r` : line;
    if (line.length > MAX_OPEN_LINE) {
      complete += line;
      this.#line = lasting(line);
      line = '';
    }
    return { complete, line };
  }
}

/** Text of which all is there, without escape codes and shapeless characters. */
export function plainText(text: string): string {
  return text.replace(ESCAPES, '').replace(/\r\n?/g, '\n').replace(SHAPELESS, '');
}

/** The same with its colour codes, for `styledNodes`. */
export function colouredText(text: string): string {
  return coloursOnly(text).replace(/\r\n?/g, '\n').replace(SHAPELESS, '');
}
