/** Files of a folder over HTTP: nothing outside it, right types, right life times. */
import { createHash } from 'node:crypto';
import { readFile, realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Exchange, Headers } from './respond.js';

/** Longest file served, bytes: the largest chunk is far below. */
const MAX_FILE_BYTES = 33_554_432;

/** Most bytes of files kept in memory by one folder. */
const MAX_CACHE_BYTES = 67_108_864;

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ts': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

/** Types that shrink, and how small a file is not worth it, bytes. */
const COMPRESSIBLE = new Set(['.css', '.html', '.js', '.json', '.map', '.mjs', '.svg', '.txt', '.wasm']);
const MIN_COMPRESSED_BYTES = 1_024;

const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);

/** Encodings, best first: a sibling file made by the build is taken, else the file is compressed once and kept. */
const ENCODINGS = [
  {
    token: 'br',
    suffix: '.br',
    // Nearly the size of the best quality in a twentieth of its time.
    compress: (body: Buffer) => brotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }),
  },
  { token: 'gzip', suffix: '.gz', compress: (body: Buffer) => deflate(body) },
] as const;

const IMMUTABLE = 'public, max-age=31536000, immutable';
const SHORT_LIVED = 'public, max-age=300, must-revalidate';
const ASK_EACH_TIME = 'no-cache';

/** `name-HASH.ext` as bundlers write it: the hash holds a digit or a capital. */
const HASHED = /-(?=[A-Za-z0-9_-]*[A-Z0-9])[A-Za-z0-9_-]{8,}\.[a-z0-9.]+$/;

interface CachedFile {
  readonly version: string;
  readonly etag: string;
  readonly body: Buffer;
}

/** Serves the files below one folder. */
export class Assets {
  readonly #dir: string;
  readonly #headers: Headers;
  readonly #cache = new Map<string, CachedFile>();
  #cachedBytes = 0;
  #realDir: string | undefined;

  /**
   * @param dir need not exist: then every file is missing
   * @param headers sent with every file
   */
  constructor(dir: string, headers: Headers = []) {
    this.#dir = dir;
    this.#headers = headers;
  }

  /** Answers with the file `path` names below the folder, a folder's `index.html`, or 404. */
  async answer(exchange: Exchange, path: string): Promise<void> {
    const file = await this.#locate(path);
    if (file === undefined) {
      exchange.text('404 Not Found', 'There is no such page here.\n');
      return;
    }
    const accepted = exchange.header('accept-encoding');
    for (const { token, suffix, compress } of ENCODINGS) {
      if (!new RegExp(`\\b${token}\\b(?!\\s*;\\s*q=0(\\.0*)?\\s*(,|$))`).test(accepted)) continue;
      const encoded = (await this.#read(file + suffix)) ?? (await this.#compressed(file, token, compress));
      if (encoded === undefined) continue;
      this.#send(exchange, file, encoded, [['Content-Encoding', token]]);
      return;
    }
    const plain = await this.#read(file);
    if (plain === undefined) exchange.text('404 Not Found', 'There is no such page here.\n');
    else this.#send(exchange, file, plain, []);
  }

  #send(exchange: Exchange, file: string, { etag, body }: CachedFile, extra: Headers): void {
    const type = extname(file);
    const headers: Headers = [
      ['Content-Type', TYPES[type] ?? 'application/octet-stream'],
      ['Cache-Control', HASHED.test(file) ? IMMUTABLE : type === '.html' ? ASK_EACH_TIME : SHORT_LIVED],
      ['ETag', etag],
      ['Vary', 'Accept-Encoding'],
      ...this.#headers,
      ...extra,
    ];
    const isKnown = exchange
      .header('if-none-match')
      .split(',')
      .some((tag) => tag.trim().replace(/^W\//, '') === etag);
    if (isKnown) exchange.reply('304 Not Modified', headers);
    else exchange.reply('200 OK', headers, body);
  }

  /** @returns the real path of an existing file below the folder */
  async #locate(path: string): Promise<string | undefined> {
    const relative = decodePath(path);
    if (relative === undefined) return undefined;
    try {
      this.#realDir ??= await realpath(this.#dir);
      let real = await realpath(join(this.#realDir, relative));
      if ((await stat(real)).isDirectory()) {
        // Without the slash the page's relative links would point elsewhere.
        if (!relative.endsWith('/') && relative !== '') return undefined;
        real = await realpath(join(real, 'index.html'));
      }
      // A link may lead out of the folder.
      return real.startsWith(this.#realDir + sep) ? real : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async #read(file: string): Promise<CachedFile | undefined> {
    try {
      const facts = await stat(file);
      if (!facts.isFile() || facts.size > MAX_FILE_BYTES) return undefined;
      const version = `${facts.mtimeMs}:${facts.size}`;
      const cached = this.#cache.get(file);
      if (cached?.version === version) return cached;
      return this.#keep(file, version, await readFile(file));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** @returns undefined if the file is missing or not worth it */
  async #compressed(
    file: string,
    token: string,
    compress: (body: Buffer) => Promise<Buffer>,
  ): Promise<CachedFile | undefined> {
    if (!COMPRESSIBLE.has(extname(file))) return undefined;
    const plain = await this.#read(file);
    if (plain === undefined || plain.body.length < MIN_COMPRESSED_BYTES) return undefined;
    // No file is called so: names hold no NUL.
    const key = `${file}\0${token}`;
    const cached = this.#cache.get(key);
    if (cached?.version === plain.version) return cached;
    return this.#keep(key, plain.version, await compress(plain.body));
  }

  #keep(key: string, version: string, body: Buffer): CachedFile {
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    const fresh = { version, etag, body };
    this.#cachedBytes += body.length - (this.#cache.get(key)?.body.length ?? 0);
    this.#cache.delete(key);
    this.#cache.set(key, fresh);
    for (const [oldest, file] of this.#cache) {
      if (this.#cachedBytes <= MAX_CACHE_BYTES) break;
      this.#cache.delete(oldest);
      this.#cachedBytes -= file.body.length;
    }
    return fresh;
  }
}

/** @returns the path below the folder, or undefined if it could name anything but a public file in it */
export function decodePath(path: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  if (/[\0\\]/.test(decoded)) return undefined;
  return decoded.split('/').some((segment) => segment.startsWith('.')) ? undefined : decoded;
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return (
    code === 'ENOENT' ||
    code === 'ENOTDIR' ||
    code === 'ELOOP' ||
    code === 'ENAMETOOLONG' ||
    code === 'EISDIR'
  );
}
