/** Coloured text of terminals (SGR escape sequences) → elements with classes that follow the theme. */
import Anser from 'anser';

/** A number of the 256-colour table as a CSS colour; the first 16 have classes instead. */
function paletteColor(index: number): string {
  if (index >= 232) {
    const grey = String((index - 232) * 10 + 8);
    return `rgb(${grey}, ${grey}, ${grey})`;
  }
  const level = (step: number): string => String(step === 0 ? 0 : step * 40 + 55);
  const cube = index - 16;
  return `rgb(${level(Math.floor(cube / 36))}, ${level(Math.floor(cube / 6) % 6)}, ${level(cube % 6)})`;
}

function colour(span: HTMLElement, side: 'fg' | 'bg', name: string | null, truecolor: string | null): void {
  if (name === null) return;
  const property = side === 'fg' ? 'color' : 'background-color';
  const index = /^ansi-palette-(\d+)$/.exec(name)?.[1];
  if (name === 'ansi-truecolor') span.style.setProperty(property, `rgb(${truecolor ?? ''})`);
  else if (index !== undefined) span.style.setProperty(property, paletteColor(Number(index)));
  else span.classList.add(`${side}-${name.replace(/^ansi-/, '')}`);
}

/** The text as nodes; what has no style is one text node. Escape sequences other than SGR must be gone already. */
export function styledNodes(text: string): Node[] {
  if (!text.includes('\x1b')) return [new Text(text)];
  return Anser.ansiToJson(text, { json: true, use_classes: true, remove_empty: true }).map((piece) => {
    const { content, decorations } = piece;
    const fg = piece.fg as string | null;
    const bg = piece.bg as string | null;
    if (fg === null && bg === null && decorations.length === 0) return new Text(content);
    const span = document.createElement('span');
    span.textContent = content;
    colour(span, 'fg', fg, piece.fg_truecolor);
    colour(span, 'bg', bg, piece.bg_truecolor);
    // What is reversed has had its colours swapped already.
    for (const name of decorations) if (name !== 'reverse') span.classList.add(`is-${name}`);
    return span;
  });
}
