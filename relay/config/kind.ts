/** Kinds of values that settings hold: how each is written, in a file and in the environment, and what is allowed. */
import { resolve } from 'node:path';
import * as v from 'valibot';

/** One kind of value. */
export interface Kind<T> {
  /** What is allowed, to be read after "must be". */
  readonly allowed: string;
  /** A variable's text as the value that a file would hold. What can't be one is returned as it is, and refused later. */
  readonly fromText: (text: string) => unknown;
  /**
   * Reads a file's value.
   * @param folder where relative paths begin
   */
  readonly schema: (folder: string) => v.GenericSchema<unknown, T>;
}

/** A value's text in JSON, or the text itself if it isn't any. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const asIs = (text: string): string => text;

export function wholeNumber(min: number, max: number): Kind<number> {
  const allowed = `a whole number from ${min} to ${max}`;
  return {
    allowed,
    fromText: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : text),
    schema: () =>
      v.pipe(v.number(allowed), v.integer(allowed), v.minValue(min, allowed), v.maxValue(max, allowed)),
  };
}

/** Yes or no. */
export const flag: Kind<boolean> = {
  allowed: 'true or false',
  fromText: (text) => (text === 'true' ? true : text === 'false' ? false : text),
  schema: () => v.boolean('true or false'),
};

/** Text that `pattern` matches. */
export const text = (pattern: RegExp, allowed: string): Kind<string> => ({
  allowed,
  fromText: asIs,
  schema: () => v.pipe(v.string(allowed), v.regex(pattern, allowed)),
});

/** One of some words. */
export const choice = <const W extends string>(words: readonly W[]): Kind<W> => {
  const allowed = `one of ${words.join(', ')}`;
  return {
    allowed,
    fromText: asIs,
    schema: () => v.picklist(words, allowed),
  };
};

/** A path; relative ones begin at the file's folder, or, in a variable, at the working directory. */
export const path: Kind<string> = {
  allowed: 'a path',
  fromText: asIs,
  schema: (folder) =>
    v.pipe(
      v.string('a path'),
      v.nonEmpty('a path'),
      v.transform((value) => resolve(folder, value)),
    ),
};

/** Text that `parse` understands. */
export const parsed = <T>(parse: (text: string) => T | undefined, allowed: string): Kind<T> => ({
  allowed,
  fromText: asIs,
  schema: () =>
    v.pipe(
      v.string(allowed),
      v.check((value) => parse(value) !== undefined, allowed),
      // Checked just above.
      v.transform((value) => parse(value) as T),
    ),
});

/**
 * At least one value of a kind: a JSON array, in a variable also separated by commas.
 * @param allowed in a word or two: "networks such as 10.0.0.0/8"
 */
export const list = <T>(item: Kind<T>, allowed: string, least = 1): Kind<readonly T[]> => ({
  allowed,
  fromText: (written) =>
    written.startsWith('[')
      ? fromJson(written)
      : written
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== '')
          .map((part) => item.fromText(part)),
  schema: (folder) => v.pipe(v.array(item.schema(folder), allowed), v.minLength(least, allowed)),
});

/** JSON of any shape that a schema describes. */
export const json = <T>(schema: v.GenericSchema<unknown, T>, allowed: string): Kind<T> => ({
  allowed,
  fromText: fromJson,
  schema: () => schema,
});

/** Of a kind, and more. */
export const checked = <T>(
  kind: Kind<T>,
  isGood: (value: T) => boolean,
  allowed = kind.allowed,
): Kind<T> => ({
  allowed,
  fromText: kind.fromText,
  schema: (folder) => v.pipe(kind.schema(folder), v.check(isGood, allowed)),
});
