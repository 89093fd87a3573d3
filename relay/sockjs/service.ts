/** One SockJS 0.3 service below a path: greeting, info, iframe page, and sessions over every transport. */
import { randomInt } from 'node:crypto';
import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js';
import { MAX_CLIENT_MESSAGE_BYTES } from '../protocol/index.js';
import { RelayError } from '../errors.js';
import { readBody } from '../http/body.js';
import type { AllowedOrigins, Request } from '../admission/admission.js';
import type { Visit } from '../admission/visit.js';
import type { Origins } from '../http/cors.js';
import { Exchange, settle, type Headers } from '../http/respond.js';
import type { Log } from '../observe/log.js';
import type { Converse } from '../sessions/conversation.js';
import { rawFraming } from '../ws/framing.js';
import { WebSocketDoor } from '../ws/websocket.js';
import { cachedForAYear, NEVER_CACHED, PREFLIGHT_MAX_AGE_S } from './caching.js';
import { ClientScript } from './client-script.js';
import { PayloadError, readPayload } from './frames.js';
import { framePolicy, iframePage, type IframePage } from './iframe-page.js';
import { Receiver } from './receiver.js';
import { SessionTable } from './session-table.js';
import type { SockJsSession } from './session.js';
import { CALLBACK_TRANSPORTS, isCallback, PLAIN_TRANSPORTS, type ReceivingTransport } from './transports.js';
import { sockJsFraming } from './websocket-framing.js';

/** Largest body of one send: a client joins messages, and escapes characters by up to six bytes each. */
const MAX_BODY_BYTES = 8 * MAX_CLIENT_MESSAGE_BYTES;

/** Longest name of a session or server in a path, characters. */
const MAX_NAME_LENGTH = 128;

/** The suite of the protocol and old balancers know sessions without a cookie under this name. */
const DEFAULT_COOKIE = 'dummy';

/** What may be switched off, and how sessions live. */
export interface SockJsProfile {
  /** WebSockets with SockJS frames, and raw ones. @default true */
  readonly websocket?: boolean;
  /** Transports for browsers of another age, which let pages in without an Origin to check. @default false */
  readonly legacy?: boolean;
  /** Sets JSESSIONID for balancers that stick to it. The relay itself never heeds a cookie. @default false */
  readonly cookies?: boolean;
  /** Shortest session name taken: it's all that an attacker would have to guess. @default 1 */
  readonly minNameLength?: number;
  /** Bytes after which a streaming answer ends, so that browsers can let go of it. @default 131072 */
  readonly responseLimit?: number;
  /** How long a session lives without a request that waits. @default 5000 */
  readonly disconnectMs?: number;
  /** @default 25000 */
  readonly heartbeatMs?: number;
  /** Most sessions at a time, those that ended a moment ago included. @default 10000 */
  readonly maxSessions?: number;
}

/** What a service needs. */
export interface SockJsOptions extends SockJsProfile {
  /** Path, with a slash at its beginning and none at its end. */
  readonly prefix: string;
  readonly converse: Converse;
  /** Lets a client in. @throws RelayError if it may not come, or not now */
  admit(request: Request): Visit;
  readonly origins: Origins;
  /** Whose pages may hold the iframe of old browsers. */
  framers(): AllowedOrigins;
  readonly log: Log;
  /** What raw WebSockets are sent after a silence. */
  readonly rawHeartbeat?: string;
  isDraining(): boolean;
}

/** From its making to `close`. */
export class SockJsService {
  readonly #options: SockJsOptions;
  readonly #origins: Origins;
  readonly #door: WebSocketDoor;
  readonly #sessions: SessionTable;
  readonly #script = new ClientScript();
  #iframe: IframePage | undefined;

  constructor(options: SockJsOptions) {
    this.#options = options;
    this.#origins = options.origins;
    const { converse, log } = options;
    this.#door = new WebSocketDoor({
      converse,
      admit: (request) => options.admit(request),
      origins: this.#origins,
      log,
      isDraining: () => options.isDraining(),
    });
    this.#sessions = new SessionTable({
      converse,
      log,
      maxSessions: options.maxSessions ?? 10_000,
      disconnectMs: options.disconnectMs ?? 5_000,
      heartbeatMs: options.heartbeatMs ?? 25_000,
    });
  }

  mount(app: TemplatedApp): void {
    const { prefix, rawHeartbeat, websocket = true } = this.#options;
    if (websocket) {
      this.#door.mount(app, { pattern: `${prefix}/websocket`, framing: rawFraming(rawHeartbeat) });
      this.#door.mount(app, {
        pattern: `${prefix}/:server/:session/websocket`,
        framing: sockJsFraming,
        accepts: (request) =>
          this.#sessionPath(request.getUrl()) !== undefined &&
          /\bupgrade\b/i.test(request.getHeader('connection')),
      });
    }
    const route = (res: HttpResponse, req: HttpRequest): void => {
      const exchange = new Exchange(res, req, this.#origins);
      settle(exchange, this.#options.log, async () => {
        await this.#answer(exchange);
      });
    };
    app.any(prefix, route);
    app.any(`${prefix}/*`, route);
  }

  /** Ends the sessions and the timers; WebSockets are closed by the app. */
  close(): void {
    this.#door.close();
    this.#sessions.close();
  }

  #answer(exchange: Exchange): Promise<void> | void {
    const path = exchange.path.slice(this.#options.prefix.length);
    if (path === '' || path === '/') {
      if (this.#takes(exchange, 'get')) exchange.text('200 OK', 'Welcome to SockJS!\n');
      return;
    }
    if (path === '/info') {
      this.#answerInfo(exchange);
      return;
    }
    if (path === '/websocket') {
      this.#refuseWebSocket(exchange);
      return;
    }
    if (/^\/iframe[0-9A-Za-z._-]*\.html$/.test(path)) {
      this.#answerIframe(exchange);
      return;
    }
    if (path === `/${this.#script.name}`) {
      if (!this.#takes(exchange, 'get')) return;
      const headers: Headers = [['Content-Type', 'text/javascript; charset=UTF-8'], ...cachedForAYear()];
      exchange.reply('200 OK', headers, this.#script.text);
      return;
    }
    const found = this.#sessionPath(exchange.path);
    if (found !== undefined) return this.#answerSession(exchange, found.session, found.transport);
    notFound(exchange);
  }

  /** Parts of a path that is a session's; undefined if it is none. */
  #sessionPath(path: string): { session: string; transport: string } | undefined {
    const { minNameLength = 1, prefix } = this.#options;
    const [, server = '', session = '', transport = ''] =
      /^\/([^/.]+)\/([^/.]+)\/([a-z_]+)$/.exec(path.slice(prefix.length)) ?? [];
    if (server === '' || server.length > MAX_NAME_LENGTH) return undefined;
    if (session.length < minNameLength || session.length > MAX_NAME_LENGTH) return undefined;
    return { session, transport };
  }

  #answerSession(exchange: Exchange, session: string, transport: string): Promise<void> | void {
    const legacy = this.#options.legacy ?? false;
    switch (transport) {
      case 'websocket':
        this.#refuseWebSocket(exchange);
        return;
      case 'xhr':
      case 'xhr_streaming':
      case 'eventsource':
        this.#receive(exchange, session, PLAIN_TRANSPORTS[transport]);
        return;
      case 'xhr_send':
        return this.#send(exchange, session, readPayload, () => {
          exchange.reply('204 No Content', [
            ['Content-Type', 'text/plain; charset=UTF-8'],
            ...this.#sessionHeaders(exchange),
          ]);
        });
      case 'htmlfile':
      case 'jsonp':
        if (legacy) this.#receiveByCallback(exchange, session, transport);
        else notFound(exchange);
        return;
      case 'jsonp_send':
        if (!legacy) {
          notFound(exchange);
          return;
        }
        return this.#send(exchange, session, formPayload(exchange), () => {
          exchange.text('200 OK', 'ok', this.#sessionHeaders(exchange));
        });
      default:
        notFound(exchange);
    }
  }

  #answerInfo(exchange: Exchange): void {
    if (!this.#takes(exchange, 'get', true)) return;
    const { cookies = false, websocket = true } = this.#options;
    this.#checkPage(exchange);
    exchange.reply(
      '200 OK',
      [['Content-Type', 'application/json; charset=UTF-8'], ...NEVER_CACHED, ...this.#corsHeaders(exchange)],
      JSON.stringify({
        websocket,
        // Ignored by every client; who may connect is told by CORS alone.
        origins: ['*:*'],
        cookie_needed: cookies,
        // Old browsers have no good source of random numbers.
        entropy: randomInt(2 ** 32),
      }),
    );
  }

  #answerIframe(exchange: Exchange): void {
    if (!this.#takes(exchange, 'get')) return;
    const { prefix } = this.#options;
    this.#iframe ??= iframePage(`${prefix}/${this.#script.name}`);
    const { etag, html } = this.#iframe;
    const headers: Headers = [
      ['ETag', etag],
      ['Content-Security-Policy', framePolicy(this.#options.framers())],
      ...cachedForAYear(),
    ];
    if (exchange.header('if-none-match') === etag) exchange.reply('304 Not Modified', headers);
    else exchange.reply('200 OK', [['Content-Type', 'text/html; charset=UTF-8'], ...headers], html);
  }

  /** A WebSocket door that was not asked for an upgrade, or not properly. */
  #refuseWebSocket(exchange: Exchange): void {
    if (this.#options.websocket === false) notFound(exchange);
    else if (this.#takes(exchange, 'get')) {
      exchange.text('400 Bad Request', 'Can "Upgrade" only to "WebSocket".\n');
    }
  }

  #receiveByCallback(exchange: Exchange, session: string, name: 'htmlfile' | 'jsonp'): void {
    if (!this.#takes(exchange, 'get')) return;
    const callback = new URLSearchParams(exchange.query).get('c') ?? '';
    const problem =
      callback === ''
        ? '"callback" parameter required'
        : isCallback(callback)
          ? ''
          : 'invalid "callback" parameter';
    if (problem === '') this.#receive(exchange, session, CALLBACK_TRANSPORTS[name](callback));
    else exchange.text('500 Internal Server Error', `${problem}\n`, NEVER_CACHED);
  }

  #receive(exchange: Exchange, name: string, transport: ReceivingTransport): void {
    if (!this.#takes(exchange, transport.method, true)) return;
    this.#checkPage(exchange);
    const session = this.#find(exchange, name) ?? this.#open(exchange, name);
    const limit = this.#options.responseLimit ?? 131_072;
    session.attach(new Receiver(exchange, transport, this.#sessionHeaders(exchange), limit));
  }

  #open(exchange: Exchange, name: string): SockJsSession {
    if (this.#options.isDraining()) {
      throw new RelayError('draining', 'This relay is shutting down.', { retryAfterMs: 1_000 });
    }
    const visit = this.#options.admit(exchange.request());
    const session = this.#sessions.open(name, visit);
    if (session === undefined) {
      visit.leave();
      throw new RelayError('too-many', 'This relay holds as many connections as it can.', {
        retryAfterMs: 5_000,
      });
    }
    session.origin = exchange.header('origin');
    return session;
  }

  async #send(
    exchange: Exchange,
    name: string,
    read: (body: string) => readonly string[],
    confirm: () => void,
  ): Promise<void> {
    if (!this.#takes(exchange, 'post', true)) return;
    this.#checkPage(exchange);
    if (this.#find(exchange, name) === undefined) {
      notFound(exchange, this.#sessionHeaders(exchange));
      return;
    }
    const body = await readBody(exchange, MAX_BODY_BYTES);
    let texts: readonly string[];
    try {
      texts = read(body.toString());
    } catch (error) {
      if (!(error instanceof PayloadError)) throw error;
      exchange.text('500 Internal Server Error', `${error.message}\n`, this.#sessionHeaders(exchange));
      return;
    }
    // Confirmed first: what the messages bring must not overtake it.
    confirm();
    const session = this.#sessions.get(name);
    try {
      session?.receive(texts, MAX_CLIENT_MESSAGE_BYTES);
    } catch (error) {
      this.#options.log.error({ err: error }, 'a message could not be handled');
      session?.failed();
    }
  }

  /** The session of that name, unless another site's page opened it. */
  #find(exchange: Exchange, name: string): SockJsSession | undefined {
    const session = this.#sessions.get(name);
    const origin = exchange.header('origin');
    if (session === undefined || origin === '' || session.origin === origin) return session;
    if (session.origin !== '') throw new RelayError('unauthorized', 'Another page opened this session.');
    // Requests of a page to its own origin need not name it.
    session.origin = origin;
    return session;
  }

  /** @throws RelayError if a page of a site that may not connect is asking, or one that doesn't say which it is */
  #checkPage(exchange: Exchange): void {
    const isNameless = exchange.header('origin') === '';
    // Scripts, images and forms of other sites come without an Origin, or with one: never as guests of their own.
    const isHidden = isNameless && /^(cross-site|same-site)$/.test(exchange.header('sec-fetch-site'));
    if (!exchange.isAllowed || (isHidden && this.#options.legacy !== true)) {
      throw new RelayError('unauthorized', 'This origin may not use this relay.');
    }
  }

  /** True if the request has that method; anything else is answered here. @param hasPreflight if pages ask first */
  #takes(exchange: Exchange, method: 'get' | 'post', hasPreflight = false): boolean {
    if (exchange.method === method || (method === 'get' && !hasPreflight && exchange.method === 'head'))
      return true;
    if (hasPreflight && exchange.method === 'options') this.#answerPreflight(exchange, method);
    else {
      const allow = hasPreflight ? `OPTIONS, ${method.toUpperCase()}` : method.toUpperCase();
      exchange.reply('405 Method Not Allowed', [['Allow', allow]]);
    }
    return false;
  }

  #answerPreflight(exchange: Exchange, method: string): void {
    this.#checkPage(exchange);
    const asked = exchange.header('access-control-request-headers');
    exchange.reply('204 No Content', [
      ...cachedForAYear(),
      ...this.#sessionHeaders(exchange).filter(([name]) => name !== 'Cache-Control'),
      ['Access-Control-Allow-Methods', `OPTIONS, ${method.toUpperCase()}`],
      ...(asked === '' ? [] : [['Access-Control-Allow-Headers', asked] as const]),
      ['Access-Control-Max-Age', String(PREFLIGHT_MAX_AGE_S)],
    ]);
  }

  #sessionHeaders(exchange: Exchange): Headers {
    const headers = [...NEVER_CACHED, ...this.#corsHeaders(exchange)];
    if (this.#options.cookies !== true) return headers;
    const id = /(?:^|;)\s*JSESSIONID=([\w.-]{1,128})/.exec(exchange.header('cookie'))?.[1] ?? DEFAULT_COOKIE;
    return [...headers, ['Set-Cookie', `JSESSIONID=${id}; Path=/`]];
  }

  /** sockjs-client always asks with credentials; there are none that would mean anything here. */
  #corsHeaders(exchange: Exchange): Headers {
    const isNamed = exchange.corsHeaders.some(([name]) => name === 'Access-Control-Allow-Origin');
    return isNamed
      ? [...exchange.corsHeaders, ['Access-Control-Allow-Credentials', 'true']]
      : exchange.corsHeaders;
  }
}

function notFound(exchange: Exchange, headers: Headers = []): void {
  exchange.text('404 Not Found', 'There is no such page here.\n', headers);
}

/** Reads what a form of a hidden iframe posted, or the payload itself. */
function formPayload(exchange: Exchange): (body: string) => readonly string[] {
  const isForm = /^application\/x-www-form-urlencoded/i.test(exchange.header('content-type'));
  return (body) => readPayload(isForm ? (new URLSearchParams(body).get('d') ?? '') : body);
}
