/** Plain text of a displayed object. */
import { styledNodes } from '../output/ansi.js';
import { colouredText } from '../output/stream-text.js';
import type { Renderer } from './rendering.js';

/** Most characters of one plain text that are shown: a page with more stops scrolling smoothly. */
export const MAX_SHOWN_CHARACTERS = 2_000_000;

/** Shows text as it stands. */
export const renderText: Renderer = (data) => {
  const node = document.createElement('pre');
  node.className = 'text';
  node.append(...styledNodes(colouredText(data).slice(0, MAX_SHOWN_CHARACTERS)));
  return { node };
};
