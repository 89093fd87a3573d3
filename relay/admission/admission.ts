/** Whom the relay lets in, and how much of it each may have. */
import { isLoopback, type Network } from '../address.js';
import { HTTP_TOO_MANY, RelayError } from '../errors.js';
import type { RefusalReason } from '../observe/metrics.js';
import { Account, RETRY_MS, type Refusal } from './account.js';
import { Accounts } from './accounts.js';
import { ClientAddresses, type Peer } from './client-address.js';
import type { EmbedKey } from './embed-key.js';
import { EmbedKeys, type Grant } from './embed-keys.js';
import type { Limits } from './limits.js';
import { OriginList } from './origins.js';
import { Visit, type Ledger, type Origin } from './visit.js';

/**
 * `*` everybody · `local` pages served by this machine to itself, so that no site its user happens to visit can
 * compute here · else the origins as browsers send them (`https://book.example.org`, `null` for pages opened as files).
 */
export type AllowedOrigins = '*' | 'local' | readonly string[];

/** What an operator decides. */
export interface AdmissionOptions {
  /** Pages that may come without an embed key. */
  readonly allowedOrigins: AllowedOrigins;
  readonly embedKeys?: readonly EmbedKey[];
  /** Whether nobody may come without an embed key. @default false */
  readonly requiresKey?: boolean;
  /** @default none */
  readonly trustedProxies?: readonly Network[];
  readonly takesProxyProtocol?: boolean;
  /** Connections of one address, whatever keys they bring: counted before the upgrade. */
  readonly connectionsPerAddress?: number;
  /** Limits of one client. */
  readonly perClient?: Limits;
  /** Limits of all clients together. */
  readonly total?: Limits;
  /** Executions of all clients that have not ended. */
  readonly executions?: number;
  /** Bytes of output that wait for all clients; above it no execution begins. */
  readonly queuedBytes?: number;
  /** Told of each refusal. */
  readonly refused?: (reason: RefusalReason) => void;
  /** Monotonic clock, milliseconds. */
  readonly now?: () => number;
}

/** What the header of a request tells. */
export interface Request {
  readonly peer: Peer;
  /** Header `Origin`, '' for what is no page. */
  readonly origin: string;
  /** Header `Host`. */
  readonly host: string;
}

const SENTENCES: Readonly<Partial<Record<RefusalReason, string>>> = {
  connections: 'Too many connections are open.',
  sessions: 'Too many sessions are open.',
  'session-rate': 'Too many sessions were opened in a short time.',
  'execution-rate': 'Too many executions were asked for in a short time.',
  bytes: 'Too much was sent and received in a short time.',
  executions: 'The server has too many executions under way.',
  queue: 'Too much output waits for readers.',
};

const isLocal = (origin: string): boolean => URL.canParse(origin) && isLoopback(new URL(origin).hostname);

/** One relay's. Holds no timers: nothing is to be closed. */
export class Admission implements Ledger {
  readonly now: () => number;
  readonly perClient: Limits;
  readonly total: Limits;
  /** Of all clients together. */
  readonly all = new Account();
  /** Executions that have not ended. */
  running = 0;
  /** Bytes of output that wait for clients; kept by the transports. */
  queued = 0;
  readonly #options: AdmissionOptions;
  readonly #addresses: ClientAddresses;
  readonly #keys: EmbedKeys;
  readonly #allowed: OriginList | undefined;
  readonly #clients = new Accounts();
  /** Connections by address alone. */
  readonly #connections = new Accounts();

  /** @throws RangeError if two embed keys have the same id */
  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.now = options.now ?? (() => performance.now());
    this.perClient = options.perClient ?? {};
    this.total = options.total ?? {};
    const { allowedOrigins, trustedProxies = [], takesProxyProtocol = false } = options;
    this.#addresses = new ClientAddresses({ trustedProxies, takesProxyProtocol });
    this.#keys = new EmbedKeys(options.embedKeys ?? []);
    if (allowedOrigins !== 'local') {
      this.#allowed = new OriginList(allowedOrigins === '*' ? ['*'] : allowedOrigins);
    }
  }

  /** Other embed keys from now on; who is here stays. @throws RangeError if two have the same id */
  replaceKeys(keys: readonly EmbedKey[]): void {
    this.#keys.replace(keys);
  }

  /** Whether a page may ask at all, with or without a key: what can be decided before it presents one. */
  mayAsk(origin: string, host: string): boolean {
    return this.#mayComeWithoutKey(origin, host) || this.#keys.someAllow(origin);
  }

  /** Pages that may ask at all, for browsers that want them listed. */
  get framers(): AllowedOrigins {
    const { allowedOrigins } = this.#options;
    const more = this.#keys.origins;
    if (allowedOrigins === '*' || more.includes('*')) return '*';
    if (more.length === 0) return allowedOrigins;
    return allowedOrigins === 'local' ? more : [...allowedOrigins, ...more];
  }

  /**
   * One request: it holds nothing but what it computes.
   * @throws RelayError `unauthorized`
   */
  request(request: Request): Visit {
    return new Visit(this, this.#meet(request), []);
  }

  /**
   * One connection, counted until it leaves.
   * @throws RelayError `unauthorized`, or `busy` if its address has too many already
   */
  connection(request: Request): Visit {
    const from = this.#meet(request);
    const account = this.#connections.of(from.address.key);
    const { connectionsPerAddress } = this.#options;
    const limits: Limits =
      connectionsPerAddress === undefined || from.address.isLoopback
        ? {}
        : { connections: connectionsPerAddress };
    const refusal = account.refuseConnection(limits) ?? this.all.refuseConnection(this.total);
    if (refusal !== undefined) throw this.refusal(refusal);
    return new Visit(this, from, [account, this.all]);
  }

  /** True if the request comes from this very machine, not through a proxy. */
  isFromHere(peer: Peer): boolean {
    return this.#addresses.of(peer).isLoopback;
  }

  /** What a key allows; undefined for none. @throws RelayError `unauthorized`; also as a rejection */
  grant(key: string | undefined, { origin, host }: Origin): Grant | Promise<Grant> | undefined {
    if (key === undefined) {
      const isAllowed = this.#options.requiresKey !== true && this.#mayComeWithoutKey(origin, host);
      if (isAllowed) return undefined;
      throw this.#unauthorized('origin', 'An embed key is needed here.');
    }
    try {
      const grant = this.#keys.present(key, origin);
      if (grant instanceof Promise) void grant.catch(() => this.#options.refused?.('key'));
      return grant;
    } catch (error) {
      this.#options.refused?.('key');
      throw error;
    }
  }

  accountOf(client: string): Account {
    return this.#clients.of(client);
  }

  /** Whether there is room for one more execution. */
  refuseExecution(): Refusal | undefined {
    const { executions = Infinity, queuedBytes = Infinity } = this.#options;
    if (this.running >= executions) return { reason: 'executions', retryAfterMs: RETRY_MS };
    if (this.queued >= queuedBytes) return { reason: 'queue', retryAfterMs: RETRY_MS };
    return undefined;
  }

  /** A refusal as the failure to tell; counted. */
  refusal({ reason, retryAfterMs }: Refusal): RelayError {
    this.#options.refused?.(reason);
    return new RelayError('busy', SENTENCES[reason] ?? 'Too much.', { retryAfterMs }, HTTP_TOO_MANY);
  }

  #meet({ peer, origin, host }: Request): Origin {
    if (!this.mayAsk(origin, host)) {
      throw this.#unauthorized('origin', 'This origin may not use this relay.');
    }
    return { address: this.#addresses.of(peer), origin, host };
  }

  /** Pages that the relay itself serves may always. */
  #mayComeWithoutKey(origin: string, host: string): boolean {
    if (origin === '') return true;
    if (this.#allowed === undefined) return isLocal(origin);
    return this.#allowed.has(origin) || origin === `http://${host}` || origin === `https://${host}`;
  }

  #unauthorized(reason: RefusalReason, message: string): RelayError {
    this.#options.refused?.(reason);
    return new RelayError('unauthorized', message);
  }
}
