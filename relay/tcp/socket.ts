/** One TCP or TLS connection to a client: ordered sends that are never dropped, and an end for clients that stop reading. */
import type { Socket } from 'node:net';
import { CLOSE, MAX_FRAME_BYTES, type CloseCode, type ServerMessage } from '../protocol/index.js';
import type { ClientSocket } from '../sessions/conversation.js';

/** Bytes handed to the system beyond which output waits here. */
const HIGH_WATER_BYTES = 262_144;

/** A client that took nothing for this long while output waits is gone or hostile. */
export const STALL_TIMEOUT_MS = 30_000;

/** Most that may wait for one client, UTF-16 code units: sessions hold their output back in the bridge, this is the rest. */
const MAX_QUEUED_LENGTH = 2 * MAX_FRAME_BYTES;

/** How long a closed connection may take to deliver its last words. */
const LAST_WORDS_MS = 2_000;

/** From the accepted connection to its close. */
export class TcpSocket implements ClientSocket {
  readonly transport = 'tcp';
  readonly #socket: Socket;
  #queue: string[] = [];
  #queuedLength = 0;
  #isFlushing = false;
  #isOpen = true;
  #lastSentAt = performance.now();
  #lastProgressAt = performance.now();

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('drain', () => {
      this.#lastProgressAt = performance.now();
      this.#flush();
    });
  }

  /** Milliseconds since something was sent. */
  get silentMs(): number {
    return performance.now() - this.#lastSentAt;
  }

  /** True when output waits and the client has taken nothing of it for too long. */
  get isStalled(): boolean {
    return this.#queue.length > 0 && performance.now() - this.#lastProgressAt > STALL_TIMEOUT_MS;
  }

  send(text: string): void {
    if (!this.#isOpen) return;
    if (this.#queue.length === 0) this.#lastProgressAt = performance.now();
    this.#queue.push(text);
    this.#queuedLength += text.length;
    if (this.#queuedLength > MAX_QUEUED_LENGTH) {
      this.close(CLOSE.SLOW_CONSUMER, 'too much output waits');
      return;
    }
    if (this.#isFlushing) return;
    // Everything that one event brings leaves in one write.
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
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
      this.#queue.push(JSON.stringify(farewell));
    }
    this.#flush(Infinity);
    this.closed();
    this.#socket.end();
    this.#socket.setTimeout(LAST_WORDS_MS, () => this.#socket.destroy());
  }

  /** The connection is gone. */
  closed(): void {
    this.#isOpen = false;
    this.#queue = [];
    this.#queuedLength = 0;
  }

  #flush(highWater = HIGH_WATER_BYTES): void {
    if (!this.#isOpen || this.#queue.length === 0) return;
    let sent = 0;
    let room = highWater - this.#socket.writableLength;
    for (const text of this.#queue) {
      if (room <= 0) break;
      room -= text.length;
      sent += 1;
    }
    if (sent === 0) return;
    const texts = this.#queue.splice(0, sent);
    for (const text of texts) this.#queuedLength -= text.length;
    this.#lastSentAt = performance.now();
    this.#socket.write(`${texts.join('\n')}\n`);
  }
}
