/** One execution in a process of its own: started on some bridge, tried again once on another, ended exactly once. */
import { randomUUID } from 'node:crypto';
import {
  ACK_BYTES,
  ACK_DELAY_MS,
  type BridgeCommand,
  type ErrorCode,
  type ExecutionId,
  type OfType,
  type Output,
  type SessionId,
} from '../protocol/index.js';
import type { Bridge, Bridges, SessionEvent, SessionListener } from '../bridges/bridge.js';
import { lost, stopped, type DoneFields } from './done.js';
import { without } from './without.js';

/** What is to be run. */
export type ExecutionRequest = Omit<OfType<BridgeCommand, 'execute'>, 'type' | 'session' | 'stateless'>;

/** Who receives what an execution puts out. Called synchronously, at times from within `start`. */
export interface ExecutionSink {
  status(state: 'queued' | 'running', position: number | undefined): void;
  output(output: Output): void;
  /** Called exactly once, last. */
  done(fields: DoneFields): void;
  /** False while the receiver is behind: its output is not acknowledged, so that the bridge stops the worker. */
  isReading(): boolean;
}

/** How long an execution whose bridge died waits for another one. */
const RETRY_WITHIN_MS = 1_500;

/** Acknowledge after so many messages even if they are small. */
const ACK_MESSAGES = 64;

/** Starts in the constructor's caller's hands: `start` once, then `interrupt` or `kill` at any time. */
export class StatelessExecution implements SessionListener {
  readonly #bridges: Bridges;
  readonly #request: ExecutionRequest;
  readonly #sink: ExecutionSink;
  #session = randomUUID() as string as SessionId;
  #bridge: Bridge | undefined;
  #ended = false;
  #hasOutput = false;
  #hasRetried = false;
  #lastSeq = 0;
  #unackedLength = 0;
  #unackedCount = 0;
  #ackTimer: NodeJS.Timeout | undefined;

  constructor(bridges: Bridges, request: ExecutionRequest, sink: ExecutionSink) {
    this.#bridges = bridges;
    this.#request = request;
    this.#sink = sink;
  }

  get execution(): ExecutionId {
    return this.#request.execution;
  }

  start(): void {
    this.#startOn(this.#bridges.pick());
  }

  interrupt(): void {
    this.#stop('interrupt');
  }

  kill(): void {
    this.#stop('kill');
  }

  /** The receiver reads again: acknowledges what was held back. */
  resume(): void {
    if (this.#unackedCount > 0) this.#ack();
  }

  event(event: SessionEvent, length: number): void {
    if (this.#ended) return;
    if ('seq' in event && event.seq !== undefined) this.#lastSeq = event.seq;
    switch (event.type) {
      case 'output':
        this.#hasOutput = true;
        this.#sink.output(event.output);
        this.#count(length);
        return;
      case 'status':
        this.#sink.status(event.state, event.position);
        return;
      case 'done':
        this.#end(without(event, 'type', 'execution', 'session', 'seq'));
        return;
      case 'closed':
        this.#end(lost(event.code ?? (event.reason === 'refused' ? 'busy' : 'session-lost'), event.message));
        return;
      case 'opened':
        return;
    }
  }

  refused(code: ErrorCode): void {
    this.#end(lost(code));
  }

  down(): void {
    const retry = !this.#hasOutput && !this.#hasRetried;
    this.#bridge?.unlisten(this.#session, this);
    this.#bridge = undefined;
    if (!retry) {
      this.#end(lost('unavailable', 'The Sage server went away while this ran.'));
      return;
    }
    this.#hasRetried = true;
    this.#session = randomUUID() as string as SessionId;
    this.#lastSeq = 0;
    void this.#bridges.whenReady(RETRY_WITHIN_MS).then((bridge) => {
      if (!this.#ended) this.#startOn(bridge);
    });
  }

  back(): void {
    // `down` has left this session for good.
  }

  takenOver(): void {
    this.#end(lost('session-lost'));
  }

  #startOn(bridge: Bridge | undefined): void {
    if (bridge === undefined) {
      this.#end(lost('unavailable'));
      return;
    }
    this.#bridge = bridge;
    bridge.listen(this.#session, this);
    const command = { type: 'execute', ...this.#request, session: this.#session, stateless: true } as const;
    if (!bridge.send(command)) this.#end(lost('busy'));
  }

  #stop(type: 'interrupt' | 'kill'): void {
    if (this.#ended) return;
    if (this.#bridge === undefined) {
      this.#end(stopped(type === 'kill' ? 'killed' : 'interrupted'));
      return;
    }
    this.#bridge.send({ type, session: this.#session, execution: this.#request.execution });
  }

  #count(length: number): void {
    this.#unackedLength += length;
    this.#unackedCount += 1;
    if (!this.#sink.isReading()) return;
    if (this.#unackedLength >= ACK_BYTES || this.#unackedCount >= ACK_MESSAGES) this.#ack();
    else
      this.#ackTimer ??= setTimeout(() => {
        this.#ackTimer = undefined;
        if (this.#sink.isReading()) this.#ack();
      }, ACK_DELAY_MS);
  }

  #ack(): void {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
    this.#unackedLength = 0;
    this.#unackedCount = 0;
    if (!this.#ended) this.#bridge?.send({ type: 'ack', session: this.#session, seq: this.#lastSeq });
  }

  #end(fields: DoneFields): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#ackTimer);
    this.#bridge?.unlisten(this.#session, this);
    this.#sink.done(fields);
  }
}
