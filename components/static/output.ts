/** Output → markup that needs neither scripts nor a server: in exported worksheets and in pages with stored output. */
import type { MimeBundle } from '../../relay/protocol/index.js';
import type { StoredOutput } from '../document/schema.js';
import { plainText, StreamText } from '../output/stream-text.js';
import { decodeBase64 } from '../renderers/base64.js';
import { pngSize, svgSize, type Size } from '../renderers/image-size.js';

/** What turns the forms of an output that are code themselves into markup. */
export interface StaticOptions {
  /** HTML that a computation made → harmless HTML. Absent: the plain text of an output is shown instead. */
  readonly sanitize?: (html: string) => string;
  /** LaTeX → harmless HTML; undefined if it can't be read. Absent: the plain text is shown instead. */
  readonly formula?: (latex: string) => string | undefined;
}

/** Longest file that is kept in the page as a link that saves it, base64 characters. */
const MAX_FILE_LENGTH = 1_400_000;

/** Longest text that describes a picture, characters. */
const MAX_ALTERNATIVE = 500;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that stands for itself, in elements and in quoted attributes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);

const IMAGES = ['image/svg+xml', 'image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const;

const BASE64 = /^[A-Za-z0-9+/=\s]*$/;

/** One piece of output; empty if there is nothing to see in it. Nothing in it runs if the given functions keep their word. */
export function staticOutput(output: StoredOutput, options: StaticOptions): string {
  switch (output.kind) {
    case 'stream':
      return pre(finalText(output.text), output.name);
    case 'error':
      return pre(
        plainText(output.traceback === '' ? `${output.name}: ${output.message}` : output.traceback),
        'error',
      );
    case 'file':
      return file(output);
    case 'display':
      return picture(output.data) ?? markup(output.data, options);
  }
}

const pre = (text: string, kind: string): string =>
  // The parser takes a first line end away.
  text === ''
    ? ''
    : `<pre class="${kind}">${escapeHtml(text.replace(/\n$/, '').replace(/^\n/, '\n\n'))}</pre>`;

/** What is left on a terminal when everything has been written: of a progress bar its last state. */
function finalText(text: string): string {
  const { complete, line } = new StreamText().feed(text);
  return plainText(complete + line);
}

function file({ name, size, data }: Extract<StoredOutput, { kind: 'file' }>): string {
  const shown = escapeHtml(plainText(name));
  const bytes = `(${String(size)} bytes)`;
  if (data === undefined || data.length > MAX_FILE_LENGTH || !BASE64.test(data)) {
    return pre(`${plainText(name)} ${bytes}`, 'file');
  }
  // Of a type that no browser displays: it is saved, never opened.
  const address = `data:application/octet-stream;base64,${data.replace(/\s+/g, '')}`;
  return `<p class="file"><a download="${shown}" href="${address}">${shown}</a> ${bytes}</p>`;
}

/** Characters that stand for themselves in an address within quotes: pictures are the longest part of a page. */
const PLAIN = /%(?:20|24|2B|2C|2F|3A|3B|3D|40)/g;

function picture(data: MimeBundle): string | undefined {
  const alternative = escapeHtml(plainText(data['text/plain'] ?? '').slice(0, MAX_ALTERNATIVE));
  for (const type of IMAGES) {
    const image = data[type];
    if (image === undefined) continue;
    // As a picture, an SVG runs no script and loads nothing.
    if (type === 'image/svg+xml') {
      const address = encodeURIComponent(image).replace(PLAIN, decodeURIComponent);
      return `<img alt="${alternative}"${sized(svgSize(image))} src="data:${type},${address}">`;
    }
    if (BASE64.test(image)) {
      const size = type === 'image/png' ? pngSize(decodeBase64(image)) : undefined;
      return `<img alt="${alternative}"${sized(size)} src="data:${type};base64,${image.replace(/\s+/g, '')}">`;
    }
  }
  return undefined;
}

const sized = (size: Size | undefined): string =>
  size ? ` width="${String(Math.round(size.width))}" height="${String(Math.round(size.height))}"` : '';

function markup(data: MimeBundle, { sanitize, formula }: StaticOptions): string {
  const latex = data['text/latex'];
  const typeset = latex === undefined ? undefined : formula?.(latex);
  if (typeset !== undefined) return `<div class="latex">${typeset}</div>`;
  const html = data['text/html'];
  const harmless = html === undefined ? undefined : sanitize?.(html);
  if (harmless !== undefined && harmless.trim() !== '') return `<div class="html">${harmless}</div>`;
  return pre(plainText(data['text/plain'] ?? latex ?? ''), 'text');
}
