/** One client that comes with many requests: its queue, the request that waits for frames, and its end. */
import type { Visit } from '../admission/visit.js';
import { CLOSE } from '../protocol/index.js';
import type { ClientSocket, Conversation, Converse } from '../sessions/conversation.js';
import { HIGH_WATER_BYTES, LOW_WATER_BYTES, MAX_QUEUED_LENGTH } from '../sessions/outbox.js';
import { closeFrame, HEARTBEAT_FRAME, messageFrame, OPEN_FRAME } from './frames.js';
import type { Receiver, ReceiverOwner } from './receiver.js';

/** Messages that go into one frame are joined up to this length, UTF-16 code units: then a page has it in reasonable time. */
const MAX_JOINED_LENGTH = 131_072;

/** What an empty message costs in the queue, UTF-16 code units. */
const MESSAGE_OVERHEAD = 64;

/** A client this slow, bytes per second, is still given the time to take an answer before its next request is missed. */
const SLOWEST_BYTES_PER_S = 4_096;

/** Longest extra time that such a client gets. */
const MAX_EXTRA_MS = 60_000;

/** Codes of the protocol for ends that nobody asked for. */
const INTERRUPTED = { code: 1_002, reason: 'Connection interrupted' } as const;
const ANOTHER_OPEN = { code: 2_010, reason: 'Another connection still open' } as const;

/** How a session lives. */
export interface SessionOptions {
  readonly converse: Converse;
  /** Names the session in logs. It is not the name that clients use, which is a secret. */
  readonly logId: string;
  readonly visit: Visit;
  /** How long it lives without a request that waits for frames, milliseconds; and its end is told for as long. */
  readonly disconnectMs: number;
  /** Called once, when nothing of it is left. */
  onGone(): void;
}

/** From its first request until a while after its end. */
export class SockJsSession implements ClientSocket, ReceiverOwner {
  readonly transport = 'sockjs';
  /** The page that opened it, '' while no request has said. */
  origin = '';
  readonly #options: SessionOptions;
  #conversation: Conversation | undefined;
  #receiver: Receiver | undefined;
  #queue: string[] = [];
  #queuedLength = 0;
  /** How many at the head of the queue are urgent. */
  #urgent = 0;
  #isBehind = false;
  /** What is said after the queue; set when the session ends. */
  #farewell: string | undefined;
  #isGone = false;
  #isFlushing = false;
  #timer: NodeJS.Timeout | undefined;
  #lastSentAt = performance.now();

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** False once its end was decided. */
  get isOpen(): boolean {
    return this.#farewell === undefined;
  }

  /** Gives the session a request to answer. */
  attach(receiver: Receiver): void {
    if (this.#receiver !== undefined) {
      receiver.send(closeFrame(ANOTHER_OPEN.code, ANOTHER_OPEN.reason));
      receiver.end();
      return;
    }
    if (this.isOpen) clearTimeout(this.#timer);
    this.#receiver = receiver;
    receiver.bind(this);
    if (this.#conversation === undefined) {
      this.#write(OPEN_FRAME);
      this.#conversation = this.#options.converse(this, this.#options.logId, this.#options.visit);
      if (!this.isOpen) this.#conversation.closed();
    }
    this.#flush();
  }

  /** Hands over what the client said. @param maxBytes longest message taken, bytes of UTF-8 */
  receive(texts: readonly string[], maxBytes: number): void {
    for (const text of texts) {
      if (!this.isOpen) return;
      // A code unit is at least a byte, and at most three.
      if (text.length > maxBytes / 3 && Buffer.byteLength(text) > maxBytes) {
        this.#conversation?.receiveTooLarge(text.slice(0, 1_024));
      } else this.#conversation?.receive(text);
    }
  }

  /** A `receive` threw. */
  failed(): void {
    this.#conversation?.failed();
  }

  send(text: string, isUrgent = false): void {
    if (!this.isOpen) return;
    if (isUrgent) this.#queue.splice(this.#urgent++, 0, text);
    else this.#queue.push(text);
    this.#wait(text.length + MESSAGE_OVERHEAD);
    if (!this.#isBehind && this.#queuedLength > HIGH_WATER_BYTES) this.#setBehind(true);
    if (this.#queuedLength > MAX_QUEUED_LENGTH) {
      this.#forget();
      this.close(CLOSE.SLOW_CONSUMER, 'too much output waits');
      this.#conversation?.closed();
      return;
    }
    if (this.#isFlushing || this.#receiver === undefined) return;
    // Everything that one event brings leaves in one frame.
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  /** What was said before still arrives, then the close frame, for as long as clients ask. */
  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.#farewell = closeFrame(code, reason);
    this.#leaveAfter(this.#options.disconnectMs);
    this.#flush();
  }

  /** Says that the session lives if nothing else was said for `ms`. */
  beat(ms: number): void {
    if (this.isOpen && this.#receiver && performance.now() - this.#lastSentAt > ms)
      this.#write(HEARTBEAT_FRAME);
  }

  /** Ends without a word. Idempotent. */
  cut(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    clearTimeout(this.#timer);
    this.#farewell ??= closeFrame(INTERRUPTED.code, INTERRUPTED.reason);
    this.#forget();
    this.#receiver?.abort();
    this.#receiver = undefined;
    this.#conversation?.closed();
    this.#options.onGone();
  }

  ended(receiver: Receiver, bytes: number): void {
    if (receiver !== this.#receiver) return;
    this.#receiver = undefined;
    if (!this.isOpen && this.#queue.length === 0) return;
    this.#leaveAfter(
      this.#options.disconnectMs + Math.min(MAX_EXTRA_MS, (bytes / SLOWEST_BYTES_PER_S) * 1_000),
    );
  }

  lost(receiver: Receiver): void {
    if (receiver !== this.#receiver) return;
    this.#receiver = undefined;
    // Nobody knows what of the last frames arrived: this can't go on as if nothing had happened.
    this.#forget();
    this.close(INTERRUPTED.code, INTERRUPTED.reason);
    this.#conversation?.closed();
  }

  /** So much more, or less, waits. */
  #wait(length: number): void {
    this.#queuedLength += length;
    this.#options.visit.queued(length);
  }

  #forget(): void {
    this.#queue = [];
    this.#urgent = 0;
    this.#wait(-this.#queuedLength);
  }

  #setBehind(isBehind: boolean): void {
    this.#isBehind = isBehind;
    this.#conversation?.hold(isBehind);
  }

  #leaveAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.cut();
    }, ms);
  }

  #write(frame: string): void {
    this.#lastSentAt = performance.now();
    this.#receiver?.send(frame);
  }

  #flush(): void {
    while (this.#receiver?.isOpen === true && this.#queue.length > 0) {
      let count = 0;
      let length = 0;
      for (const text of this.#queue) {
        if (count > 0 && length + text.length > MAX_JOINED_LENGTH) break;
        length += text.length;
        count += 1;
      }
      this.#wait(-length - count * MESSAGE_OVERHEAD);
      this.#urgent = Math.max(0, this.#urgent - count);
      this.#write(messageFrame(this.#queue.splice(0, count)));
    }
    if (this.#isBehind && this.#queuedLength <= LOW_WATER_BYTES) this.#setBehind(false);
    if (this.#farewell === undefined || this.#queue.length > 0) return;
    const receiver = this.#receiver;
    if (receiver === undefined) return;
    this.#write(this.#farewell);
    receiver.end();
  }
}
