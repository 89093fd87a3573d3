/** What the rest of the relay needs of bridges. Declared here, met by `BridgeLink` and `BridgePool`. */
import type {
  BridgeCommand,
  BridgeEvent,
  ErrorCode,
  OfType,
  SessionId,
  WorkerCounts,
} from '../protocol/index.js';

/** What a bridge said of itself when the link came up. */
export type BridgeFacts = Readonly<OfType<BridgeEvent, 'ready'>>;

/** Events that belong to a session. */
export type SessionEvent = OfType<BridgeEvent, 'opened' | 'closed' | 'status' | 'output' | 'done'>;

/** Commands that belong to a session or need no answer. */
export type SessionCommand = OfType<
  BridgeCommand,
  'open' | 'attach' | 'execute' | 'answer' | 'interrupt' | 'kill' | 'close' | 'ack' | 'hold'
>;

/** A question with one answer; the link chooses the request id. */
export type BridgeQuestion =
  | Omit<OfType<BridgeCommand, 'complete'>, 'request'>
  | Omit<OfType<BridgeCommand, 'inspect'>, 'request'>
  | Omit<OfType<BridgeCommand, 'budget'>, 'request'>;

/** The answer to a question, or why there is none. */
export type BridgeAnswer =
  | OfType<BridgeEvent, 'completions'>
  | OfType<BridgeEvent, 'inspection'>
  | OfType<BridgeEvent, 'remaining'>
  | Pick<OfType<BridgeEvent, 'error'>, 'type' | 'code' | 'message' | 'retryAfterMs'>;

/** Who receives what a bridge says about one session. Called synchronously; must not throw. */
export interface SessionListener {
  event(event: SessionEvent): void;
  /** The bridge doesn't know the session, or refuses a command about it. */
  refused(code: ErrorCode, message: string): void;
  /** The link broke. With `final` the bridge and all its sessions are gone for good; else `back` may follow. */
  down(final: boolean): void;
  /** The link is up again; the session may live on: attach. */
  back(): void;
  /** Another connection listens to this session from now on; nothing more will be told here. */
  takenOver(): void;
}

/** One bridge. Opened and closed by whoever made it. */
export interface Bridge {
  /** Name in session tokens: the same on every relay that reaches this bridge. */
  readonly id: string;
  /** Facts of the bridge while it can take commands, else undefined. */
  readonly facts: BridgeFacts | undefined;
  /** Sessions listened to at this moment, stateless ones included. */
  readonly load: number;
  /** Time to its first word, milliseconds: a moving average, or the age of what is still not answered. */
  readonly latencyMs: number;
  /** Its workers when it last told of them; undefined before. */
  readonly workers: WorkerCounts | undefined;
  /** Asks for `workers` and ends when they are told, or it takes too long. Never rejects. */
  count(): Promise<WorkerCounts | undefined>;
  /** @returns false if the link is down or too far behind; the command was not sent */
  send(command: SessionCommand): boolean;
  /** @returns false, and never calls `answer`, if the link is down; else `answer` is called exactly once */
  ask(question: BridgeQuestion, answer: (answer: BridgeAnswer) => void): boolean;
  /** Sends events of `session` to `listener` only. The one before is told `takenOver`. */
  listen(session: SessionId, listener: SessionListener): void;
  /** Name of the bridge that holds `session` in truth, for its token, where that may be another. @default `id` */
  homeOf?(session: SessionId): string;
  /** Ends `listen`, unless another listener has taken the session over. */
  unlisten(session: SessionId, listener: SessionListener): void;
}

/** One bridge as an operator wants to see it. */
export interface BridgeReport {
  readonly bridge: Bridge;
  /** Taken off the list; it keeps the sessions it has. */
  readonly isRetired: boolean;
  /** Failures in a row: links that broke, probes that went wrong. */
  readonly failures: number;
  /** Milliseconds for which it gets no new work; 0 when it does. */
  readonly ejectedForMs: number;
  /** What the latest probe found; absent before the first. */
  readonly probe?: {
    readonly verdict: 'good' | 'bad' | 'busy';
    readonly ms: number;
    readonly secondsAgo: number;
    readonly reason?: string;
  };
}

/** The bridges that this relay knows. */
export interface Bridges {
  /** The one to give new work to; undefined when none is ready that is not in `except`. */
  pick(except?: ReadonlySet<Bridge>): Bridge | undefined;
  /** All of them, ready or not. */
  list(): readonly Bridge[];
  /** All of them, with what is known of their health. */
  report(): readonly BridgeReport[];
  /** The one a session token names, ready or not. */
  find(id: string): Bridge | undefined;
  /** Like `pick`, but waits up to `timeoutMs` for one to become ready. */
  whenReady(timeoutMs: number, except?: ReadonlySet<Bridge>): Promise<Bridge | undefined>;
}
