/** HTML of a displayed object: the only place where markup of others becomes elements. */
import { strings } from '../strings.js';
import type { Renderer } from './rendering.js';

/** Shows what the sanitiser lets through, which is loaded with the first HTML. */
export const renderHtml: Renderer = (data, alternative) => {
  const node = document.createElement('div');
  node.className = 'html';
  const ready = import('../lazy/sanitizer.js')
    .then(({ sanitize }) => {
      node.replaceChildren(sanitize(data));
    })
    .catch(() => {
      node.textContent = alternative || strings.rendererFailed;
    });
  return { node, ready };
};
