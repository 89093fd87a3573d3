/** One WebSocket to a client: ordered sends that are never dropped, and an end for clients that stop reading. */
import type { WebSocket } from 'uWebSockets.js';
import { CLOSE } from '../protocol/index.js';
import type { ClientSocket } from '../sessions/conversation.js';
import { Outbox, type OutboxTransport, type OutboxWatcher } from '../sessions/outbox.js';

/** Wraps one uWebSockets.js socket from its open to its close. */
export class WsSocket<Data> implements ClientSocket, OutboxTransport {
  readonly transport = 'websocket';
  readonly #ws: WebSocket<Data>;
  readonly #watcher: OutboxWatcher;
  /** Only while something waits, or the client is behind: most connections are idle. */
  #outbox: Outbox | undefined;
  #isOpen = true;
  #lastSentAt = performance.now();

  constructor(ws: WebSocket<Data>, watcher: OutboxWatcher) {
    this.#ws = ws;
    this.#watcher = watcher;
  }

  /** Milliseconds since something was sent. */
  get silentMs(): number {
    return performance.now() - this.#lastSentAt;
  }

  /** True when output waits and the client has taken nothing of it for too long. */
  get isStalled(): boolean {
    return this.#outbox?.isStalled === true;
  }

  send(text: string, isUrgent = false): void {
    if (!this.#isOpen) return;
    this.#outbox ??= new Outbox(this.#watcher);
    if (!this.#outbox.push(text, isUrgent)) {
      this.close(CLOSE.SLOW_CONSUMER, 'too much output waits');
      return;
    }
    this.#outbox.soon(() => {
      this.#flush();
    });
  }

  /** The client has taken what was buffered. */
  drained(): void {
    this.#outbox?.progressed();
    this.#flush();
  }

  close(code: number, reason: string): void {
    if (!this.#isOpen) return;
    // What was said before the close, an error above all, must still arrive.
    this.#flush();
    this.closed();
    if (code === CLOSE.SLOW_CONSUMER) this.#ws.close();
    else this.#ws.end(code, reason);
  }

  /** Ends the connection without a word. */
  cut(): void {
    if (!this.#isOpen) return;
    this.closed();
    this.#ws.close();
  }

  /** The socket is gone: uWebSockets.js allows no further call. */
  closed(): void {
    this.#isOpen = false;
    this.#outbox?.clear();
    this.#outbox = undefined;
  }

  /** For the outbox: below the high-water mark a text is taken by the kernel or buffered, never dropped. */
  put(text: string): void {
    this.#ws.send(text, false, false);
  }

  get buffered(): number {
    return this.#ws.getBufferedAmount();
  }

  #flush(): void {
    const outbox = this.#outbox;
    if (!this.#isOpen || outbox === undefined) return;
    this.#ws.cork(() => {
      const sent = outbox.flush(this);
      if (sent > 0) this.#lastSentAt = performance.now();
      if (outbox.isIdle) this.#outbox = undefined;
    });
  }
}
