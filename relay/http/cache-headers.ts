/** What an answer tells of the cache. */
import type { DoneFields } from '../ends.js';
import type { Headers } from './respond.js';

/**
 * `X-Sage-Cache`: `memory`, `lmdb` or `cassandra` for a result that was known, else `miss`. `Content-Location`: where the
 * same result can be had again, from any cache on the way, if it is kept.
 */
export const cacheHeaders = ({ cached, ageMs, key }: DoneFields): Headers => [
  ['X-Sage-Cache', cached === false ? 'miss' : cached],
  ['Access-Control-Expose-Headers', 'X-Sage-Cache, Content-Location, Age'],
  ...(ageMs === undefined ? [] : [['Age', String(Math.floor(ageMs / 1_000))] as const]),
  ...(key === undefined ? [] : [['Content-Location', `/api/v1/results/${key}`] as const]),
];
