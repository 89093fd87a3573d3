import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { flag, json, list, wholeNumber, type Kind } from '../../../../relay/config/kind.js';

/** What a variable's text comes to; undefined when it is refused. */
function read<T>(kind: Kind<T>, text: string): T | undefined {
  const result = v.safeParse(kind.schema('/'), kind.fromText(text));
  return result.success ? result.output : undefined;
}

describe('a kind of setting', () => {
  test('yes or no is written true or false', () => {
    expect(['true', 'false', 'yes', '1', ''].map((text) => read(flag, text))).toEqual([
      true,
      false,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('a list is separated by commas or a JSON array', () => {
    const numbers = list(wholeNumber(0, 9), 'a list of digits');
    expect(read(numbers, '1, 2,3')).toEqual([1, 2, 3]);
    expect(read(numbers, '[1, 2]')).toEqual([1, 2]);
    expect(read(numbers, '1,10')).toBeUndefined();
    expect(read(numbers, ',')).toBeUndefined();
  });

  test('JSON is checked against its shape', () => {
    const kind = json(v.strictObject({ a: v.number() }), 'an object with a number a');
    expect(read(kind, '{"a": 1}')).toEqual({ a: 1 });
    expect(read(kind, '{"a": "1"}')).toBeUndefined();
    expect(read(kind, 'a')).toBeUndefined();
  });
});
