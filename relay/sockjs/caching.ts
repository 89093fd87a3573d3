/** Which answers of SockJS may be kept by browsers and proxies, and which must not. */
import type { Headers } from '../http/respond.js';

const YEAR_S = 31_536_000;

/** For everything that a session says: iOS was seen to cache even POSTs. */
export const NEVER_CACHED: Headers = [
  ['Cache-Control', 'no-store, no-cache, no-transform, must-revalidate, max-age=0'],
];

/** For what does not change while the relay runs. */
export function cachedForAYear(now = Date.now()): Headers {
  return [
    ['Cache-Control', `public, max-age=${YEAR_S}`],
    ['Expires', new Date(now + YEAR_S * 1_000).toUTCString()],
  ];
}

/** How long a page need not ask again whether it may ask, seconds; browsers cap it at hours. */
export const PREFLIGHT_MAX_AGE_S = YEAR_S;
