/** Looks of a worksheet: a page to be read, on which what can be done shows itself when the reader turns to a cell. */
import { menu } from '../menu.styles.js';
import { bar } from './bar.styles.js';
import { note } from './note.styles.js';
import { panels } from './panels.styles.js';
import { row } from './row.styles.js';
import { sheet } from './sheet.styles.js';

/** The sheets, in the order in which they apply. */
export const worksheetStyles: readonly CSSStyleSheet[] = [sheet, menu, bar, row, note, panels].flatMap(
  ({ styleSheet }) => styleSheet ?? [],
);
