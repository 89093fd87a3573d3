/** What a transport feeds: one client's part of what is said, whatever carries it. */
import type { Visit } from '../admission/visit.js';
import type { Transport } from '../observe/metrics.js';
import type { CloseCode } from '../protocol/index.js';

/** The transport under a conversation. */
export interface ClientSocket {
  readonly transport: Transport;
  /**
   * Sends one message, now or as soon as the client reads; never drops it silently.
   * @param isUrgent goes before what waits and is not
   */
  send(text: string, isUrgent?: boolean): void;
  /** Says what is yet to be said, then ends. */
  close(code: CloseCode, reason: string): void;
}

/** Fed by its transport: `receive…` for each message, `closed` once. */
export interface Conversation {
  /** One text message. */
  receive(text: string): void;
  /** A message longer than the transport takes; `head` is its beginning. */
  receiveTooLarge(head: string): void;
  receiveBinary(): void;
  /** The client does not take what it is sent: hold it back at its source, until it does. */
  hold(isHeld: boolean): void;
  /** A `receive…` threw: the client is told that the relay failed. */
  failed(): void;
  /** The transport is gone. Idempotent. */
  closed(): void;
}

/** Begins a conversation on a socket that is open. `id` names it in logs; the transport ends the visit. */
export type Converse = (socket: ClientSocket, id: string, visit: Visit) => Conversation;
