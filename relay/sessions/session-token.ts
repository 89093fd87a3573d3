/** Signed names of sessions: whoever holds one may attach to the session through any relay with the same keys. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import { sessionId, type SessionId, type SessionToken } from '../protocol/index.js';

/** How long a token is good, from its making: longer than any session may live. Milliseconds. */
export const TOKEN_LIFETIME_MS = 86_400_000;

/** What a token says. */
export interface SessionName {
  /** Id of the bridge that owns the session. */
  readonly bridge: string;
  readonly session: SessionId;
}

const payloadSchema = v.strictTuple([
  v.pipe(v.string(), v.maxLength(64)),
  sessionId,
  v.pipe(v.number(), v.integer()),
]);

/** Makes and reads tokens with HMAC-SHA256. */
export class SessionTokens {
  readonly #keys: readonly string[];
  readonly #now: () => number;

  /**
   * @param keys the first signs, each is accepted: add a new key at the end everywhere, then move it to the front
   * @param now milliseconds since 1970
   * @throws RangeError if there is no key
   */
  constructor(keys: readonly string[], now: () => number = Date.now) {
    if (keys.length === 0) throw new RangeError('There must be a key.');
    this.#keys = keys;
    this.#now = now;
  }

  sign(name: SessionName): SessionToken {
    const expiresAt = this.#now() + TOKEN_LIFETIME_MS;
    const payload = Buffer.from(JSON.stringify([name.bridge, name.session, expiresAt])).toString('base64url');
    return `${payload}.${mac(payload, this.#keys[0] ?? '').toString('base64url')}` as SessionToken;
  }

  /** @returns what the token names, or undefined if none of the keys signed it or it is expired */
  read(token: SessionToken): SessionName | undefined {
    const [payload = '', signature = '', ...rest] = token.split('.');
    if (rest.length > 0) return undefined;
    const given = Buffer.from(signature, 'base64url');
    // Every key is tried in full, so that the time taken tells nothing of which one signed.
    const isGood = this.#keys
      .map((key) => mac(payload, key))
      .map((right) => given.length === right.length && timingSafeEqual(given, right))
      .includes(true);
    if (!isGood) return undefined;
    const parsed = v.safeParse(payloadSchema, JSON.parse(Buffer.from(payload, 'base64url').toString()));
    if (!parsed.success) return undefined;
    const [bridge, session, expiresAt] = parsed.output;
    return expiresAt > this.#now() ? { bridge, session } : undefined;
  }
}

const mac = (payload: string, key: string): Buffer => createHmac('sha256', key).update(payload).digest();
