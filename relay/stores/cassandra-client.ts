/** How this relay talks to the nodes of a cluster: which it asks, how long it waits, what it tries again. */
import type { ConnectionOptions } from 'node:tls';
import { Client, policies, type types } from 'cassandra-driver';
import type { Log } from '../observe/log.js';
import type { KeyspaceOptions } from './cassandra-schema.js';

/** An answer of a node, milliseconds: one that takes longer is asked no further. */
export const READ_TIMEOUT_MS = 500;
const CONNECT_TIMEOUT_MS = 1_000;

/** A second node is asked when the first has not answered by then. */
const SPECULATE_AFTER_MS = 30;

/** A node that went away is tried again after 0.25 s, later at the latest after 5 s. */
export const RECONNECT_BASE_MS = 250;
export const RECONNECT_CAP_MS = 5_000;

/** How often a statement that may be repeated is tried on further nodes. */
const MAX_RETRIES = 2;

/** What a cluster needs to be reached. */
export interface CassandraOptions extends KeyspaceOptions {
  /** `host` or `host:port`. */
  readonly contactPoints: readonly string[];
  readonly credentials?: { readonly username: string; readonly password: string };
  readonly tls?: ConnectionOptions;
  readonly log: Log;
}

/** Statements that may be repeated go to the next node on any failure; the others fail at once. */
class NextNodeRetry extends policies.retry.RetryPolicy {
  override onReadTimeout(info: policies.retry.OperationInfo): policies.retry.DecisionInfo {
    return this.#next(info);
  }
  override onWriteTimeout(info: policies.retry.OperationInfo): policies.retry.DecisionInfo {
    return this.#next(info);
  }
  override onUnavailable(info: policies.retry.OperationInfo): policies.retry.DecisionInfo {
    return this.#next(info);
  }
  override onRequestError(info: policies.retry.OperationInfo): policies.retry.DecisionInfo {
    return this.#next(info);
  }
  #next(info: policies.retry.OperationInfo): policies.retry.DecisionInfo {
    return info.executionOptions.isIdempotent() && info.nbRetry < MAX_RETRIES
      ? // The typings want a consistency; without one the statement's own stays.
        this.retryResult(undefined as unknown as types.consistencies, false)
      : this.rethrowResult();
  }
}

/** A client that is not connected yet; whoever asks for it calls `shutdown`. */
export function newClient({ contactPoints, localDataCenter, credentials, tls }: CassandraOptions): Client {
  const { loadBalancing, reconnection, speculativeExecution } = policies;
  return new Client({
    contactPoints: [...contactPoints],
    localDataCenter,
    applicationName: 'sage-embed',
    ...(credentials && { credentials }),
    ...(tls && { sslOptions: tls }),
    policies: {
      loadBalancing: new loadBalancing.TokenAwarePolicy(
        new loadBalancing.DCAwareRoundRobinPolicy(localDataCenter),
      ),
      retry: new NextNodeRetry(),
      reconnection: new reconnection.ExponentialReconnectionPolicy(
        RECONNECT_BASE_MS,
        RECONNECT_CAP_MS,
        false,
      ),
      speculativeExecution: new speculativeExecution.ConstantSpeculativeExecutionPolicy(
        SPECULATE_AFTER_MS,
        1,
      ),
    },
    pooling: { heartBeatInterval: 2_000 },
    socketOptions: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      readTimeout: READ_TIMEOUT_MS,
      defunctReadTimeoutThreshold: 8,
      tcpNoDelay: true,
      keepAlive: true,
    },
  });
}
