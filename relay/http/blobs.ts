/** `GET /blobs/{hash}/{name}`: files that computations made. What they are is told by their bytes, never by their names. */
import { createHash } from 'node:crypto';
import { fileTypeFromBuffer } from 'file-type';
import { RelayError } from '../errors.js';
import type { Store } from '../stores/store.js';
import type { Exchange, Headers } from './respond.js';
import { matches, PUBLIC } from './results.js';

/** How long the store may take, milliseconds: nobody waits for an answer behind this one. */
const DEADLINE_MS = 2_000;

/** What browsers may show; everything else is offered for saving. */
const SHOWN = new Set([
  'application/pdf',
  'audio/mpeg',
  'audio/ogg',
  'audio/wav',
  'image/gif',
  'image/jpeg',
  'image/png',
  'image/webp',
  'video/mp4',
  'video/webm',
]);

/** Nothing in a file runs, loads or sends anything, even when it is opened as a page of this origin. */
const SHUT_IN = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src 'self'; sandbox";

/** @throws RelayError `not-found`, `unavailable` */
export async function answerBlob(exchange: Exchange, store: Store | undefined): Promise<void> {
  const [, , hash = '', name = ''] = exchange.path.split('/');
  const isNamed = /^[0-9a-f]{64}$/.test(hash) && name.length > 0 && name.length <= 1_024;
  const bytes = isNamed && store !== undefined ? await read(store, hash) : undefined;
  if (bytes === undefined) throw new RelayError('not-found', 'There is no such file here, or none any more.');
  const type = await typeOf(bytes);
  const etag = `"${hash}"`;
  const headers: Headers = [
    ...PUBLIC,
    ['Content-Type', type ?? 'application/octet-stream'],
    [
      'Content-Disposition',
      `${type === undefined ? 'attachment' : 'inline'}; filename*=UTF-8''${safeName(name)}`,
    ],
    ['Content-Security-Policy', SHUT_IN],
    ['Cache-Control', 'public, max-age=31536000, immutable'],
    ['ETag', etag],
    ['Accept-Ranges', 'bytes'],
  ];
  if (matches(exchange.header('if-none-match'), etag)) {
    exchange.reply('304 Not Modified', headers);
    return;
  }
  const range = rangeOf(exchange.header('range'), bytes.length);
  if (range === undefined) exchange.reply('200 OK', headers, bytes);
  else if (range === 'unsatisfiable') {
    exchange.reply('416 Range Not Satisfiable', [...PUBLIC, ['Content-Range', `bytes */${bytes.length}`]]);
  } else {
    const [first, last] = range;
    exchange.reply(
      '206 Partial Content',
      [...headers, ['Content-Range', `bytes ${first}-${last}/${bytes.length}`]],
      bytes.subarray(first, last + 1),
    );
  }
}

async function read(store: Store, hash: string): Promise<Buffer | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), DEADLINE_MS);
  });
  try {
    const stored = await Promise.race([store.get('blob', hash), late]);
    if (stored === undefined) return undefined;
    const isRight = createHash('sha256').update(stored.value).digest('hex') === hash;
    return isRight ? stored.value : undefined;
  } catch {
    throw new RelayError('unavailable', 'The store can not be reached at the moment.', {
      retryAfterMs: 2_000,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** @returns undefined for what is to be saved, not shown */
async function typeOf(bytes: Buffer): Promise<string | undefined> {
  const found = (await fileTypeFromBuffer(bytes))?.mime;
  if (found !== undefined) {
    // An SVG file is one kind of XML to those who sniff.
    if (found === 'application/xml') return isSvg(bytes) ? 'image/svg+xml' : undefined;
    return SHOWN.has(found) ? found : undefined;
  }
  if (!isText(bytes)) return undefined;
  return isSvg(bytes) ? 'image/svg+xml' : 'text/plain; charset=utf-8';
}

const isSvg = (bytes: Buffer): boolean =>
  /^\uFEFF?\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg[\s>]/i.test(
    bytes.toString('utf8', 0, 2_048),
  );

function isText(bytes: Buffer): boolean {
  try {
    // eslint-disable-next-line no-control-regex -- control characters are what text has not
    return !/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(
      new TextDecoder('utf-8', { fatal: true }).decode(bytes),
    );
  } catch {
    return false;
  }
}

/** The name as the path has it, percent-encoded, or a plain one if it is none. */
function safeName(name: string): string {
  try {
    return encodeURIComponent(decodeURIComponent(name)).replace(
      /['()*]/g,
      (char) => `%${char.charCodeAt(0).toString(16)}`,
    );
  } catch {
    return 'file';
  }
}

/** One range of bytes, both ends included; undefined for the whole: several ranges are not served. */
function rangeOf(header: string, size: number): readonly [number, number] | 'unsatisfiable' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? [];
  if (from === '' && to === '') return undefined;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  return first >= size || first > last || (from === '' && Number(to) === 0) ? 'unsatisfiable' : [first, last];
}
