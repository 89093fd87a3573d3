/** Tokens that an embedder's server signs for its readers (JWT): checked here, made elsewhere. */
import { decodeProtectedHeader, errors, importSPKI, jwtVerify, type CryptoKey } from 'jose';
import * as v from 'valibot';
import { RelayError } from '../errors.js';
import type { TokenKey } from './embed-key.js';
import { limitsSchema } from './limits.js';

/** Claim `aud` of every token. */
const AUDIENCE = 'sage-embed';

/** How far the clocks of embedder and relay may be apart, seconds. */
const CLOCK_TOLERANCE_S = 60;

/** Longest time from now to `exp`, seconds: a page stays open for a day, a leaked token should not for a year. */
export const MAX_LIFETIME_S = 86_400;

/** Claims that mean something here; others are ignored. */
const claimsSchema = v.object({
  /** The embedder's own name of the reader: limits then count for the reader, not for the address. */
  sub: v.exactOptional(v.pipe(v.string(), v.minLength(1), v.maxLength(128))),
  /** The one page's origin that may present it. */
  origin: v.exactOptional(v.string()),
  /** Lower limits than the key's. */
  limits: v.exactOptional(limitsSchema),
  exp: v.number(),
});

/** What a good token says. */
export type TokenClaims = v.InferOutput<typeof claimsSchema>;

/** Whether a text is a token rather than a bare key. */
export const isToken = (text: string): boolean => text.includes('.');

/** The key a token claims to be signed for (header `kid`); undefined if it isn't readable. */
export function keyIdOf(token: string): string | undefined {
  try {
    const { kid } = decodeProtectedHeader(token);
    return typeof kid === 'string' ? kid : undefined;
  } catch {
    return undefined;
  }
}

/** @throws Error if the public key is none of that algorithm */
export async function verificationKey({
  algorithm,
  secret,
  publicKey = '',
}: TokenKey): Promise<CryptoKey | Uint8Array> {
  return algorithm === 'HS256' ? new TextEncoder().encode(secret) : importSPKI(publicKey, algorithm);
}

/**
 * Checks signature, algorithm, `aud`, `exp`, `nbf` and, if the key has an issuer, `iss`.
 * @throws RelayError `unauthorized` saying what is wrong, never what would be right
 */
export async function verifyToken(
  token: string,
  { algorithm, issuer }: TokenKey,
  key: CryptoKey | Uint8Array,
): Promise<TokenClaims> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [algorithm],
      audience: AUDIENCE,
      clockTolerance: CLOCK_TOLERANCE_S,
      requiredClaims: ['exp', 'aud'],
      ...(issuer !== undefined && { issuer }),
    });
    const claims = v.safeParse(claimsSchema, payload);
    if (!claims.success) {
      const [issue] = claims.issues;
      throw refused(`its claim ${v.getDotPath(issue) ?? ''} cannot be used`);
    }
    if (claims.output.exp > Date.now() / 1_000 + MAX_LIFETIME_S + CLOCK_TOLERANCE_S) {
      throw refused('it is good for longer than a day');
    }
    return claims.output;
  } catch (error) {
    if (error instanceof RelayError) throw error;
    if (error instanceof errors.JWTExpired) throw refused('it is expired');
    if (error instanceof errors.JWTClaimValidationFailed) {
      throw refused(`its claim ${error.claim} is missing or wrong`);
    }
    if (error instanceof errors.JOSEError) throw refused('its signature is not that of the key');
    throw error;
  }
}

const refused = (why: string): RelayError =>
  new RelayError('unauthorized', `The signed key was refused: ${why}.`);
