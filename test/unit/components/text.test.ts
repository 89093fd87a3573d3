import { describe, expect, it } from 'vitest';
import { paint } from '../../../components/code/paint.js';
import { stripDelimiters } from '../../../components/renderers/latex.js';
import { dedent } from '../../../components/code/source-text.js';
import { StreamText, plainText } from '../../../components/output/stream-text.js';
import { duration } from '../../../components/strings/duration.js';
import { english } from '../../../components/strings/index.js';

describe('dedent', () => {
  it.each([
    ['leaves one line alone', '2 + 2', '2 + 2'],
    ['drops the first blank line', '\n2 + 2\n', '2 + 2'],
    ['drops only one blank line at the beginning', '\n\n2 + 2', '\n2 + 2'],
    [
      'takes the shared indentation away',
      '\n    for i in x:\n        print(i)\n  ',
      'for i in x:\n    print(i)',
    ],
    ['does not let blank lines count', '\n  a\n\n  b\n', 'a\n\nb'],
    ['does not let a line of blanks count', '\n    a\n  \n    b\n', 'a\n\nb'],
    [
      'keeps what the first line beside the tag does not share',
      'for i in x:\n    print(i)\n',
      'for i in x:\n    print(i)',
    ],
    ['takes tabs as they are', '\n\ta\n\t\tb\n', 'a\n\tb'],
    ['does not mix tabs and blanks', '\n\ta\n    b\n', '\ta\n    b'],
    ['reads line ends of other systems', '\r\n  a\r\n  b\r\n', 'a\nb'],
    ['makes nothing of nothing', ' \n \n', ''],
  ])('%s', (_behaviour, text, code) => {
    expect(dedent(text)).toBe(code);
  });
});

describe('a stream of text', () => {
  const feed = (...pieces: string[]): string => {
    const stream = new StreamText();
    let shown = '';
    let last = '';
    for (const piece of pieces) {
      const { complete, line } = stream.feed(piece);
      shown += complete;
      last = line;
    }
    return shown + last;
  };

  it.each([
    ['joins pieces without a separator', ['a', 'b\nc'], 'ab\nc'],
    ['keeps colours', ['\u001b[31mred\u001b[0m'], '\u001b[31mred\u001b[0m'],
    ['keeps a colour that comes in two pieces', ['\u001b[3', '1mred'], '\u001b[31mred'],
    ['carries a colour over to the next line', ['\u001b[31mred\nstill'], '\u001b[31mred\n\u001b[31mstill'],
    ['keeps the colour that a line set before it went back', ['\u001b[32m10 %\r20 %'], '\u001b[32m20 %'],
    ['drops movements of the cursor', ['a\u001b[2Kb\u001b[1Ac'], 'abc'],
    ['takes back what backspaces go over', ['10 %\b\b\b\b20 %', '\b'], '20 '],
    ['drops titles of windows', ['\u001b]0;title\u0007text'], 'text'],
    ['goes back to the start of the line at a carriage return', ['10 %\r20 %\r100 %\n'], '100 %\n'],
    ['goes back over what an earlier piece brought', ['10 %', '\r20 %'], '20 %'],
    ['keeps a line end of two characters', ['a\r\nb\r', '\nc'], 'a\nb\nc'],
    ['shows a line that waits for what follows its carriage return', ['50 %\r'], '50 %'],
    ['drops characters without a shape', ['a\u0000b\u0007c'], 'abc'],
    ['keeps every alphabet', ['effectuées ∑ 😀\n'], 'effectuées ∑ 😀\n'],
  ])('%s', (_behaviour, pieces, shown) => {
    expect(feed(...pieces)).toBe(shown);
  });

  it('shows the same for every way to cut it', () => {
    const text = 'a\u001b[1mb\u001b[0m\r\n10 %\r20 %\nend';
    for (let cut = 0; cut <= text.length; cut += 1) {
      expect(feed(text.slice(0, cut), text.slice(cut))).toBe('a\u001b[1mb\u001b[0m\n20 %\nend');
    }
  });

  it('of hostile shape does not take long', () => {
    const start = process.cpuUsage();
    for (const piece of ['\r', 'x', '\r\n', 'x\r', '\u001b]', '\u001b[', '\u001b[1;', '\u001b']) {
      const stream = new StreamText();
      for (let times = 0; times < 50; times += 1) stream.feed(piece.repeat(32_768 / piece.length));
    }
    expect(process.cpuUsage(start).user / 1_000).toBeLessThan(20_000);
  }, 60_000);

  it('is never held back for ever by a broken escape', () => {
    expect(feed(`\u001b]0;${'x'.repeat(5_000)}`)).toContain('xxx');
  });

  it('whole text loses the same', () => {
    expect(plainText('\u001b[31mZeroDivisionError\u001b[0m\r\n')).toBe('ZeroDivisionError\n');
  });
});

describe('painted code', () => {
  const kinds = (code: string): string[] =>
    paint(code)
      .flat()
      .filter(({ kind }) => kind !== undefined)
      .map(({ text, kind }) => `${String(kind)}:${text}`);

  it.each([
    ['for i in range(10): pass', ['keyword:for', 'keyword:in', 'number:10', 'keyword:pass']],
    ['def f(x): return None', ['keyword:def', 'definition:f', 'keyword:return', 'atom:None']],
    ['x = "a # b" # c', ['string:"a # b"', 'comment:# c']],
    ['information = x.format', []],
    ['f\'{x}\' + r"\\d"', ["string:f'{x}'", 'string:r"\\d"']],
    ['a1 = 0xff + 1e-3 + .5', ['number:0xff', 'number:1e-3', 'number:.5']],
    ['"""a\nb"""', ['string:"""a', 'string:b"""']],
    ["'open", ["string:'open"]],
    ['été = 1', ['number:1']],
  ])('%j is coloured as a reader expects', (code, expected) => {
    expect(kinds(code)).toEqual(expected);
  });

  it('is the code, whatever the code is', () => {
    for (const code of ['', '\n', 'a\n\nb', '"""', "f('''", '#\n#', 'R.<x> = QQ[]', '\\', '😀 = 1']) {
      expect(
        paint(code)
          .map((line) => line.map(({ text }) => text).join(''))
          .join('\n'),
      ).toBe(code);
    }
  });

  it('of hostile length does not take long', () => {
    const start = process.cpuUsage();
    for (const piece of ['"', "'''", '\\', '(', 'a"', '0x', '"\\'])
      paint(piece.repeat(65_536 / piece.length));
    expect(process.cpuUsage(start).user / 1_000).toBeLessThan(20_000);
  }, 60_000);
});

describe('delimiters of a formula', () => {
  it.each([
    ['$$x$$', 'x', true],
    ['\\[x\\]', 'x', true],
    ['\\(x\\)', 'x', false],
    ['$x$', 'x', false],
    ['x', 'x', true],
  ])('of %s are taken away', (latex, formula, display) => {
    expect(stripDelimiters(latex)).toEqual({ formula, display });
  });
});

describe('a duration', () => {
  it.each([
    [0.2, '1 ms'],
    [12.4, '12 ms'],
    [1_234, '1.2 s'],
    [59_949, '59.9 s'],
    [59_960, '1 min 0 s'],
    [184_000, '3 min 4 s'],
  ])('of %d ms reads %s', (ms, words) => {
    expect(duration(ms, english)).toBe(words);
  });
});
