/** Which pages may use this relay. */

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

/** @param allowed `*`, or the origins as browsers send them (`https://book.example.org`) */
export function createOrigins(allowed: '*' | readonly string[]): Origins {
  const listed = new Set(allowed === '*' ? [] : allowed);
  const allows = (origin: string, host: string): boolean =>
    origin === '' ||
    allowed === '*' ||
    listed.has(origin) ||
    origin === `http://${host}` ||
    origin === `https://${host}`;
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
