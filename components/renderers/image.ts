/** Images, always as `<img>` of a blob: an SVG there can neither run a script nor fetch anything. */
import { decodeBase64 } from './base64.js';
import type { Renderer } from './rendering.js';

/** Longest text used as the description of an image, characters. */
const MAX_ALTERNATIVE = 300;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Size of a PNG from its header, so that its place is right before it is decoded. */
function pngSize(bytes: Uint8Array): Size | undefined {
  if (bytes.length < 24) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return view.getUint32(12) === 0x49_48_44_52
    ? { width: view.getUint32(16), height: view.getUint32(20) }
    : undefined;
}

const PIXELS: Readonly<Record<string, number>> = {
  '': 1,
  px: 1,
  pt: 4 / 3,
  in: 96,
  cm: 96 / 2.54,
  mm: 96 / 25.4,
};

function svgSize(markup: string): Size | undefined {
  const tag = /<svg\b[^>]*>/i.exec(markup.slice(0, 10_000))?.[0] ?? '';
  const [width, height] = ['width', 'height'].map((name) => {
    const match = new RegExp(String.raw`\s${name}\s*=\s*["']([\d.]+)(px|pt|in|cm|mm)?["']`).exec(tag);
    return match ? Number(match[1]) * (PIXELS[match[2] ?? ''] ?? 1) : Number.NaN;
  });
  if (width !== undefined && height !== undefined && width > 0 && height > 0) return { width, height };
  const box = /\sviewBox\s*=\s*["']\s*\S+\s+\S+\s+([\d.]+)\s+([\d.]+)/.exec(tag);
  return box ? { width: Number(box[1]), height: Number(box[2]) } : undefined;
}

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
