/** Which pages may use this relay. */
import { isLoopback } from '../address.js';

/** Decides by a request's Origin header; immutable. */
export interface Origins {
  /**
   * @param origin the Origin header, '' if there is none: then it's not a page of another site
   * @param host the Host header: pages that the relay itself serves are always allowed
   */
  allows(origin: string, host: string): boolean;
  /** Headers that let an allowed page read the answer. */
  headersFor(origin: string, host: string): readonly (readonly [string, string])[];
}

/**
 * `*` everybody · `local` pages served by this machine to itself, so that no site its user happens to visit can
 * compute here · else the origins as browsers send them (`https://book.example.org`, `null` for pages opened as files).
 */
export type AllowedOrigins = '*' | 'local' | readonly string[];

const isLocal = (origin: string): boolean => URL.canParse(origin) && isLoopback(new URL(origin).hostname);

export function createOrigins(allowed: AllowedOrigins): Origins {
  if (allowed === 'local') return origins((origin) => origin === '' || isLocal(origin));
  const listed = new Set(allowed === '*' ? [] : allowed);
  return origins(
    (origin, host) =>
      origin === '' ||
      allowed === '*' ||
      listed.has(origin) ||
      origin === `http://${host}` ||
      origin === `https://${host}`,
  );
}

function origins(allows: Origins['allows']): Origins {
  return {
    allows,
    headersFor: (origin, host) =>
      origin !== '' && allows(origin, host)
        ? [
            ['Access-Control-Allow-Origin', origin],
            ['Vary', 'Origin'],
          ]
        : [['Vary', 'Origin']],
  };
}
