/** The way to a relay: a WebSocket where the network lets one through, else SockJS over plain HTTP. */
import { CLOSE, PROTOCOL_VERSION, type ClientMessage } from '../../relay/protocol/index.js';
import type { OpenSocket, Socket } from './socket.js';

/** A WebSocket that has neither opened nor failed after this long is held up by something in between, milliseconds. */
export const WEBSOCKET_PATIENCE_MS = 3_000;

/** Failures in a row after which a network that did let WebSockets through is taken to have changed, not the relay to be away. */
export const FAILURES_OF_A_GOOD_NETWORK = 3;

/** How long a network that blocks WebSockets is believed to go on so, milliseconds. */
export const BLOCKED_MS = 600_000;

/** When a WebSocket is tried again beside a working fallback: after this long, then after twice as long each time, milliseconds. */
export const RETRY_WEBSOCKET_MS = 60_000;

/** What a transport is made of; the defaults are the browser's. */
export interface TransportOptions {
  /** @default the global `WebSocket`; where there is none (Node before 22), or `undefined` is said, the fallback is all there is */
  readonly openWebSocket?: OpenSocket | undefined;
  /** Brings what opens sockets without WebSockets. @default the SockJS client, in a chunk of its own */
  readonly loadFallback?: () => Promise<OpenSocket>;
  /** Milliseconds of a clock that only goes forward. @default performance.now */
  readonly now?: () => number;
}

type Timer = ReturnType<typeof setTimeout>;

/** Remembers what the network lets through. One for each relay; holds nothing that needs closing. */
export class Transport {
  readonly #openWebSocket: OpenSocket | undefined;
  readonly #loadFallback: () => Promise<OpenSocket>;
  readonly #now: () => number;
  #hasWorked = false;
  #failures = 0;
  #blockedUntil = -Infinity;

  constructor(options: TransportOptions = {}) {
    if ('openWebSocket' in options) this.#openWebSocket = options.openWebSocket;
    else if (typeof WebSocket !== 'undefined') {
      this.#openWebSocket = (url) => new WebSocket(url) as unknown as Socket;
    }
    this.#loadFallback = options.loadFallback ?? (async () => (await import('./sockjs.js')).openSockJS);
    this.#now = options.now ?? (() => performance.now());
  }

  /** Opens a socket; which kind it is becomes clear meanwhile. @throws as the WebSocket's constructor does */
  readonly open: OpenSocket = (url) => new AdaptiveSocket(url, this);

  /** True while WebSockets need not be tried. */
  get isBlocked(): boolean {
    return this.#openWebSocket === undefined || this.#now() < this.#blockedUntil;
  }

  /** @returns undefined where there are none */
  openWebSocket(url: string): Socket | undefined {
    return this.#openWebSocket?.(url);
  }

  loadFallback(): Promise<OpenSocket> {
    return this.#loadFallback();
  }

  /** A message came over a WebSocket. */
  worked(): void {
    this.#hasWorked = true;
    this.#failures = 0;
    this.#blockedUntil = -Infinity;
  }

  /** A WebSocket brought nothing. Answers whether the network is to blame, not the relay. */
  failed(): boolean {
    this.#failures += 1;
    return !this.#hasWorked || this.#failures >= FAILURES_OF_A_GOOD_NETWORK;
  }

  /** The fallback works where a WebSocket did not. */
  fellBack(): void {
    this.#blockedUntil = this.#now() + BLOCKED_MS;
  }
}

/** First a WebSocket, then perhaps the fallback, to its owner one socket. */
class AdaptiveSocket implements Socket {
  onopen: Socket['onopen'] = null;
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  onerror: Socket['onerror'] = null;
  isSuperseded = false;
  readonly #url: string;
  readonly #transport: Transport;
  #inner: Socket | undefined;
  #isClosed = false;
  /** Over the WebSocket of this socket, while it is one. */
  #progress: 'none' | 'open' | 'heard' | 'fallback' = 'none';
  #timer: Timer | undefined;
  #probe: Socket | undefined;

  constructor(url: string, transport: Transport) {
    this.#url = url;
    this.#transport = transport;
    if (transport.isBlocked) this.#fallBack();
    else this.#tryWebSocket();
  }

  send(text: string): void {
    this.#inner?.send(text);
  }

  close(code?: number, reason?: string): void {
    if (this.#isClosed) return;
    // A proxy that lets the handshake through and nothing after it is noticed by its owner's impatience alone.
    if (this.#progress === 'open' && this.#timer === undefined) this.#blameNetwork();
    this.#end();
    this.#inner?.close(code, reason);
  }

  #tryWebSocket(): void {
    const socket = this.#transport.openWebSocket(this.#url);
    if (socket === undefined) return;
    this.#use(socket);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#progress === 'none' && this.#transport.failed()) this.#replace(socket);
    }, WEBSOCKET_PATIENCE_MS);
    socket.onopen = (event) => {
      this.#progress = 'open';
      this.onopen?.(event);
    };
    socket.onmessage = (event) => {
      if (this.#progress !== 'heard') this.#transport.worked();
      this.#progress = 'heard';
      this.onmessage?.(event);
    };
    socket.onclose = (event) => {
      if (this.#progress === 'none' && this.#transport.failed()) {
        this.#replace(socket);
        return;
      }
      if (this.#progress === 'open' && event.code === 1_006) this.#blameNetwork();
      this.#end();
      this.onclose?.(event);
    };
  }

  /** The next socket begins with the fallback, should that work. */
  #blameNetwork(): void {
    if (this.#transport.failed()) this.#transport.fellBack();
  }

  /** Gives the WebSocket up for the fallback. */
  #replace(socket: Socket): void {
    silence(socket);
    socket.close();
    this.#inner = undefined;
    this.#fallBack();
  }

  #fallBack(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#progress = 'fallback';
    this.#transport.loadFallback().then(
      (open) => {
        if (!this.#isClosed) this.#useFallback(open(this.#url));
      },
      () => {
        this.#fail();
      },
    );
  }

  #useFallback(socket: Socket): void {
    this.#use(socket);
    socket.onopen = (event) => {
      this.#transport.fellBack();
      this.#probeLater(RETRY_WEBSOCKET_MS);
      this.onopen?.(event);
    };
    socket.onmessage = (event) => this.onmessage?.(event);
    socket.onclose = (event) => {
      this.#end();
      this.onclose?.(event);
    };
  }

  #use(socket: Socket): void {
    this.#inner = socket;
    socket.onerror = (event) => this.onerror?.(event);
  }

  #fail(): void {
    if (this.#isClosed) return;
    this.#end();
    this.onclose?.({ code: 1_006, reason: '' });
  }

  /** Looks from time to time whether a WebSocket has become possible. */
  #probeLater(waitMs: number): void {
    this.#timer = setTimeout(() => {
      this.#endProbe();
      this.#probeWebSocket();
      this.#probeLater(Math.min(BLOCKED_MS, 2 * waitMs));
    }, waitMs);
  }

  #probeWebSocket(): void {
    const probe = this.#transport.openWebSocket(this.#url);
    if (probe === undefined) return;
    this.#probe = probe;
    probe.onopen = () => {
      probe.send(JSON.stringify({ type: 'hello', version: PROTOCOL_VERSION } satisfies ClientMessage));
    };
    probe.onmessage = () => {
      this.#transport.worked();
      this.isSuperseded = true;
      clearTimeout(this.#timer);
      this.#endProbe();
    };
    probe.onerror = () => undefined;
  }

  #endProbe(): void {
    if (this.#probe === undefined) return;
    silence(this.#probe);
    this.#probe.close(CLOSE.NORMAL);
    this.#probe = undefined;
  }

  #end(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#endProbe();
  }
}

/** Nothing more is wanted of a socket; `ws` throws an error event that nobody listens to. */
function silence(socket: Socket): void {
  socket.onopen = null;
  socket.onmessage = null;
  socket.onclose = null;
  socket.onerror = () => undefined;
}
