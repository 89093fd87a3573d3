/** The keys there are, and what presenting one allows. */
import type { CryptoKey } from 'jose';
import { MAX_EMBED_KEY_LENGTH } from '../protocol/index.js';
import { RelayError } from '../errors.js';
import { Account } from './account.js';
import type { EmbedKey } from './embed-key.js';
import { isToken, keyIdOf, verificationKey, verifyToken, type TokenClaims } from './embed-token.js';
import type { Limits } from './limits.js';
import { OriginList } from './origins.js';

/** What a presented key came to. */
export interface Grant {
  readonly key: KnownKey;
  /** Claims of its token; undefined for a bare key. */
  readonly claims: TokenClaims | undefined;
}

/** A key with what belongs to it while the relay runs. */
export interface KnownKey {
  readonly id: string;
  readonly origins: OriginList;
  readonly perClient: Limits | undefined;
  readonly total: Limits;
  /** Of all its clients together. */
  readonly account: Account;
}

interface Entry extends KnownKey {
  readonly declared: EmbedKey;
  /** Made when first needed. */
  verifier: Promise<CryptoKey | Uint8Array> | undefined;
}

const UNKNOWN = 'This embed key is unknown.';

/** Replaceable as a whole while the relay runs. */
export class EmbedKeys {
  #entries: ReadonlyMap<string, Entry>;

  /** @throws RangeError if two keys have the same id */
  constructor(keys: readonly EmbedKey[]) {
    this.#entries = entriesOf(keys, new Map());
  }

  /** Pages that may use any of them. */
  get origins(): readonly string[] {
    return [...new Set([...this.#entries.values()].flatMap(({ declared }) => declared.origins))];
  }

  /** Other keys from now on. What the ones that stay have counted stays. @throws RangeError like the constructor */
  replace(keys: readonly EmbedKey[]): void {
    this.#entries = entriesOf(keys, this.#entries);
  }

  /** Whether a page of this origin may use any key: all that is known before it presents one. */
  someAllow(origin: string): boolean {
    for (const { origins } of this.#entries.values()) if (origins.has(origin)) return true;
    return false;
  }

  /**
   * @param presented a bare key or a token
   * @param origin '' for what is no page
   * @returns at once for a bare key, later for a token, whose signature takes time
   * @throws RelayError `unauthorized`
   */
  present(presented: string, origin: string): Grant | Promise<Grant> {
    const isSigned = isToken(presented);
    if (presented.length > MAX_EMBED_KEY_LENGTH) throw new RelayError('unauthorized', UNKNOWN);
    const id = isSigned ? keyIdOf(presented) : presented;
    const entry = id === undefined ? undefined : this.#entries.get(id);
    if (entry === undefined) {
      throw new RelayError('unauthorized', UNKNOWN);
    }
    if (origin !== '' && !entry.origins.has(origin)) {
      throw new RelayError('unauthorized', 'Pages of this origin may not use this embed key.');
    }
    const { token } = entry.declared;
    if (token === undefined) {
      if (isSigned) throw new RelayError('unauthorized', 'This embed key takes no signed tokens.');
      return { key: entry, claims: undefined };
    }
    if (!isSigned) throw new RelayError('unauthorized', 'This embed key needs a signed token.');
    entry.verifier ??= verificationKey(token);
    return entry.verifier
      .then((verifier) => verifyToken(presented, token, verifier))
      .then((claims) => {
        if (claims.origin !== undefined && claims.origin !== origin) {
          throw new RelayError('unauthorized', 'The signed key was refused: it is for another origin.');
        }
        return { key: entry, claims };
      });
  }
}

function entriesOf(
  keys: readonly EmbedKey[],
  before: ReadonlyMap<string, Entry>,
): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const declared of keys) {
    const { id, origins, perClient, total = {} } = declared;
    if (entries.has(id)) throw new RangeError(`There are two embed keys ${id}.`);
    const account = before.get(id)?.account ?? new Account();
    entries.set(id, {
      id,
      origins: new OriginList(origins),
      perClient,
      total,
      account,
      declared,
      verifier: undefined,
    });
  }
  return entries;
}
