import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineDecoder, type Line } from '../../../../relay/tcp/lines.js';

/** All lines of `bytes`, given in pieces that end at `cuts`. */
function decode(bytes: Buffer, cuts: readonly number[], maxBytes: number): Line[] {
  const decoder = new LineDecoder(maxBytes);
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...ends, bytes.length].flatMap((end, index) =>
    decoder.push(bytes.subarray(index === 0 ? 0 : ends[index - 1], end)),
  );
}

test('wherever the bytes are cut, the lines are the same', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((line) => !/[\r\n]/.test(line));
  fc.assert(
    fc.property(fc.array(text), fc.array(fc.nat()), (texts, cuts) => {
      const bytes = Buffer.from(texts.map((line) => `${line}\n`).join(''));
      const expected = texts.map((line) => line.trim()).filter((line) => line !== '');
      expect(decode(bytes, cuts, 1_000).map((line) => line.kind === 'line' && line.text)).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
});

test('a line that is too long is told once, by its beginning, and what follows it is read', () => {
  const bytes = Buffer.from(`${'x'.repeat(5_000)}\nnext\r\n`);
  for (const cuts of [[], [10], [150, 4_000], [5_000], [5_001]]) {
    expect(decode(bytes, cuts, 100)).toEqual([
      { kind: 'too-long', head: expect.stringMatching(/^x{101,1024}$/) as string },
      { kind: 'line', text: 'next' },
    ]);
  }
});

test('the longest line is taken', () => {
  expect(decode(Buffer.from(`${'x'.repeat(100)}\n`), [50], 100)).toMatchObject([{ kind: 'line' }]);
});
