/** Which words an interact speaks: those of its cell. All tables are here: they are short. */
import type { Strings } from '../../strings/index.js';
import { chinese } from './chinese.js';
import { english, type InteractWords } from './english.js';
import { french } from './french.js';
import { german } from './german.js';
import { spanish } from './spanish.js';

export type { InteractWords };

const TABLES: Readonly<Record<string, InteractWords>> = {
  de: german,
  en: english,
  es: spanish,
  fr: french,
  zh: chinese,
};

/** The words that go with those of the cell. */
export const wordsFor = ({ tag }: Strings): InteractWords => TABLES[tag.slice(0, 2)] ?? english;
