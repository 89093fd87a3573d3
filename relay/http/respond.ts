/**
 * One HTTP exchange. The only file that ends HTTP responses: once, corked, and never after the client has gone.
 * A uWebSockets.js request is gone when its callback returns, so what may be needed of it is copied at once.
 */
import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { randomUUID } from 'node:crypto';
import type { Request } from '../admission/admission.js';
import type { Peer } from '../admission/client-address.js';
import { RelayError } from '../errors.js';
import type { Log } from '../observe/log.js';
import type { Origins } from './cors.js';
import { peerOf } from './peer.js';

/** Request headers that are copied; others can't be read. */
const COPIED = [
  'accept',
  'accept-encoding',
  'access-control-request-headers',
  'authorization',
  'content-length',
  'content-type',
  'cookie',
  'host',
  'if-match',
  'if-none-match',
  'origin',
  'range',
  'sec-fetch-site',
] as const;

/** Request ids that are taken over; others are replaced. They fit everywhere an execution's name does. */
const SANE_ID = /^[A-Za-z0-9_-]{1,64}$/;

type CopiedHeader = (typeof COPIED)[number];

/** Header name and value pairs, in the order to send. */
export type Headers = readonly (readonly [string, string])[];

/** Sent with everything. */
const ALWAYS: Headers = [
  ['X-Content-Type-Options', 'nosniff'],
  ['Referrer-Policy', 'strict-origin-when-cross-origin'],
];

/** Told the status and the seconds since the request. */
type OnAnswered = (status: number, seconds: number) => void;

/** One request and its one answer. */
export class Exchange {
  /** Names the request in logs, here and in the bridge: what `X-Request-Id` says, or a new one. Sent back with the answer. */
  readonly id: string;
  readonly method: string;
  /** Path as sent, percent-encoded. */
  readonly path: string;
  /** What follows the `?`, percent-encoded; '' if nothing does. */
  readonly query: string;
  /** Headers that let the asking page read the answer; empty if the answer is not for pages of other sites. */
  readonly corsHeaders: Headers;
  /** False if a page asks whose origin is not allowed. */
  readonly isAllowed: boolean;
  readonly #headers: ReadonlyMap<CopiedHeader, string>;
  readonly #res: HttpResponse;
  readonly #peer: Peer;
  #state: 'open' | 'streaming' | 'answered' | 'aborted' = 'open';
  readonly #onAborted: (() => void)[] = [];
  readonly #onAnswered: OnAnswered | undefined;
  readonly #startedAt = performance.now();

  /** Must be made within the route's callback. @param onAnswered called when the answer begins */
  constructor(res: HttpResponse, req: HttpRequest, origins: Origins, onAnswered?: OnAnswered) {
    this.#res = res;
    this.#onAnswered = onAnswered;
    const id = req.getHeader('x-request-id');
    this.id = SANE_ID.test(id) ? id : randomUUID();
    this.#peer = peerOf(res, req);
    this.method = req.getMethod();
    this.path = req.getUrl();
    this.query = req.getQuery();
    this.#headers = new Map(COPIED.map((name) => [name, req.getHeader(name)]));
    this.isAllowed = origins.allows(this.header('origin'), this.header('host'));
    this.corsHeaders = origins.headersFor(this.header('origin'), this.header('host'));
    res.onAborted(() => {
      if (this.#state !== 'answered') this.#state = 'aborted';
      for (const act of this.#onAborted.splice(0)) act();
    });
  }

  /** False once it is answered or the client has gone. */
  get isOpen(): boolean {
    return this.#state === 'open' || this.#state === 'streaming';
  }

  /** '' if it was not sent. */
  header(name: CopiedHeader): string {
    return this.#headers.get(name) ?? '';
  }

  /** What admission looks at. */
  request(): Request {
    return { peer: this.#peer, origin: this.header('origin'), host: this.header('host') };
  }

  /** The token of `Authorization: Bearer`; undefined if there is none. */
  get bearer(): string | undefined {
    return /^Bearer +(\S+) *$/i.exec(this.header('authorization'))?.[1];
  }

  /** True for a browser that shows pages, false for a program that reads JSON (or says nothing about it). */
  get prefersHtml(): boolean {
    const accepted = this.header('accept');
    return /\btext\/html\b/.test(accepted) && !/\bapplication\/json\b/.test(accepted);
  }

  /** Calls `act` if the client goes away before the answer. */
  onAborted(act: () => void): void {
    if (this.#state === 'aborted') act();
    else this.#onAborted.push(act);
  }

  /** Reads body chunks; each is valid only within the call. Must be called within the route's callback. */
  onData(receive: (chunk: ArrayBuffer, isLast: boolean) => void): void {
    this.#res.onData(receive);
  }

  /** Answers, unless that was done or the client has gone. HEAD gets the headers alone. */
  reply(status: string, headers: Headers, body: string | Uint8Array = ''): void {
    if (this.#state !== 'open') return;
    this.#state = 'answered';
    this.#res.cork(() => {
      this.#writeHead(status, headers);
      if (this.method === 'head') this.#res.endWithoutBody(Buffer.byteLength(body));
      else if (status.startsWith('304') || status.startsWith('204')) this.#res.endWithoutBody();
      else this.#res.end(body);
    });
  }

  /**
   * Begins an answer of unknown length; `write` and `end` follow.
   * @param onDrained called when the client, having fallen behind, has taken all that was written. From then on
   *   uWebSockets.js cuts an answer that writes nothing for ten seconds, so it's time to end it.
   */
  stream(status: string, headers: Headers, onDrained: () => void): void {
    if (this.#state !== 'open') return;
    this.#state = 'streaming';
    this.#res.onWritable(() => {
      onDrained();
      return true;
    });
    this.#res.cork(() => {
      this.#writeHead(status, headers);
    });
  }

  #writeHead(status: string, headers: Headers): void {
    this.#onAnswered?.(Number(status.slice(0, 3)), (performance.now() - this.#startedAt) / 1_000);
    this.#res.writeStatus(status);
    for (const [name, value] of ALWAYS) this.#res.writeHeader(name, value);
    this.#res.writeHeader('X-Request-Id', this.id);
    for (const [name, value] of headers) this.#res.writeHeader(name, value);
  }

  /** Sends a chunk. What a client doesn't take is buffered, so write little before an `end`. */
  write(chunk: string): void {
    if (this.#state !== 'streaming') return;
    this.#res.cork(() => {
      this.#res.write(chunk);
    });
  }

  /** Ends what `stream` began. Idempotent. */
  end(): void {
    if (this.#state !== 'streaming') return;
    this.#state = 'answered';
    this.#res.cork(() => {
      this.#res.end();
    });
  }

  /** Cuts the connection without an answer, or in the middle of one. */
  abort(): void {
    if (this.#state === 'answered' || this.#state === 'aborted') return;
    this.#res.close();
  }

  /** Answers with a JSON value. */
  json(status: string, value: unknown, headers: Headers = []): void {
    this.reply(
      status,
      [['Content-Type', 'application/json; charset=utf-8'], ['Cache-Control', 'no-store'], ...headers],
      JSON.stringify(value),
    );
  }

  /** Answers with one sentence of plain text. */
  text(status: string, text: string, headers: Headers = []): void {
    this.reply(status, [['Content-Type', 'text/plain; charset=utf-8'], ...headers], text);
  }

  /** Answers `{"error": {code, message, field?, retryAfterMs?}}` with the status that belongs to the code. */
  error(error: RelayError): void {
    const { code, message, detail } = error;
    const { retryAfterMs } = detail;
    this.json(error.status, { error: { code, message, ...detail } }, [
      ...this.corsHeaders,
      ...(retryAfterMs === undefined
        ? []
        : [['Retry-After', String(Math.max(1, Math.ceil(retryAfterMs / 1_000)))] as const]),
    ]);
  }
}

/** A path for the log: capabilities of documents are secret. */
export const shownPath = (path: string): string =>
  path.replace(/^(\/api\/v1\/documents\/[^/.]*)\.[^/]*/, '$1.(hidden)');

/** Runs a route's asynchronous part: a `RelayError` becomes its answer, anything else is logged and hidden. */
export function settle(exchange: Exchange, log: Log, act: () => Promise<void>): void {
  act().catch((error: unknown) => {
    if (error instanceof RelayError) {
      exchange.error(error);
      return;
    }
    log.error({ err: error, path: shownPath(exchange.path), request: exchange.id }, 'a route failed');
    exchange.error(new RelayError('internal', 'The relay failed; this was logged.'));
  });
}
