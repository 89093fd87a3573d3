/** One TCP or TLS connection to a client: ordered sends that are never dropped, and an end for clients that stop reading. */
import type { Socket } from 'node:net';
import { CLOSE, type CloseCode, type ServerMessage } from '../protocol/index.js';
import type { ClientSocket } from '../sessions/conversation.js';
import { Outbox, type OutboxWatcher } from '../sessions/outbox.js';

/** How long a closed connection may take to deliver its last words. */
const LAST_WORDS_MS = 2_000;

/** From the accepted connection to its close. */
export class TcpSocket implements ClientSocket {
  readonly transport = 'tcp';
  readonly #socket: Socket;
  readonly #outbox: Outbox;
  #isOpen = true;
  #lastSentAt = performance.now();

  constructor(socket: Socket, watcher: OutboxWatcher) {
    this.#socket = socket;
    this.#outbox = new Outbox(watcher);
    socket.on('drain', () => {
      this.#outbox.progressed();
      this.#flush();
    });
  }

  /** Milliseconds since something was sent. */
  get silentMs(): number {
    return performance.now() - this.#lastSentAt;
  }

  /** True when output waits and the client has taken nothing of it for too long. */
  get isStalled(): boolean {
    return this.#outbox.isStalled;
  }

  send(text: string, isUrgent = false): void {
    if (!this.#isOpen) return;
    if (!this.#outbox.push(text, isUrgent)) {
      this.close(CLOSE.SLOW_CONSUMER, 'too much output waits');
      return;
    }
    this.#outbox.soon(() => {
      this.#flush();
    });
  }

  close(code: CloseCode, reason: string): void {
    if (!this.#isOpen) return;
    if (code === CLOSE.SLOW_CONSUMER) {
      this.closed();
      this.#socket.destroy();
      return;
    }
    // There are no close codes here; what else ends a connection was told by an `error` before.
    if (code === CLOSE.DRAINING) {
      const farewell: ServerMessage = {
        type: 'error',
        code: 'draining',
        message: `Connect again: ${reason}.`,
      };
      this.#outbox.push(JSON.stringify(farewell), false);
    }
    this.#flush(Infinity);
    this.closed();
    this.#socket.end();
    this.#socket.setTimeout(LAST_WORDS_MS, () => this.#socket.destroy());
  }

  /** The connection is gone. */
  closed(): void {
    this.#isOpen = false;
    this.#outbox.clear();
  }

  #flush(highWater?: number): void {
    while (this.#isOpen) {
      const texts: string[] = [];
      const lines = {
        buffered: this.#socket.writableLength,
        put(text: string): void {
          texts.push(text);
          this.buffered += text.length;
        },
      };
      this.#outbox.flush(lines, highWater);
      if (texts.length === 0) return;
      this.#lastSentAt = performance.now();
      this.#socket.write(`${texts.join('\n')}\n`);
      // When the kernel has taken all of it at once, no `drain` follows.
      if (this.#socket.writableNeedDrain) return;
    }
  }
}
