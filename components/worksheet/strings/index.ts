/** Which words a worksheet speaks: those of its language, if there is a table for it, else English. */
import { chinese } from './chinese.js';
import { english, type WorksheetStrings } from './english.js';
import { french } from './french.js';
import { german } from './german.js';
import { spanish } from './spanish.js';

export type { WorksheetStrings };

const TABLES: Readonly<Record<string, WorksheetStrings>> = {
  de: german,
  en: english,
  es: spanish,
  fr: french,
  zh: chinese,
};

/** The words of a language, given as a BCP 47 tag. */
export function wordsFor(tag: string): WorksheetStrings {
  return TABLES[/^[a-z]+/i.exec(tag)?.[0].toLowerCase() ?? ''] ?? english;
}
