/** Embed keys: what authors put into their pages, and what the relay's operator said of each. */
import { createPublicKey } from 'node:crypto';
import * as v from 'valibot';
import { limitsSchema } from './limits.js';
import { isOriginPattern } from './origins.js';

/** Signatures that can be asked for; each key takes exactly one of them, so that nobody can choose a weaker one. */
export const TOKEN_ALGORITHMS = ['HS256', 'ES256', 'RS256', 'EdDSA'] as const;

const id = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/, '1–64 of A–Z a–z 0–9 _ -'));

const ORIGIN_FORM = '* or an origin such as https://book.example.org or https://*.example.org';

const KEY_TYPES = { ES256: 'ec', RS256: 'rsa', EdDSA: 'ed25519' } as const;

function isKeyFor(algorithm: keyof typeof KEY_TYPES, pem: string): boolean {
  try {
    return createPublicKey(pem).asymmetricKeyType === KEY_TYPES[algorithm];
  } catch {
    return false;
  }
}

const token = v.pipe(
  v.strictObject({
    algorithm: v.picklist(TOKEN_ALGORITHMS, `one of ${TOKEN_ALGORITHMS.join(', ')}`),
    /** HS256: shared with the embedder's server. */
    secret: v.exactOptional(v.pipe(v.string(), v.minLength(32, 'a secret of at least 32 characters'))),
    /** The others: PEM (SubjectPublicKeyInfo). */
    publicKey: v.exactOptional(
      v.pipe(v.string(), v.regex(/^\s*-----BEGIN PUBLIC KEY-----/, 'a public key in PEM form')),
    ),
    /** Required claim `iss`. */
    issuer: v.exactOptional(v.pipe(v.string(), v.nonEmpty())),
  }),
  v.check(
    ({ algorithm, secret, publicKey }) =>
      algorithm === 'HS256'
        ? secret !== undefined && publicKey === undefined
        : publicKey !== undefined && secret === undefined,
    'with secret for HS256, with publicKey for the others',
  ),
  v.check(
    ({ algorithm, publicKey }) => algorithm === 'HS256' || isKeyFor(algorithm, publicKey ?? ''),
    'with a publicKey that fits the algorithm',
  ),
);

/** One key as an operator writes it. */
export const embedKeySchema = v.strictObject({
  id,
  /** Pages that may use it. Only browsers are bound by it: whoever writes a program can say any origin. */
  origins: v.pipe(
    v.array(
      v.pipe(
        v.string(),
        v.check((origin) => origin === '*' || isOriginPattern(origin), ORIGIN_FORM),
      ),
    ),
    v.minLength(1, ORIGIN_FORM),
  ),
  /** For each of its clients, instead of the relay's own. */
  perClient: v.exactOptional(limitsSchema),
  /** For all its clients together. */
  total: v.exactOptional(limitsSchema),
  /** Makes the bare key worthless: clients must present a token that the embedder's server signed. */
  token: v.exactOptional(token),
});

/** What an operator said of a key. */
export type EmbedKey = v.InferOutput<typeof embedKeySchema>;

/** How tokens of a key are checked. */
export type TokenKey = v.InferOutput<typeof token>;
