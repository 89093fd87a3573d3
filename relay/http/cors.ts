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

/** @param allows decides */
export function createOrigins(allows: Origins['allows']): Origins {
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
