/** Where a text stops being JSON. Engines differ in what they tell of it, and some tell nothing. */

/** A token that is no text: number or word, or one sign. Sticky: matched where it is asked for. */
const TOKEN = /\s*(?:(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|(?="))|([{}[\],:]))/y;

const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** @returns where the text that begins at a quotation mark is over, or where it breaks the rules, negated */
function endOfString(text: string, start: number): number {
  // By hand: a regular expression overflows its stack on texts of some megabytes.
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) return -at;
    if (code === 0x5c) {
      ESCAPE.lastIndex = at;
      if (!ESCAPE.test(text)) return -at;
      at = ESCAPE.lastIndex - 1;
    }
  }
  return -start;
}

type Expected = 'value' | 'first value' | 'key' | 'first key' | 'colon' | 'comma' | 'nothing';

/** @returns the line, from 1, of the first token that breaks the rules of JSON; undefined if none does */
export function lineOfJsonError(text: string): number | undefined {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  const closed = (): Expected => {
    open.pop();
    return open.length === 0 ? 'nothing' : 'comma';
  };
  TOKEN.lastIndex = 0;
  for (;;) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) {
      const rest = text.slice(start);
      if (expected === 'nothing' && rest.trim() === '') return undefined;
      return lineAt(text, start + rest.length - rest.trimStart().length);
    }
    const [, word, sign] = match;
    let scalar = word;
    if (word === '') {
      const from = TOKEN.lastIndex;
      const end = endOfString(text, from);
      if (end <= 0) return lineAt(text, -end);
      scalar = text.slice(from, end);
      TOKEN.lastIndex = end;
    }
    const next = step(expected, scalar, sign, open, closed);
    if (next === undefined) return lineAt(text, TOKEN.lastIndex - (scalar ?? sign ?? '').length);
    expected = next;
  }
}

function step(
  expected: Expected,
  scalar: string | undefined,
  sign: string | undefined,
  open: ('{' | '[')[],
  closed: () => Expected,
): Expected | undefined {
  const inObject = open.at(-1) === '{';
  switch (expected) {
    case 'value':
    case 'first value':
      if (scalar !== undefined) return open.length === 0 ? 'nothing' : 'comma';
      if (sign === ']' && expected === 'first value') return closed();
      if (sign !== '{' && sign !== '[') return undefined;
      open.push(sign);
      return sign === '{' ? 'first key' : 'first value';
    case 'key':
    case 'first key':
      if (scalar?.startsWith('"') === true) return 'colon';
      return sign === '}' && expected === 'first key' ? closed() : undefined;
    case 'colon':
      return sign === ':' ? 'value' : undefined;
    case 'comma':
      if (sign === ',') return inObject ? 'key' : 'value';
      return sign === (inObject ? '}' : ']') ? closed() : undefined;
    case 'nothing':
      return undefined;
  }
}

const lineAt = (text: string, position: number): number => text.slice(0, position).split('\n').length;
