/** One SockJS 0.3 service below a path: greeting, info, iframe page, and sessions over every transport. */
import { randomInt } from 'node:crypto';
import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js';
import type { AllowedOrigins } from '../admission/admission.js';
import type { Origins } from '../http/cors.js';
import { Exchange, settle, type Headers } from '../http/respond.js';
import { rawFraming } from '../ws/framing.js';
import { WebSocketDoor } from '../ws/websocket.js';
import { Access, notFound } from './access.js';
import { cachedForAYear, NEVER_CACHED } from './caching.js';
import { ClientScript } from './client-script.js';
import { framePolicy, iframePage, type IframePage } from './iframe-page.js';
import { SessionRequests, type SessionRequestsOptions } from './session-requests.js';
import { sockJsFraming } from './websocket-framing.js';

/** Longest name of a session or server in a path, characters. */
const MAX_NAME_LENGTH = 128;

/** What a service needs. */
export interface SockJsOptions extends SessionRequestsOptions {
  /** Path, with a slash at its beginning and none at its end. */
  readonly prefix: string;
  readonly origins: Origins;
  /** Whose pages may hold the iframe of old browsers. */
  framers(): AllowedOrigins;
  /** What raw WebSockets are sent after a silence. */
  readonly rawHeartbeat?: string;
}

/** From its making to `close`. */
export class SockJsService {
  readonly #options: SockJsOptions;
  readonly #origins: Origins;
  readonly #door: WebSocketDoor;
  readonly #access: Access;
  readonly #sessions: SessionRequests;
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
    this.#access = new Access(options);
    this.#sessions = new SessionRequests(options, this.#access);
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
      if (this.#access.takes(exchange, 'get')) exchange.text('200 OK', 'Welcome to SockJS!\n');
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
      if (!this.#access.takes(exchange, 'get')) return;
      const headers: Headers = [['Content-Type', 'text/javascript; charset=UTF-8'], ...cachedForAYear()];
      exchange.reply('200 OK', headers, this.#script.text);
      return;
    }
    const found = this.#sessionPath(exchange.path);
    if (found === undefined) notFound(exchange);
    else if (found.transport === 'websocket') this.#refuseWebSocket(exchange);
    else return this.#sessions.answer(exchange, found.session, found.transport);
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

  #answerInfo(exchange: Exchange): void {
    if (!this.#access.takes(exchange, 'get', true)) return;
    const { cookies = false, websocket = true } = this.#options;
    this.#access.checkPage(exchange);
    exchange.reply(
      '200 OK',
      [
        ['Content-Type', 'application/json; charset=UTF-8'],
        ...NEVER_CACHED,
        ...this.#access.corsHeaders(exchange),
      ],
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
    if (!this.#access.takes(exchange, 'get')) return;
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
    else if (this.#access.takes(exchange, 'get')) {
      exchange.text('400 Bad Request', 'Can "Upgrade" only to "WebSocket".\n');
    }
  }
}
