/** One HTTP request that takes a session's frames: it ends after one of them, or streams up to a limit. */
import type { Exchange, Headers } from '../http/respond.js';
import type { ReceivingTransport } from './transports.js';

/** Told what becomes of a receiver. */
export interface ReceiverOwner {
  /** It can take no more; the client is expected to come with another. `bytes` may be on their way still. */
  ended(receiver: Receiver, bytes: number): void;
  /** The client went away: what was sent may have been lost. */
  lost(receiver: Receiver): void;
}

/** Takes frames until it ends. */
export class Receiver {
  readonly #exchange: Exchange;
  readonly #transport: ReceivingTransport;
  readonly #headers: Headers;
  readonly #limit: number;
  #owner: ReceiverOwner | undefined;
  #state: 'fresh' | 'streaming' | 'ended' = 'fresh';
  #sentBytes = 0;

  /**
   * Must be made within the route's callback.
   * @param headers sent besides the transport's own
   * @param limit bytes of frames after which a streaming answer ends
   */
  constructor(exchange: Exchange, transport: ReceivingTransport, headers: Headers, limit: number) {
    this.#exchange = exchange;
    this.#transport = transport;
    this.#headers = [['Content-Type', transport.contentType], ...headers];
    this.#limit = limit;
    exchange.onAborted(() => {
      if (this.#state === 'ended') return;
      this.#state = 'ended';
      this.#owner?.lost(this);
    });
  }

  /** True while frames can be sent. */
  get isOpen(): boolean {
    return this.#state !== 'ended' && this.#exchange.isOpen;
  }

  /** Begins the answer and to tell `owner` what happens. A receiver has one owner at most. */
  bind(owner: ReceiverOwner): void {
    this.#owner = owner;
    this.#begin();
  }

  /** Sends a frame, unless the receiver has ended. */
  send(frame: string): void {
    if (!this.isOpen) return;
    const chunk = this.#transport.wrap(frame);
    this.#sentBytes += Buffer.byteLength(chunk);
    if (!this.#transport.isStreaming) {
      this.#state = 'ended';
      this.#exchange.reply('200 OK', this.#headers, chunk);
      this.#owner?.ended(this, this.#sentBytes);
      return;
    }
    this.#begin();
    this.#exchange.write(chunk);
    if (this.#sentBytes >= this.#limit) this.end();
  }

  /** Ends the answer. Idempotent; one that has sent nothing must not be ended so. */
  end(): void {
    if (this.#state !== 'streaming') return;
    this.#state = 'ended';
    this.#exchange.end();
    this.#owner?.ended(this, this.#sentBytes);
  }

  /** Cuts the connection. Its owner is told nothing. Idempotent. */
  abort(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#exchange.abort();
  }

  /** Streams begin before there is anything to say: proxies and browsers wait for headers. */
  #begin(): void {
    const { isStreaming, prelude } = this.#transport;
    if (!isStreaming || this.#state !== 'fresh') return;
    this.#state = 'streaming';
    this.#exchange.stream('200 OK', this.#headers, () => this.end());
    this.#exchange.write(prelude);
  }
}
