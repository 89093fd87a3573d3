/** One WebSocket to a relay that comes back when it drops: hello, heartbeat, back-off, meaning of a close. */
import {
  CLOSE,
  HEARTBEAT_MS,
  PROTOCOL_VERSION,
  classifyClose,
  parseServerMessage,
  type ClientMessage,
  type ServerMessage,
} from '../../relay/protocol/index.js';
import { backoffMs } from './backoff.js';
import { Pulse } from './pulse.js';
import type { OpenSocket, Socket } from './socket.js';
import { Transport } from './transport.js';

/** A connection that lived this long was good: the next loss starts the back-off anew, milliseconds. */
export const STABLE_MS = 5_000;

/**
 * Failures that count against a relay which has answered: it is there, so the next wait is two seconds at most, however
 * many connections broke before.
 */
const FAILURES_AFTER_WELCOME = 3;

/** How often a connection looks at the clock, milliseconds… */
export const CLOCK_MS = 2_000;

/** …and how late it must be to have slept: then the network of before may be gone, milliseconds. */
const SLEPT_MS = 3_000;

/** What a connection tells its owner, and asks it. */
export interface ConnectionOwner {
  /** The socket is open and `hello` is on its way: say what is to be said; nothing from before will arrive. */
  connected(): void;
  /** The relay answered `hello`. */
  welcomed(message: Extract<ServerMessage, { type: 'welcome' }>): void;
  /** One message came, `bytes` long (UTF-16 units, close enough for bookkeeping). */
  received(message: ServerMessage, bytes: number): void;
  /** The socket is gone. Answers whether anything is worth coming back for. */
  disconnected(): boolean;
  /** True if a moment without a connection would go unnoticed. */
  isIdle(): boolean;
  /** The relay refuses this client; it is not tried again unless `connect` is called. */
  refused(code: number, reason: string): void;
}

/** A key, or what brings one. */
export type EmbedKeySource = string | (() => string | Promise<string>);

/** How a connection meets the world; the defaults are the browser's. */
export interface ConnectionOptions {
  /** @default a WebSocket, or SockJS where networks let none through: see `Transport` */
  readonly openSocket?: OpenSocket;
  /** @default Math.random */
  readonly random?: () => number;
  /** Name and version for the relay's logs. @default 'sage-embed' */
  readonly clientName?: string;
  /**
   * Embed key, or a function that brings a token signed for one. The function is asked at each connecting, so that a
   * token that ends soon is replaced; when it fails, the connection has failed and is tried again.
   */
  readonly key?: EmbedKeySource;
  /** Silence after which the relay is asked whether it lives, milliseconds. @default what the relay says, 25 s at most */
  readonly heartbeatMs?: number;
  /** How long a server that never answered is tried, milliseconds. @default 30 s */
  readonly unreachableMs?: number;
}

type State = 'idle' | 'connecting' | 'open' | 'waiting';
type Timer = ReturnType<typeof setTimeout>;

/** Opens nothing before `connect`; `close` ends it and its timers for good. */
export class Connection {
  #state: State = 'idle';
  #socket: Socket | undefined;
  #attempt = 0;
  #retryTimer: Timer | undefined;
  #stableTimer: Timer | undefined;
  #clock: ReturnType<typeof setInterval> | undefined;
  readonly #pulse = new Pulse({
    ping: () => {
      this.send({ type: 'ping' });
    },
    lost: () => {
      this.#lost();
    },
    mayGo: () => this.#socket?.isSuperseded === true && this.owner.isIdle(),
  });
  readonly #openSocket: OpenSocket;
  readonly #random: () => number;
  readonly #clientName: string;
  readonly #heartbeatMs: number;
  readonly #key: EmbedKeySource | undefined;

  constructor(
    readonly url: string,
    readonly owner: ConnectionOwner,
    options: ConnectionOptions = {},
  ) {
    this.#openSocket = options.openSocket ?? new Transport().open;
    this.#random = options.random ?? Math.random;
    this.#clientName = options.clientName ?? 'sage-embed';
    this.#key = options.key;
    this.#heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS;
  }

  /** True while messages can be sent. */
  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Connects unless that is under way; a pending back-off is left to run. */
  connect(): void {
    if (this.#state === 'idle') this.#open();
  }

  /** Sends a message and says whether there was a socket to send it on. */
  send(message: ClientMessage): boolean {
    if (this.#state !== 'open' || this.#socket === undefined) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Finds out at once whether the connection lives, for instance when the network came back. */
  probe(): void {
    if (this.#state === 'waiting') this.#open();
    else if (this.#state === 'open') this.#pulse.probe();
  }

  /** Gives the present socket up, as if the network had: something was lost on it. */
  reset(): void {
    if (this.#state === 'open') this.#lost();
  }

  /** Ends the connection; `connect` may begin a new one. */
  close(): void {
    const socket = this.#detach();
    this.#rest();
    socket?.close(CLOSE.NORMAL);
  }

  #open(): void {
    clearTimeout(this.#retryTimer);
    this.#state = 'connecting';
    this.#watchClock();
    let socket: Socket;
    try {
      socket = this.#openSocket(this.url);
    } catch {
      // A browser throws for an address it will not even try (mixed content, a bad port).
      this.#rest();
      this.owner.refused(0, '');
      return;
    }
    this.#socket = socket;
    this.#pulse.await();
    socket.onopen = () => {
      if (typeof this.#key !== 'function') this.#greet(this.#key);
      else void this.#greetLater(socket, this.#key);
    };
    socket.onmessage = (event) => {
      this.#receive(event.data);
    };
    socket.onclose = (event) => {
      this.#closed(event.code, event.reason);
    };
    // An error is always followed by a close, which tells more.
    socket.onerror = () => undefined;
  }

  #greet(key: string | undefined): void {
    this.#state = 'open';
    this.send({
      type: 'hello',
      version: PROTOCOL_VERSION,
      client: this.#clientName,
      ...(key !== undefined && { key }),
    });
    this.owner.connected();
  }

  async #greetLater(socket: Socket, source: () => string | Promise<string>): Promise<void> {
    let key: string;
    try {
      key = await source();
    } catch (error) {
      console.warn(`sage-embed: there is no key: ${String(error)}`);
      if (this.#socket === socket) this.#lost();
      return;
    }
    if (this.#socket === socket) this.#greet(key);
  }

  #receive(data: unknown): void {
    this.#pulse.heard();
    if (typeof data !== 'string') return;
    const parsed = parseServerMessage(data);
    if (!parsed.ok) {
      // A newer relay may say what this client does not know yet; that must not break what it does know.
      console.warn(`sage-embed: ignored a message of the server: ${parsed.problem.message}`);
      return;
    }
    const { message } = parsed;
    if (message.type === 'welcome') this.#welcome(message);
    this.owner.received(message, data.length);
  }

  #welcome(message: Extract<ServerMessage, { type: 'welcome' }>): void {
    this.#attempt = Math.min(this.#attempt, FAILURES_AFTER_WELCOME);
    this.#pulse.begin(Math.min(message.heartbeatMs, this.#heartbeatMs));
    this.#stableTimer = setTimeout(() => {
      this.#attempt = 0;
    }, STABLE_MS);
    this.owner.welcomed(message);
  }

  #rest(): void {
    this.#state = 'idle';
    this.#attempt = 0;
    clearInterval(this.#clock);
    this.#clock = undefined;
  }

  // A machine that sleeps tells no page; its clock does, afterwards.
  #watchClock(): void {
    let lookedAt = Date.now();
    this.#clock ??= setInterval(() => {
      const now = Date.now();
      if (now - lookedAt > CLOCK_MS + SLEPT_MS) this.probe();
      lookedAt = now;
    }, CLOCK_MS);
  }

  #lost(): void {
    this.#socket?.close();
    this.#closed(1_006, '');
  }

  #closed(code: number, reason: string): void {
    this.#detach();
    if (classifyClose(code) === 'terminal') {
      this.#rest();
      this.owner.refused(code, reason);
      return;
    }
    this.#state = 'waiting';
    // A relay that takes its leave is no failure: another one is there already.
    if (code === CLOSE.DRAINING) this.#attempt = 0;
    if (!this.owner.disconnected()) {
      this.#rest();
      return;
    }
    // The owner may have closed the connection from within; then there is nothing to come back to.
    if (!this.#isWaiting()) return;
    const wait = backoffMs(this.#attempt, this.#random());
    this.#attempt += 1;
    this.#retryTimer = setTimeout(() => {
      this.#open();
    }, wait);
  }

  #isWaiting(): boolean {
    return this.#state === 'waiting';
  }

  #detach(): Socket | undefined {
    const socket = this.#socket;
    if (socket !== undefined) {
      socket.onopen = null;
      socket.onmessage = null;
      socket.onclose = null;
      // `ws` throws an error event that nobody listens to.
      socket.onerror = () => undefined;
    }
    this.#socket = undefined;
    this.#pulse.stop();
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#stableTimer);
    return socket;
  }
}
