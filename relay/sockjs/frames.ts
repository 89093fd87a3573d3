/** The frames of SockJS: what a server says, and the payloads it is sent. */

/** A session has begun. */
export const OPEN_FRAME = 'o';

/** The session lives. */
export const HEARTBEAT_FRAME = 'h';

/** Characters that browsers or proxies are known to change on the way; the protocol lists them. `JSON.stringify` covers the rest. */
const FRAGILE = /[\u200c-\u200f\u2028-\u202f\u2060-\u206f\ufff0-\uffff]/g;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A JSON string of nothing that gets mangled. */
const quoted = (text: string): string => JSON.stringify(text).replace(FRAGILE, escaped);

/** Messages in their order. */
export function messageFrame(texts: readonly string[]): string {
  return `a[${texts.map(quoted).join(',')}]`;
}

/** The end of a session. */
export function closeFrame(code: number, reason: string): string {
  return `c[${code},${quoted(reason)}]`;
}

/** Why a payload can't be taken; the messages are the protocol's. */
export class PayloadError extends Error {
  override readonly name = 'PayloadError';
}

/**
 * Messages of one payload: a JSON array of strings.
 * @throws PayloadError if it is anything else
 */
export function readPayload(payload: string): readonly string[] {
  if (payload === '') throw new PayloadError('Payload expected.');
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    throw new PayloadError('Broken JSON encoding.');
  }
  if (!Array.isArray(value)) throw new PayloadError('Payload expected.');
  if (!value.every((item) => typeof item === 'string')) throw new PayloadError('Broken JSON encoding.');
  return value;
}
