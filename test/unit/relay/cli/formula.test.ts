import { expect, it } from 'vitest';
import { formula } from '../../../../relay/cli/prerender/formula.js';

const inLine = (markup: string): string =>
  `<math xmlns="http://www.w3.org/1998/Math/MathML">${markup}</math>`;

it('is MathML, in the line or set off by the signs around it', () => {
  expect(formula('$7$')).toBe(inLine('<mn>7</mn>'));
  expect(formula('\\(7\\)')).toBe(inLine('<mn>7</mn>'));
  expect(formula('$$7$$')).toContain('display="block"');
});

it('knows what authors write as in Sage, with an argument too', () => {
  expect(formula('$\\ZZ$')).toContain('<mi mathvariant="bold">Z</mi>');
  expect(formula('$\\GF{9}$')).toMatch(/<msub>.*mathvariant="bold">F<.*<mn>9<\/mn>.*<\/msub>/);
  expect(formula('$\\Zmod{8}$')).toMatch(/>Z<.*<mn>8<\/mn>.*>Z</);
  expect(formula('$\\bm{x}$')).toContain('<mi mathvariant="bold-italic">x</mi>');
});

it('is none where TeX would become links, or is no TeX, or is too long', () => {
  for (const text of ['$\\href{x}{y}$', '$\\nothing$', '$\\frac{1}$', `$${'x'.repeat(50_000)}$`]) {
    expect(formula(text), text.slice(0, 20)).toBeUndefined();
  }
});

it('keeps what one defines from the others', () => {
  expect(formula('$\\def\\mine{7}\\mine$')).toBe(inLine('<mn>7</mn>'));
  expect(formula('$\\mine$')).toBeUndefined();
});
