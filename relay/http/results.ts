/** `GET /api/v1/results/{key}`: a finished result, the same for everybody for as long as it is kept. */
import { createHash } from 'node:crypto';
import { RelayError } from '../errors.js';
import type { ResultCache } from '../cache/result-cache.js';
import type { KeptResult } from './api/kept-schemas.js';
import type { Output } from '../protocol/index.js';
import type { Exchange, Headers } from './respond.js';

const RESULT_KEY = /^[A-Za-z0-9_-]{43}$/;

/** Where blobs are served: names of files from this length on, characters of base64, are found there. */
const MIN_BLOB_LENGTH = 4_096;

/** Longest time that anybody is told to keep a result, seconds. */
const MAX_AGE_S = 31_536_000;

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
};

/** Headers with which any site, and any cache on the way, may use an answer. */
export const PUBLIC: Headers = [
  ['Access-Control-Allow-Origin', '*'],
  ['Access-Control-Expose-Headers', 'ETag, X-Sage-Cache'],
  ['Cross-Origin-Resource-Policy', 'cross-origin'],
];

/** @throws RelayError `not-found` */
export async function answerResult(exchange: Exchange, cache: ResultCache | undefined): Promise<void> {
  const key = exchange.path.split('/')[4] ?? '';
  const hit = RESULT_KEY.test(key) ? await cache?.find(key) : undefined;
  if (hit === undefined) throw new RelayError('not-found', 'There is no such result here, or none any more.');
  const { entry, from } = hit;
  const etag = `"${key.slice(0, 22)}-${entry.createdAt.toString(36)}"`;
  const leftS = Math.max(0, Math.min(MAX_AGE_S, Math.floor((entry.expiresAt - Date.now()) / 1_000)));
  const headers: Headers = [
    ...PUBLIC,
    ['Content-Type', 'application/json; charset=utf-8'],
    ['Cache-Control', `public, max-age=${leftS}, immutable`],
    ['ETag', etag],
    ['X-Sage-Cache', from],
  ];
  if (matches(exchange.header('if-none-match'), etag)) {
    exchange.reply('304 Not Modified', headers);
    return;
  }
  const { status, ...end } = entry.end;
  const body = {
    key,
    sage: entry.sage,
    createdAt: new Date(entry.createdAt).toISOString(),
    status,
    outputs: entry.outputs,
    ...end,
    cached: from,
    truncated: false,
    pure: true,
    blobs: blobLinks(entry.outputs),
  } satisfies KeptResult;
  exchange.reply('200 OK', headers, JSON.stringify(body));
}

/** True if `If-None-Match` names the tag. */
export const matches = (header: string, etag: string): boolean =>
  header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);

/** Files of the outputs that have an address of their own. */
function blobLinks(outputs: readonly Output[]): KeptResult['blobs'] {
  return outputs.flatMap((output) => {
    if (output.kind === 'file')
      return output.data === undefined ? [] : link(output.data, output.name, output.type);
    if (output.kind !== 'display') return [];
    return Object.entries(output.data).flatMap(([type, text]) => {
      const extension = EXTENSIONS[type];
      return extension === undefined ? [] : link(text, `image.${extension}`, type);
    });
  });
}

function link(base64: string, name: string, type: string): KeptResult['blobs'] {
  if (base64.length < MIN_BLOB_LENGTH) return [];
  const bytes = Buffer.from(base64, 'base64');
  const hash = createHash('sha256').update(bytes).digest('hex');
  return [{ hash, name, type, size: bytes.length, url: `/blobs/${hash}/${encodeURIComponent(name)}` }];
}
