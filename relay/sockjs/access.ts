/** Who may ask a SockJS service, with which method, and the headers that every answer of it has. */
import { RelayError } from '../errors.js';
import type { Exchange, Headers } from '../http/respond.js';
import { cachedForAYear, NEVER_CACHED, PREFLIGHT_MAX_AGE_S } from './caching.js';
import type { SockJsProfile } from './profile.js';

/** The suite of the protocol and old balancers know sessions without a cookie under this name. */
const DEFAULT_COOKIE = 'dummy';

/** For one service. */
export class Access {
  readonly #profile: SockJsProfile;

  constructor(profile: SockJsProfile) {
    this.#profile = profile;
  }

  /** @throws RelayError if a page of a site that may not connect is asking, or one that doesn't say which it is */
  checkPage(exchange: Exchange): void {
    const isNameless = exchange.header('origin') === '';
    // Scripts, images and forms of other sites come without an Origin, or with one: never as guests of their own.
    const isHidden = isNameless && /^(cross-site|same-site)$/.test(exchange.header('sec-fetch-site'));
    if (!exchange.isAllowed || (isHidden && this.#profile.legacy !== true)) {
      throw new RelayError('unauthorized', 'This origin may not use this relay.');
    }
  }

  /** True if the request has that method; anything else is answered here. @param hasPreflight if pages ask first */
  takes(exchange: Exchange, method: 'get' | 'post', hasPreflight = false): boolean {
    if (exchange.method === method || (method === 'get' && !hasPreflight && exchange.method === 'head'))
      return true;
    if (hasPreflight && exchange.method === 'options') this.#answerPreflight(exchange, method);
    else {
      const allow = hasPreflight ? `OPTIONS, ${method.toUpperCase()}` : method.toUpperCase();
      exchange.reply('405 Method Not Allowed', [['Allow', allow]]);
    }
    return false;
  }

  /** For answers of sessions: nobody keeps them, and balancers find their cookie. */
  sessionHeaders(exchange: Exchange): Headers {
    const headers = [...NEVER_CACHED, ...this.corsHeaders(exchange)];
    if (this.#profile.cookies !== true) return headers;
    const id = /(?:^|;)\s*JSESSIONID=([\w.-]{1,128})/.exec(exchange.header('cookie'))?.[1] ?? DEFAULT_COOKIE;
    return [...headers, ['Set-Cookie', `JSESSIONID=${id}; Path=/`]];
  }

  /** sockjs-client always asks with credentials; there are none that would mean anything here. */
  corsHeaders(exchange: Exchange): Headers {
    const isNamed = exchange.corsHeaders.some(([name]) => name === 'Access-Control-Allow-Origin');
    return isNamed
      ? [...exchange.corsHeaders, ['Access-Control-Allow-Credentials', 'true']]
      : exchange.corsHeaders;
  }

  #answerPreflight(exchange: Exchange, method: string): void {
    this.checkPage(exchange);
    const asked = exchange.header('access-control-request-headers');
    exchange.reply('204 No Content', [
      ...cachedForAYear(),
      ...this.sessionHeaders(exchange).filter(([name]) => name !== 'Cache-Control'),
      ['Access-Control-Allow-Methods', `OPTIONS, ${method.toUpperCase()}`],
      ...(asked === '' ? [] : [['Access-Control-Allow-Headers', asked] as const]),
      ['Access-Control-Max-Age', String(PREFLIGHT_MAX_AGE_S)],
    ]);
  }
}

/** Answers that there is nothing. */
export function notFound(exchange: Exchange, headers: Headers = []): void {
  exchange.text('404 Not Found', 'There is no such page here.\n', headers);
}
