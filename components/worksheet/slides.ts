/** A worksheet as slides: each begins with a heading, or with a line of dashes. */
import type { Cell, Cells } from '../document/index.js';

const beginsSlide = ({ kind, source, note }: Cell): boolean =>
  /^\s*(?:#{1,2} |-{3,}\s*$)/m.test(
    (kind === 'note' ? source : (note ?? '')).trimStart().split('\n', 1)[0] ?? '',
  );

/** The cells of each slide, by their ids. Cells before the first heading are a slide of their own. */
export function slidesOf(cells: Cells): string[][] {
  const slides: string[][] = [];
  for (const cell of cells) {
    if (slides.length === 0 || beginsSlide(cell)) slides.push([]);
    slides.at(-1)?.push(cell.id);
  }
  return slides;
}
