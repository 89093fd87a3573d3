/** One authenticated connection to one bridge, made anew whenever it breaks. */
import type { Socket } from 'node:net';
import {
  assertNever,
  parseBridgeEvent,
  PROTOCOL_VERSION,
  type BridgeCommand,
  type BridgeEvent,
  type OfType,
  type RequestId,
  type SessionId,
  type WorkerCounts,
} from '../protocol/index.js';
import type { Log } from '../observe/log.js';
import { bridgeIdOf, dial, type BridgeAddress, type BridgeTls } from './address.js';
import { backoffMs } from './backoff.js';
import type {
  Bridge,
  BridgeAnswer,
  BridgeFacts,
  BridgeQuestion,
  SessionCommand,
  SessionListener,
} from './bridge.js';
import { encodeJson, FrameDecoder, FramingError } from './framing.js';
import { LatencyMeter } from './latency.js';

/** Reconnect quickly: a bridge is near, and readers wait for it. */
const RECONNECT = { baseMs: 50, capMs: 2_000 };

/** How long a bridge may take from connecting to `ready`. */
const READY_TIMEOUT_MS = 5_000;

/** A link that was silent this long is asked… */
const PING_AFTER_MS = 2_000;
/** …and given up when it stays silent this long: half-open connections and stopped processes tell nothing by themselves. */
const SILENT_TIMEOUT_MS = 8_000;
/** Longest time for one message to arrive whole: bytes that never make one are no sign of life. */
const FRAME_TIMEOUT_MS = 30_000;
/** How often a link is looked at. */
const WATCH_MS = 1_000;

/** Name of a ping among what is waited for; no session has it, since theirs are longer. */
const PING = 'ping';

/** How long a count of workers may take: whoever reads it would rather have the one before. */
const COUNT_TIMEOUT_MS = 500;

/** Bytes that may wait for a bridge that doesn't read; beyond it commands are refused instead of piling up. */
const MAX_BACKLOG_BYTES = 16_777_216;

/** Questions that may wait for an answer at a time. */
const MAX_QUESTIONS = 1_024;

/** What a link needs. */
export interface BridgeLinkOptions {
  readonly address: BridgeAddress;
  /** Shared token of the bridge. */
  readonly token: string;
  /** For addresses of kind `tls`. @default the certificate authorities Node trusts, no certificate of its own */
  readonly tls?: BridgeTls;
  readonly log: Log;
  /** Name in session tokens. @default `bridgeIdOf(address)` */
  readonly id?: string;
  /** Called whenever the bridge has become able to take commands… */
  readonly onReady?: () => void;
  /** …and whenever it can't any more, other than by `close`. */
  readonly onLost?: (bridge: Bridge) => void;
}

interface Connection {
  readonly socket: Socket;
  readonly decoder: FrameDecoder;
  /** When the last bytes came… */
  lastHeardAt: number;
  /** …and the last whole message. */
  lastFrameAt: number;
}

/**
 * A `Bridge` over a Unix or TCP socket. Connects at once and reconnects until `close`.
 * A wrong token is logged and tried again like any failure: the operator may correct it at the other end.
 */
export class BridgeLink implements Bridge {
  readonly id: string;
  readonly #options: BridgeLinkOptions;
  readonly #log: Log;
  readonly #listeners = new Map<SessionId, SessionListener>();
  readonly #questions = new Map<string, (answer: BridgeAnswer) => void>();
  readonly #latency = new LatencyMeter();
  /** Who waits for the answer to the ping of that number. */
  readonly #counting = new Map<number, () => void>();
  #connection: Connection | undefined;
  #facts: BridgeFacts | undefined;
  #failures = 0;
  #asked = 0;
  #workers: WorkerCounts | undefined;
  #closed = false;
  #retry: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(options: BridgeLinkOptions) {
    this.#options = options;
    this.id = options.id ?? bridgeIdOf(options.address);
    this.#log = options.log.child({ bridge: this.id });
    this.#connect();
  }

  get facts(): BridgeFacts | undefined {
    return this.#facts;
  }

  get load(): number {
    return this.#listeners.size;
  }

  get latencyMs(): number {
    return this.#latency.ms;
  }

  get workers(): WorkerCounts | undefined {
    return this.#workers;
  }

  count(): Promise<WorkerCounts | undefined> {
    const nonce = (this.#asked += 1);
    if (this.#facts === undefined || !this.#write({ type: 'ping', nonce })) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const end = (counts: WorkerCounts | undefined): void => {
        clearTimeout(timer);
        this.#counting.delete(nonce);
        resolve(counts);
      };
      const timer = setTimeout(() => end(undefined), COUNT_TIMEOUT_MS);
      this.#counting.set(nonce, () => end(this.#workers));
    });
  }

  send(command: SessionCommand): boolean {
    if (this.#facts === undefined || !this.#write(command)) return false;
    // What runs in an open session waits for what runs before it: that tells nothing of the bridge.
    const isMeasured =
      command.type === 'open' ||
      command.type === 'attach' ||
      (command.type === 'execute' && command.stateless === true);
    if (isMeasured) this.#latency.asked(command.session);
    return true;
  }

  ask(question: BridgeQuestion, answer: (answer: BridgeAnswer) => void): boolean {
    if (this.#facts === undefined || this.#questions.size >= MAX_QUESTIONS) return false;
    const request = `q${(++this.#asked).toString(36)}` as RequestId;
    this.#questions.set(request, answer);
    if (this.#write({ ...question, request })) return true;
    this.#questions.delete(request);
    return false;
  }

  listen(session: SessionId, listener: SessionListener): void {
    const before = this.#listeners.get(session);
    this.#listeners.set(session, listener);
    if (before !== listener) before?.takenOver();
  }

  unlisten(session: SessionId, listener: SessionListener): void {
    if (this.#listeners.get(session) !== listener) return;
    this.#listeners.delete(session);
    this.#latency.forget(session);
  }

  /** Ends the link for good: listeners are told `down(true)`. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#drop();
  }

  #connect(): void {
    const { address, tls = {} } = this.#options;
    const socket = dial(address, tls, {
      open: () => {
        this.#write({
          type: 'auth',
          version: PROTOCOL_VERSION,
          token: this.#options.token,
          relay: `pid ${process.pid}`,
        });
      },
      data: (chunk) => {
        this.#receive(connection, chunk);
      },
    });
    const startedAt = performance.now();
    const connection: Connection = {
      socket,
      decoder: new FrameDecoder(),
      lastHeardAt: startedAt,
      lastFrameAt: startedAt,
    };
    this.#connection = connection;
    socket.on('error', (error) => {
      const level = this.#failures % 50 === 0 ? 'warn' : 'debug';
      this.#log[level]({ reason: error.message, failures: this.#failures }, 'bridge link failed');
    });
    socket.once('close', () => {
      if (this.#connection === connection) this.#drop();
    });
    this.#watch = setInterval(() => {
      const now = performance.now();
      const silentMs = now - connection.lastFrameAt;
      const isLate = this.#facts === undefined && now - startedAt > READY_TIMEOUT_MS;
      if (isLate || now - connection.lastHeardAt > SILENT_TIMEOUT_MS || silentMs > FRAME_TIMEOUT_MS) {
        socket.destroy(
          new Error(isLate ? 'the bridge did not become ready in time' : 'the bridge fell silent'),
        );
      } else if (silentMs > PING_AFTER_MS && this.#facts !== undefined) {
        if (this.#write({ type: 'ping' })) this.#latency.asked(PING);
      }
    }, WATCH_MS);
    this.#watch.unref();
  }

  #write(command: BridgeCommand): boolean {
    const socket = this.#connection?.socket;
    if (socket === undefined || socket.writableLength > MAX_BACKLOG_BYTES) return false;
    // On a socket that has just broken this is lost like all that is under way; listeners are told `down` next.
    socket.write(encodeJson(JSON.stringify(command)));
    return true;
  }

  #receive(connection: Connection, chunk: Buffer): void {
    connection.lastHeardAt = performance.now();
    let frames;
    try {
      frames = connection.decoder.push(chunk);
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      connection.socket.destroy(error);
      return;
    }
    if (frames.length > 0) connection.lastFrameAt = connection.lastHeardAt;
    for (const frame of frames) {
      // An event before may have ended this link.
      if (this.#connection !== connection) return;
      if (frame.kind === 'blob') continue;
      const parsed = parseBridgeEvent(frame.text);
      if (parsed.ok) this.#dispatch(parsed.message);
      else if (parsed.problem.field === undefined) {
        // No bridge writes what is not JSON: the bytes changed on their way, and nothing after them can be trusted.
        connection.socket.destroy(new Error(parsed.problem.message));
        return;
      } else this.#misunderstood(frame.text, parsed.problem.message);
    }
  }

  /** A defect of the bridge: whoever waits for what the message may have said must not wait for ever. */
  #misunderstood(text: string, problem: string): void {
    const session = /"session":\s*"([A-Za-z0-9_-]{1,64})"/.exec(text)?.[1];
    this.#log.error({ problem, session }, 'the bridge sent what is not a message');
    const listener = session === undefined ? undefined : this.#listeners.get(session as SessionId);
    listener?.refused('internal', 'The Sage server sent what this relay does not understand.');
  }

  #dispatch(event: BridgeEvent): void {
    switch (event.type) {
      case 'ready':
        this.#becomeReady(event);
        return;
      case 'status':
      case 'output':
      case 'done':
      case 'opened':
      case 'closed':
        // Events without a listener belong to sessions whose client went away; the bridge keeps them for replay.
        if (event.session === undefined) return;
        this.#latency.answered(event.session);
        this.#listeners.get(event.session)?.event(event);
        return;
      case 'completions':
      case 'inspection':
      case 'remaining':
        this.#answer(event.request, event);
        return;
      case 'error':
        this.#refused(event);
        return;
      case 'pong':
        this.#latency.answered(PING);
        this.#workers = event.workers ?? this.#workers;
        if (event.nonce !== undefined) this.#counting.get(event.nonce)?.();
        return;
      default:
        assertNever(event);
    }
  }

  #becomeReady(facts: BridgeFacts): void {
    if (facts.version !== PROTOCOL_VERSION) {
      this.#connection?.socket.destroy(
        new Error(`the bridge speaks protocol ${facts.version}, this relay ${PROTOCOL_VERSION}`),
      );
      return;
    }
    const isFirst = this.#facts === undefined;
    this.#facts = facts;
    this.#failures = 0;
    if (!isFirst) return;
    this.#log.info({ sage: facts.sage, package: facts.bridge, parked: facts.parked }, 'bridge ready');
    for (const listener of [...this.#listeners.values()]) listener.back();
    this.#options.onReady?.();
  }

  #answer(request: string, answer: BridgeAnswer): void {
    const waiting = this.#questions.get(request);
    this.#questions.delete(request);
    waiting?.(answer);
  }

  #refused(event: OfType<BridgeEvent, 'error'>): void {
    const { about, code, message } = event;
    if (about !== undefined && this.#questions.has(about)) {
      this.#answer(about, event);
      return;
    }
    const listener = about === undefined ? undefined : this.#listeners.get(about as SessionId);
    if (listener !== undefined) {
      listener.refused(code, message);
      return;
    }
    if (about === undefined && (code === 'bad-message' || code === 'unknown-type')) {
      // Nothing like that was sent: it changed on its way. A new link says it all again.
      this.#connection?.socket.destroy(new Error(`the bridge could not read a command: ${message}`));
      return;
    }
    // The ordinary race of a command with the end of what it is about.
    const isRace = code === 'unknown-execution' || code === 'unknown-session';
    const level = isRace ? 'debug' : 'warn';
    this.#log[level]({ code, about, reason: message }, 'the bridge refused a command');
  }

  #drop(): void {
    clearInterval(this.#watch);
    const wasReady = this.#facts !== undefined;
    this.#connection?.socket.destroy();
    this.#connection = undefined;
    this.#facts = undefined;
    this.#workers = undefined;
    this.#latency.forgetAll();
    if (wasReady) this.#log.warn('bridge link lost');
    if (wasReady && !this.#closed) this.#options.onLost?.(this);
    if (!this.#closed) {
      this.#retry = setTimeout(
        () => {
          this.#connect();
        },
        backoffMs(this.#failures, RECONNECT),
      );
      this.#failures += 1;
    }
    for (const request of [...this.#questions.keys()]) {
      this.#answer(request, { type: 'error', code: 'unavailable', message: 'The Sage server went away.' });
    }
    if (wasReady || this.#closed) {
      for (const listener of [...this.#listeners.values()]) listener.down(this.#closed);
    }
  }
}
