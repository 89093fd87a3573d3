/** Images, always as `<img>` of a blob: an SVG there can neither run a script nor fetch anything. */
import { decodeBase64 } from './base64.js';
import { pngSize, svgSize } from './image-size.js';
import type { Renderer } from './rendering.js';

/** Longest text used as the description of an image, characters. */
const MAX_ALTERNATIVE = 300;

/** A renderer for images of that type; `image/svg+xml` is text, the others are base64. */
export function imageRenderer(type: string): Renderer {
  return (data, alternative, { strings }) => {
    const isSvg = type === 'image/svg+xml';
    const bytes = isSvg ? undefined : decodeBase64(data);
    const blob = new Blob([bytes ?? data], { type });
    const size = bytes ? (type === 'image/png' ? pngSize(bytes) : undefined) : svgSize(data);
    const node = document.createElement('div');
    node.className = 'image';
    const image = document.createElement('img');
    image.setAttribute('part', 'image');
    image.alt = alternative.slice(0, MAX_ALTERNATIVE) || strings.image;
    image.decoding = 'async';
    if (size) {
      image.width = Math.round(size.width);
      image.height = Math.round(size.height);
    }
    let url: string | undefined;
    const resume = (): void => {
      if (url !== undefined) return;
      url = URL.createObjectURL(blob);
      image.src = url;
    };
    const ready = new Promise<void>((resolve) => {
      image.addEventListener('load', () => {
        resolve();
      });
      image.addEventListener('error', () => {
        if (url !== undefined) {
          // A picture that cannot be decoded: its text is better than a broken frame.
          node.textContent = alternative || strings.rendererFailed;
        }
        resolve();
      });
    });
    resume();
    node.append(image);
    return {
      node,
      ...(size === undefined && { ready }),
      resume,
      suspend: () => {
        if (url === undefined) return;
        const stale = url;
        url = undefined;
        image.removeAttribute('src');
        URL.revokeObjectURL(stale);
      },
    };
  };
}
