/** What code can be written in. */
import * as v from 'valibot';

/**
 * Languages an execution can be written in: `sage` is preparsed (`2^3` is 8), `python` is not; the code of every other
 * runs as it does below a line `%` and its name. A server has only those that its `welcome` or `ready` lists.
 */
export const language = v.picklist([
  'sage',
  'python',
  'cython',
  'gap',
  'gp',
  'html',
  'macaulay2',
  'maxima',
  'octave',
  'r',
  'sh',
  'singular',
]);
export type Language = v.InferOutput<typeof language>;
