/** What languages are called in forms: as in the elements, whose code the relay knows nothing of. */
import type { Language } from '../../protocol/index.js';

/** In the order in which a form offers them. */
export const LANGUAGE_TITLES: Readonly<Record<Language, string>> = {
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
  html: 'HTML',
};
