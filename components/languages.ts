/** Languages a cell can be written in, and how each is asked for. */
import type { Language } from '../relay/protocol/index.js';

/** Names for readers, by the value of the attribute. */
export const LANGUAGES = {
  sage: 'Sage',
  python: 'Python',
  gap: 'GAP',
  gp: 'PARI/GP',
  maxima: 'Maxima',
  singular: 'Singular',
  r: 'R',
  octave: 'Octave',
  macaulay2: 'Macaulay2',
  cython: 'Cython',
  sh: 'Shell',
  md: 'Markdown',
  html: 'HTML',
  latex: 'LaTeX',
} as const;

/** A value of the attribute `language`. */
export type LanguageName = keyof typeof LANGUAGES;

/** All of them, the default first. */
export const LANGUAGE_NAMES = Object.keys(LANGUAGES) as [LanguageName, ...LanguageName[]];

/** Whether code in it looks like Python, so that it can be coloured and completed. */
export function isPythonic(name: LanguageName): boolean {
  return name === 'sage' || name === 'python' || name === 'cython';
}

/** The code and language as they go to the server; those that only render are modes, asked for in a first line. */
export function onTheWire(
  code: string,
  name: LanguageName,
): { readonly code: string; readonly language: Language; readonly addedLines: number } {
  if (name !== 'md' && name !== 'latex') return { code, language: name, addedLines: 0 };
  return { code: `%${name}\n${code}`, language: 'sage', addedLines: 1 };
}
