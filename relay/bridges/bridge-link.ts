/** One authenticated connection to one bridge, made anew whenever it breaks. */
import {
  assertNever,
  PROTOCOL_VERSION,
  type BridgeCommand,
  type BridgeEvent,
  type OfType,
  type SessionId,
  type WorkerCounts,
} from '../protocol/index.js';
import type { Log } from '../observe/log.js';
import { bridgeIdOf, type BridgeAddress, type BridgeTls } from './address.js';
import { backoffMs } from './backoff.js';
import type {
  Bridge,
  BridgeAnswer,
  BridgeFacts,
  BridgeQuestion,
  SessionCommand,
  SessionListener,
} from './bridge.js';
import { LatencyMeter } from './latency.js';
import { LinkQuestions } from './link-questions.js';
import { LinkSocket, type LinkSocketOwner } from './link-socket.js';

/** Reconnect quickly: a bridge is near, and readers wait for it; an attempt costs next to nothing. */
const RECONNECT = { baseMs: 50, capMs: 500 };

/** Name of a ping among what is waited for; no session has it, since theirs are longer. */
const PING = 'ping';

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

/**
 * A `Bridge` over a Unix or TCP socket. Connects at once and reconnects until `close`.
 * A wrong token is logged and tried again like any failure: the operator may correct it at the other end.
 */
export class BridgeLink implements Bridge {
  readonly id: string;
  readonly #options: BridgeLinkOptions;
  readonly #log: Log;
  readonly #listeners = new Map<SessionId, SessionListener>();
  readonly #questions = new LinkQuestions();
  readonly #latency = new LatencyMeter();
  #socket: LinkSocket | undefined;
  #facts: BridgeFacts | undefined;
  /** While those who listen say again what they have under way. */
  #isResuming = false;
  #failures = 0;
  #workers: WorkerCounts | undefined;
  #closed = false;
  #retry: NodeJS.Timeout | undefined;

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
    return this.#questions.count(
      (nonce) => this.#facts !== undefined && this.#write({ type: 'ping', nonce }),
    );
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
    if (this.#facts === undefined) return false;
    return this.#questions.ask(answer, (request) => this.#write({ ...question, request }));
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
    const { address, token, tls = {} } = this.#options;
    const owner: LinkSocketOwner = {
      isReady: () => this.#facts !== undefined,
      received: (event) => this.#dispatch(event),
      misunderstood: (text, problem) => this.#misunderstood(text, problem),
      silent: () => {
        if (this.#write({ type: 'ping' })) this.#latency.asked(PING);
      },
      failed: (reason) => {
        const level = this.#failures % 50 === 0 ? 'warn' : 'debug';
        this.#log[level]({ reason, failures: this.#failures }, 'bridge link failed');
      },
      closed: () => this.#drop(),
    };
    this.#socket = new LinkSocket({ address, token, tls }, owner);
  }

  #write(command: BridgeCommand): boolean {
    return this.#socket?.write(command, this.#isResuming) === true;
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
        this.#questions.answered(event.request, event);
        return;
      case 'error':
        this.#refused(event);
        return;
      case 'pong':
        this.#latency.answered(PING);
        this.#workers = event.workers ?? this.#workers;
        if (event.nonce !== undefined) this.#questions.counted(event.nonce, this.#workers);
        return;
      default:
        assertNever(event);
    }
  }

  #becomeReady(facts: BridgeFacts): void {
    if (facts.version !== PROTOCOL_VERSION) {
      this.#socket?.break(`the bridge speaks protocol ${facts.version}, this relay ${PROTOCOL_VERSION}`);
      return;
    }
    const isFirst = this.#facts === undefined;
    this.#facts = facts;
    this.#failures = 0;
    if (!isFirst) {
      this.#log.info({ sage: facts.sage, fingerprint: facts.fingerprint }, 'bridge has changed');
      return;
    }
    this.#log.info({ sage: facts.sage, package: facts.bridge, parked: facts.parked }, 'bridge ready');
    this.#isResuming = true;
    for (const listener of [...this.#listeners.values()]) listener.back();
    this.#isResuming = false;
    this.#options.onReady?.();
  }

  #refused(event: OfType<BridgeEvent, 'error'>): void {
    const { about, code, message } = event;
    if (about !== undefined && this.#questions.has(about)) {
      this.#questions.answered(about, event);
      return;
    }
    const listener = about === undefined ? undefined : this.#listeners.get(about as SessionId);
    if (listener !== undefined) {
      listener.refused(code, message);
      return;
    }
    if (about === undefined && (code === 'bad-message' || code === 'unknown-type')) {
      // Nothing like that was sent: it changed on its way. A new link says it all again.
      this.#socket?.break(`the bridge could not read a command: ${message}`);
      return;
    }
    // The ordinary race of a command with the end of what it is about.
    const isRace = code === 'unknown-execution' || code === 'unknown-session';
    const level = isRace ? 'debug' : 'warn';
    this.#log[level]({ code, about, reason: message }, 'the bridge refused a command');
  }

  #drop(): void {
    const wasReady = this.#facts !== undefined;
    this.#socket?.end();
    this.#socket = undefined;
    this.#facts = undefined;
    this.#workers = undefined;
    this.#latency.forgetAll();
    if (wasReady && !this.#closed) {
      this.#log.warn('bridge link lost');
      this.#options.onLost?.(this);
    }
    if (!this.#closed) {
      this.#retry = setTimeout(
        () => {
          this.#connect();
        },
        backoffMs(this.#failures, RECONNECT),
      );
      this.#failures += 1;
    }
    this.#questions.failAll();
    if (wasReady || this.#closed) {
      for (const listener of [...this.#listeners.values()]) listener.down(this.#closed);
    }
  }
}
