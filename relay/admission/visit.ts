/** One client as long as it is here: what it may still do, and what it holds. */
import type { RelayError } from '../errors.js';
import type { Account, Refusal } from './account.js';
import type { ClientAddress } from './client-address.js';
import type { Grant } from './embed-keys.js';
import { lowered, NO_LIMITS, type Limits } from './limits.js';

/** An account together with what holds for it. */
interface Scope {
  readonly account: Account;
  readonly limits: Limits;
}

/** Where a client comes from. */
export interface Origin {
  readonly address: ClientAddress;
  /** Header `Origin`, '' for what is no page. */
  readonly origin: string;
  /** Header `Host`. */
  readonly host: string;
}

/** What all visits share. */
export interface Ledger {
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** Limits of a client without a key of its own. */
  readonly perClient: Limits;
  /** Limits of all clients together. */
  readonly total: Limits;
  /** What all clients together have. */
  readonly all: Account;
  /** Executions of all clients that have not ended. */
  running: number;
  /** Output that waits for all clients. */
  queued: number;
  /** @throws RelayError `unauthorized`; also as a rejection */
  grant(key: string | undefined, from: Origin): Grant | Promise<Grant> | undefined;
  accountOf(client: string): Account;
  /** Whether there is no room for one more execution. */
  refuseExecution(): Refusal | undefined;
  /** A refusal as the failure to tell; counted. */
  refusal(refusal: Refusal): RelayError;
}

/**
 * Made by `Admission`. Whoever made it calls `identify` once before anything is held, and `leave` when the client is
 * gone; sessions are given back one by one, since they outlive their clients.
 */
export class Visit {
  readonly #ledger: Ledger;
  readonly #from: Origin;
  readonly #connections: readonly Account[];
  /** Set by `identify`: all that must have room. */
  #scopes: readonly Scope[] = [];
  /** Those of them that limit bytes. */
  #metered: readonly Scope[] = [];
  /** Where the connection counts since it is known who it is. */
  #connectedTo: readonly Account[] = [];
  #running = 0;
  #hasLeft = false;

  /** @param connections where this connection is counted before it is known who it is; none for a request */
  constructor(ledger: Ledger, from: Origin, connections: readonly Account[]) {
    this.#ledger = ledger;
    this.#from = from;
    this.#connections = connections;
    for (const account of connections) account.connected();
  }

  /**
   * Says who this is.
   * @param key an embed key or a token signed for one; undefined for none
   * @returns undefined when that is settled already
   * @throws RelayError `unauthorized` for a bad key or a page that may not use it, `busy` when there are too many of this client; also as a rejection
   */
  identify(key: string | undefined): Promise<void> | undefined {
    const grant = this.#ledger.grant(key, this.#from);
    if (grant instanceof Promise) {
      return grant.then((later) => {
        this.#settle(later);
      });
    }
    this.#settle(grant);
    return undefined;
  }

  /**
   * A session from now on; the caller calls what is returned when the session is over.
   * @param isNew false for one that is taken up again: it is never refused
   * @throws RelayError `busy`
   */
  holdSession(isNew: boolean): () => void {
    const now = this.#ledger.now();
    if (isNew) this.#check((scope) => scope.account.refuseSession(scope.limits, now));
    const scopes = this.#scopes;
    for (const { account, limits } of scopes) account.sessionHeld(limits, now, isNew);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      for (const { account } of scopes) account.sessionEnded();
    };
  }

  /** An execution begins; `executed` follows when it has ended. @throws RelayError `busy` */
  execute(): void {
    const now = this.#ledger.now();
    this.#refuseIf(this.#ledger.refuseExecution());
    this.#check((scope) => scope.account.refuseExecution(scope.limits, now));
    for (const { account, limits } of this.#scopes) account.executed(limits, now);
    this.#running += 1;
    this.#ledger.running += 1;
  }

  /** An execution has ended. */
  executed(): void {
    if (this.#running === 0) return;
    this.#running -= 1;
    this.#ledger.running -= 1;
  }

  /** So many bytes of messages went by, either way. */
  carried(bytes: number): void {
    if (this.#metered.length === 0) return;
    const now = this.#ledger.now();
    for (const { account, limits } of this.#metered) account.carried(limits, now, bytes);
  }

  /** So much more, or less, output waits for the client. */
  queued(delta: number): void {
    this.#ledger.queued += delta;
  }

  /** The client is gone. Idempotent. */
  leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#ledger.running -= this.#running;
    this.#running = 0;
    for (const account of this.#connections) account.disconnected();
    for (const account of this.#connectedTo) account.disconnected();
  }

  #settle(grant: Grant | undefined): void {
    const { address } = this.#from;
    const { perClient } = this.#ledger;
    const scopes: Scope[] = [];
    if (grant === undefined) {
      const limits = address.isLoopback ? NO_LIMITS : perClient;
      scopes.push({ account: this.#ledger.accountOf(address.key), limits });
    } else {
      const { key, claims } = grant;
      const limits = lowered({ ...perClient, ...key.perClient }, claims?.limits ?? {});
      const reader = claims?.sub === undefined ? address.key : `sub ${claims.sub}`;
      scopes.push(
        {
          account: this.#ledger.accountOf(`${key.id} ${reader}`),
          limits: address.isLoopback && claims === undefined ? (key.perClient ?? NO_LIMITS) : limits,
        },
        { account: key.account, limits: key.total },
      );
    }
    if (this.#connections.length > 0 && !this.#hasLeft) {
      for (const { account, limits } of scopes) this.#refuseIf(account.refuseConnection(limits));
      for (const { account } of scopes) account.connected();
      this.#connectedTo = scopes.map(({ account }) => account);
    }
    this.#scopes = [...scopes, { account: this.#ledger.all, limits: this.#ledger.total }];
    this.#metered = this.#scopes.filter(({ limits }) => limits.bytesPerMinute !== undefined);
  }

  #check(refuse: (scope: Scope) => Refusal | undefined): void {
    for (const scope of this.#scopes) this.#refuseIf(refuse(scope));
  }

  #refuseIf(refusal: Refusal | undefined): void {
    if (refusal !== undefined) throw this.#ledger.refusal(refusal);
  }
}
