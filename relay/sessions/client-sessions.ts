/** The sessions of one client connection: opened under the client's names, or taken up, and left behind when it goes. */
import {
  MAX_SESSIONS_PER_CONNECTION,
  type ClientMessage,
  type ErrorCode,
  type OfType,
  type ServerMessage,
  type SessionId,
  type SessionToken,
} from '../protocol/index.js';
import { RelayError } from '../errors.js';
import { ClientSession, type SessionHolder } from './client-session.js';
import type { Client } from './connection-context.js';
import { RETRY_AFTER_MS, SENTENCES } from '../ends.js';

/** A session, and what gives back its part of the client's share. */
interface Held {
  readonly session: ClientSession;
  readonly release: () => void;
}

/** Ended by `leave`. */
export class ClientSessions implements SessionHolder {
  readonly #client: Client;
  readonly #held = new Map<SessionId, Held>();

  constructor(client: Client) {
    this.#client = client;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Executions in them that have no `done` yet. */
  get pending(): number {
    let count = 0;
    for (const { session } of this.#held.values()) count += session.pending;
    return count;
  }

  get(name: SessionId): ClientSession | undefined {
    return this.#held.get(name)?.session;
  }

  /** Ends in `opened` or `closed`, or in an `error` if that name is taken. */
  open(message: OfType<ClientMessage, 'open'>): void {
    const { session: name, token } = message;
    if (this.#held.has(name)) {
      this.#client.refuse('duplicate-id', `A session ${name} is open on this connection.`, name);
      return;
    }
    if (this.#held.size >= MAX_SESSIONS_PER_CONNECTION) {
      const bound = `A connection may hold ${MAX_SESSIONS_PER_CONNECTION} sessions.`;
      this.#refuse(name, 'refused', 'too-many', bound);
    } else if (this.#client.context.isDraining()) {
      this.#refuse(name, 'refused', 'draining', SENTENCES.draining);
    } else {
      const held = token === undefined ? this.#openNew(name) : this.#takeUp(message, token);
      if (held === undefined) return;
      this.#held.set(name, held);
      held.session.begin();
      if (this.#client.isHeld) held.session.hold(true);
    }
  }

  /** Lets `act` have the session of that name. @param about what the message was about, if not the session itself */
  with(name: SessionId, about: string | undefined, act: (session: ClientSession) => void): void {
    const session = this.get(name);
    if (session !== undefined) act(session);
    else {
      const message = `There is no session ${name} on this connection.`;
      this.#client.refuse('unknown-session', message, about ?? name);
    }
  }

  /** Holds back all their output, or lets it flow again. */
  hold(isHeld: boolean): void {
    for (const { session } of this.#held.values()) session.hold(isHeld);
  }

  /** The client is gone: they wait for it to come back. */
  leave(): void {
    for (const { session, release } of this.#held.values()) {
      session.detach();
      this.#client.context.orphans.keep(session.bridge, session.id, release);
    }
    this.#held.clear();
  }

  send(message: ServerMessage): void {
    this.#client.send(message);
  }

  ended(session: ClientSession): void {
    const held = this.#held.get(session.name);
    if (held?.session !== session) return;
    this.#held.delete(session.name);
    held.release();
  }

  #openNew(name: SessionId): Held | undefined {
    const { context, visit } = this.#client;
    const bridge = context.bridges.pick();
    if (bridge === undefined) {
      this.#refuse(name, 'refused', 'unavailable', SENTENCES.unavailable);
      return undefined;
    }
    try {
      const release = visit.holdSession(true);
      return { session: ClientSession.open(name, bridge, context, this), release };
    } catch (error) {
      if (!(error instanceof RelayError)) throw error;
      this.#refuse(name, 'refused', error.code, error.message, error.detail.retryAfterMs);
      return undefined;
    }
  }

  #takeUp({ session: name, after }: OfType<ClientMessage, 'open'>, token: SessionToken): Held | undefined {
    const { context, visit } = this.#client;
    const past = context.tokens.read(token);
    if (past === undefined) {
      this.#refuse(name, 'refused', 'unauthorized', 'The session token is wrong or expired.');
      return undefined;
    }
    const bridge = context.bridges.find(past.bridge);
    if (bridge === undefined) {
      this.#refuse(name, 'lost', 'session-lost', 'The Sage server that held this session is gone.');
      return undefined;
    }
    const release = visit.holdSession(false);
    const from = { id: past.session, after: after ?? 0 };
    return { session: ClientSession.attach(name, bridge, from, context, this), release };
  }

  #refuse(
    session: SessionId,
    reason: 'refused' | 'lost',
    code: ErrorCode,
    message: string,
    retryAfterMs = code === 'draining' ? 0 : RETRY_AFTER_MS,
  ): void {
    const mayRetry = code === 'unavailable' || code === 'draining' || code === 'busy';
    this.#client.send({
      type: 'closed',
      session,
      reason,
      message,
      code,
      ...(mayRetry && { retryAfterMs }),
    });
  }
}
