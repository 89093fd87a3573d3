/** One socket to a bridge: who is speaking, messages both ways, and an end when nothing is heard any more. */
import type { Socket } from 'node:net';
import {
  parseBridgeEvent,
  PROTOCOL_VERSION,
  type BridgeCommand,
  type BridgeEvent,
} from '../protocol/index.js';
import { dial, type BridgeAddress, type BridgeTls } from './address.js';
import { FrameDecoder, FramingError, writeJson } from './framing.js';

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

/** Bytes that may wait for a bridge that doesn't read; beyond it new work is refused instead of piling up. */
const MAX_BACKLOG_BYTES = 16_777_216;

/** Bytes beyond that for what is said of work that is there already: short commands, which are worth little if late. */
const MAX_URGENT_BYTES = 4_194_304;

/** Commands that ask for something new. */
const WORK: ReadonlySet<BridgeCommand['type']> = new Set([
  'open',
  'execute',
  'complete',
  'inspect',
  'budget',
]);

/** Where it goes. */
export interface LinkSocketOptions {
  readonly address: BridgeAddress;
  /** Shared token of the bridge. */
  readonly token: string;
  readonly tls: BridgeTls;
}

/** Who hears of it. */
export interface LinkSocketOwner {
  /** The bridge has said `ready`. */
  isReady(): boolean;
  received(event: BridgeEvent): void;
  /** A message came that is none, `problem` tells why. */
  misunderstood(text: string, problem: string): void;
  /** Nothing was heard for a while: say something that is answered. */
  silent(): void;
  /** It broke, other than by `end`. */
  failed(reason: string): void;
  /** It is gone; called once, and not after `end`. */
  closed(): void;
}

/** Connects at once; over with `closed` or `end`. */
export class LinkSocket {
  readonly #owner: LinkSocketOwner;
  readonly #socket: Socket;
  readonly #decoder = new FrameDecoder();
  readonly #startedAt = performance.now();
  /** When the last bytes came… */
  #lastHeardAt = this.#startedAt;
  /** …and the last whole message. */
  #lastFrameAt = this.#startedAt;
  readonly #watch: NodeJS.Timeout;
  #isOver = false;

  constructor({ address, token, tls }: LinkSocketOptions, owner: LinkSocketOwner) {
    this.#owner = owner;
    const socket = dial(address, tls, {
      open: () => {
        this.write({ type: 'auth', version: PROTOCOL_VERSION, token, relay: `pid ${process.pid}` });
      },
      data: (chunk) => {
        this.#receive(chunk);
      },
    });
    this.#socket = socket;
    socket.on('error', (error) => {
      owner.failed(error.message);
    });
    socket.once('close', () => {
      if (this.#isOver) return;
      this.end();
      owner.closed();
    });
    this.#watch = setInterval(() => {
      this.#look();
    }, WATCH_MS);
    this.#watch.unref();
  }

  /**
   * @param isRepeat it was taken on before: whoever says it again holds it anyway, so that its length is bounded there
   * @returns false if the bridge reads so little that the message is refused
   */
  write(command: BridgeCommand, isRepeat = false): boolean {
    const most = MAX_BACKLOG_BYTES + (WORK.has(command.type) ? 0 : MAX_URGENT_BYTES);
    if (this.#socket.writableLength > most && !isRepeat) return false;
    // On a socket that has just broken this is lost like all that is under way; the owner is told next.
    writeJson(this.#socket, JSON.stringify(command));
    return true;
  }

  /** What comes can't be trusted any more: breaks it, with `failed` and `closed`. */
  break(reason: string): void {
    this.#socket.destroy(new Error(reason));
  }

  /** Ends it without a word. Idempotent. */
  end(): void {
    this.#isOver = true;
    clearInterval(this.#watch);
    this.#socket.destroy();
  }

  #look(): void {
    const now = performance.now();
    const silentMs = now - this.#lastFrameAt;
    if (!this.#owner.isReady() && now - this.#startedAt > READY_TIMEOUT_MS) {
      this.break('the bridge did not become ready in time');
    } else if (now - this.#lastHeardAt > SILENT_TIMEOUT_MS || silentMs > FRAME_TIMEOUT_MS) {
      this.break('the bridge fell silent');
    } else if (silentMs > PING_AFTER_MS && this.#owner.isReady()) this.#owner.silent();
  }

  #receive(chunk: Buffer): void {
    this.#lastHeardAt = performance.now();
    let frames;
    try {
      frames = this.#decoder.push(chunk);
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      this.break(error.message);
      return;
    }
    if (frames.length > 0) this.#lastFrameAt = this.#lastHeardAt;
    for (const frame of frames) {
      // An event before may have ended it.
      if (this.#isOver) return;
      if (frame.kind === 'blob') continue;
      const parsed = parseBridgeEvent(frame.text);
      if (parsed.ok) this.#owner.received(parsed.message);
      else if (parsed.problem.field === undefined) {
        // No bridge writes what is not JSON: the bytes changed on their way, and nothing after them can be trusted.
        this.break(parsed.problem.message);
        return;
      } else this.#owner.misunderstood(frame.text, parsed.problem.message);
    }
  }
}
