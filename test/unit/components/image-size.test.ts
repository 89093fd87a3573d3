import { describe, expect, it } from 'vitest';
import { svgSize } from '../../../components/renderers/image-size.js';

const svg = (attributes: string): string => `<?xml version="1.0"?><svg xmlns="x" ${attributes}><path/></svg>`;

describe('the size of an SVG', () => {
  it.each([
    ['width="300" height="40px" viewBox="0 0 3 3"', { width: 300, height: 40 }],
    ['width="72pt" height="1in"', { width: 96, height: 96 }],
    // As Sage draws tableaux.
    ['width="300" viewBox="-5.000 -5.000 30.000 20.000 "', { width: 300, height: 200 }],
    ['height="10" viewBox="0 0 30 20"', { width: 15, height: 10 }],
    ['viewBox="0 0 30 20"', { width: 30, height: 20 }],
    ['width="100%" viewBox="0 0 30 20"', { width: 30, height: 20 }],
    ['stroke-width="5"', undefined],
    ['width="300"', undefined],
    ['width="300" viewBox="0 0 0 0"', undefined],
  ])('is read from %s', (attributes, size) => {
    expect(svgSize(svg(attributes))).toEqual(size);
  });
});
