/** One WebSocket to a client: ordered sends that are never dropped, and an end for clients that stop reading. */
import type { WebSocket } from 'uWebSockets.js';
import { CLOSE, MAX_FRAME_BYTES } from '../protocol/index.js';
import type { ClientSocket } from '../sessions/conversation.js';

/**
 * Bytes handed to uWebSockets.js beyond which output waits here: it drops what exceeds its own bound silently.
 * Sessions of a client that is behind stop by themselves: it acknowledges nothing, and the bridge holds them back.
 */
const HIGH_WATER_BYTES = 262_144;

/** A client that took nothing for this long while output waits is gone or hostile. */
export const STALL_TIMEOUT_MS = 30_000;

/** Most that may wait for one client, UTF-16 code units: sessions hold their output back in the bridge, this is the rest. */
export const MAX_QUEUED_LENGTH = 2 * MAX_FRAME_BYTES;

/** Wraps one uWebSockets.js socket from its open to its close. */
export class WsSocket<Data> implements ClientSocket {
  readonly transport = 'websocket';
  readonly #ws: WebSocket<Data>;
  #queue: string[] = [];
  #queuedLength = 0;
  #isFlushing = false;
  #isOpen = true;
  #lastSentAt = performance.now();
  /** When the client last took something while output waited. */
  #lastProgressAt = performance.now();

  constructor(ws: WebSocket<Data>) {
    this.#ws = ws;
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

  /** The client has taken what was buffered. */
  drained(): void {
    this.#lastProgressAt = performance.now();
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
    this.#queue = [];
    this.#queuedLength = 0;
  }

  #flush(): void {
    if (!this.#isOpen || this.#queue.length === 0) return;
    const ws = this.#ws;
    ws.cork(() => {
      let sent = 0;
      for (const text of this.#queue) {
        // Below the high-water mark a send is taken by the kernel or buffered, never dropped.
        if (ws.getBufferedAmount() >= HIGH_WATER_BYTES) break;
        ws.send(text, false, false);
        this.#queuedLength -= text.length;
        sent += 1;
      }
      if (sent === 0) return;
      // An array that was emptied whole gives its memory back; one that was spliced does not.
      if (sent === this.#queue.length) this.#queue.length = 0;
      else this.#queue.splice(0, sent);
      this.#lastSentAt = performance.now();
    });
  }
}
