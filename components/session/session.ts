/** One session as the page sees it: its token, what has arrived of it, and what was acknowledged. */
import {
  ACK_BYTES,
  ACK_DELAY_MS,
  type CloseReason,
  type ClientMessage,
  type ErrorCode,
  type SessionId,
  type SessionToken,
} from '../../relay/protocol/index.js';
import { identifier } from './identifier.js';
import type { KeptSession } from './kept-session.js';

/**
 * `unopened` nothing asked of the server yet · `opening` asked · `open` there · `ended` gone, its variables too;
 * the next execution opens a new one under the same name.
 */
export type SessionState = 'unopened' | 'opening' | 'open' | 'ended';

/** Why a session ended. */
export interface SessionEnd {
  readonly reason: CloseReason;
  /** One sentence for the reader. */
  readonly message: string;
  readonly code?: ErrorCode;
}

/** What a session tells. */
export interface SessionObserver {
  /** The session is gone, other than by `close`. */
  ended?(end: SessionEnd): void;
}

/** Made by `Client.session`. */
export class Session {
  state: SessionState = 'unopened';
  /** Name on the wire; a new one for each life, so that an answer to an old life is known as such. */
  wireId: SessionId = identifier('s') as SessionId;
  token: SessionToken | undefined;
  /** What it has been prepared with in this life; whoever prepares it writes here. */
  readonly prepared = new Set<string>();
  #received = 0;
  #resetAt = -1;
  #acknowledged = 0;
  #unacknowledgedBytes = 0;
  #ackTimer: ReturnType<typeof setTimeout> | undefined;
  #observers = new Set<SessionObserver>();
  readonly #send: (message: ClientMessage) => boolean;

  constructor(
    readonly name: string,
    send: (message: ClientMessage) => boolean,
  ) {
    this.#send = send;
  }

  /** Adds an observer; the returned function removes it. */
  observe(observer: SessionObserver): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** Asks for the session, or for the rest of it after a lost connection. */
  open(): void {
    if (this.state === 'ended') this.#beginAnew();
    if (
      this.#send({
        type: 'open',
        session: this.wireId,
        ...(this.token !== undefined && { token: this.token, after: this.#received }),
      })
    ) {
      this.state = 'opening';
    }
  }

  /** Ends it and its process, if it is there; the next execution opens a new one under the same name. */
  close(): void {
    if (this.state === 'open' || this.state === 'opening') {
      this.#send({ type: 'close', session: this.wireId });
      this.end({ reason: 'closed', message: 'The session was closed.' });
    }
  }

  /** The server has it; so many messages before the next one could not be kept. */
  opened(token: SessionToken, missed: number): void {
    this.token = token;
    this.state = 'open';
    this.#received += missed;
  }

  /** What it takes to go on with it after the page is loaded again; undefined if there is nothing to go on with. */
  keep(): Omit<KeptSession, 'executions'> | undefined {
    if (this.token === undefined) return undefined;
    return { token: this.token, received: this.#received, prepared: [...this.prepared] };
  }

  /** Goes on with one that was kept, in the place of one that was never opened. */
  resume({ token, received, prepared }: KeptSession): void {
    this.token = token;
    this.state = 'opening';
    this.#received = received;
    this.#acknowledged = received;
    for (const text of prepared) this.prepared.add(text);
  }

  /** Notes a message of this session: `new`, `known` from before, or one that should not have come yet. */
  accept(seq: number, bytes: number): 'new' | 'known' | 'early' {
    if (seq <= this.#received) return 'known';
    if (seq > this.#received + 1) return 'early';
    this.#received = seq;
    this.#unacknowledgedBytes += bytes;
    if (this.#unacknowledgedBytes >= ACK_BYTES) this.#acknowledge();
    else
      this.#ackTimer ??= setTimeout(() => {
        this.#acknowledge();
      }, ACK_DELAY_MS);
    return 'new';
  }

  /** True the first time something is missing after what has been received: a new connection may bring it. */
  mayAskAgain(): boolean {
    const isFirst = this.#resetAt !== this.#received;
    this.#resetAt = this.#received;
    return isFirst;
  }

  /** The connection is gone; what was not acknowledged will be asked for again. */
  lostSight(): void {
    this.#stopAcknowledging();
    if (this.state !== 'open' && this.state !== 'opening') return;
    // Without a token nobody can come back to it: the next one is another.
    if (this.token === undefined) this.#beginAnew();
    else this.state = 'opening';
  }

  /** The session is gone. */
  end(end: SessionEnd): void {
    this.#stopAcknowledging();
    this.state = 'ended';
    this.token = undefined;
    this.prepared.clear();
    for (const observer of [...this.#observers]) observer.ended?.(end);
  }

  #beginAnew(): void {
    this.wireId = identifier('s') as SessionId;
    this.#received = 0;
    this.#resetAt = -1;
    this.#acknowledged = 0;
    this.prepared.clear();
    this.state = 'unopened';
  }

  #acknowledge(): void {
    this.#stopAcknowledging();
    if (this.#received === this.#acknowledged) return;
    if (this.#send({ type: 'ack', session: this.wireId, seq: this.#received })) {
      this.#acknowledged = this.#received;
    }
  }

  #stopAcknowledging(): void {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
    this.#unacknowledgedBytes = 0;
  }
}
