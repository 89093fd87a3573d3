/** Which form of a displayed object is shown, and by whom. */
import type { MimeBundle } from '../../relay/protocol/index.js';
import { renderHtml } from './html.js';
import { imageRenderer } from './image.js';
import { renderLatex } from './latex.js';
import { renderScript } from './frame.js';
import { mediaRenderer } from './media.js';
import type { Renderer, Rendering, RenderSite } from './rendering.js';
import { renderText } from './text.js';

/** Sound and film that browsers play. */
const PLAYED = ['audio/wav', 'audio/mpeg', 'audio/ogg', 'video/mp4', 'video/webm'] as const;

/** By falling richness: the first form an object has is the one shown. */
const RENDERERS: readonly (readonly [type: string, renderer: Renderer])[] = [
  ['image/svg+xml', imageRenderer('image/svg+xml')],
  ['image/png', imageRenderer('image/png')],
  ['image/jpeg', imageRenderer('image/jpeg')],
  ['image/gif', imageRenderer('image/gif')],
  ...PLAYED.map((type) => [type, mediaRenderer(type)] as const),
  ['text/latex', renderLatex],
  ['text/html', renderHtml],
  ['application/javascript', renderScript],
  ['text/plain', renderText],
];

/** Draws the richest form that can be drawn; a form that fails gives way to the next. */
export function render(bundle: MimeBundle, site: RenderSite): Rendering {
  const alternative = bundle['text/plain'] ?? '';
  for (const [type, renderer] of RENDERERS) {
    const data = bundle[type];
    if (data === undefined) continue;
    try {
      return renderer(data, alternative, site);
    } catch {
      // Broken base64, for instance.
    }
  }
  return renderText(alternative, alternative, site);
}
