/** The accounts of many clients, in bounded memory. */
import { LRUCache } from 'lru-cache';
import { Account } from './account.js';

/**
 * Clients remembered. Beyond it the one not seen for longest is forgotten, and with it what its rates had used; its open
 * connections and sessions keep counting for the relay as a whole. An account takes some hundred bytes.
 */
const MAX_ACCOUNTS = 65_536;

/** Accounts by name; made when first asked for. */
export class Accounts {
  readonly #accounts: LRUCache<string, Account>;

  constructor(max = MAX_ACCOUNTS) {
    this.#accounts = new LRUCache({ max });
  }

  of(name: string): Account {
    const known = this.#accounts.get(name);
    if (known !== undefined) return known;
    const account = new Account();
    this.#accounts.set(name, account);
    return account;
  }

  get size(): number {
    return this.#accounts.size;
  }
}
