/**
 * One execution in a process of its own: started on some bridge, on another if that has no room, once more from the
 * beginning if its bridge dies, and ended exactly once.
 */
import { randomUUID } from 'node:crypto';
import {
  type BridgeCommand,
  type ErrorCode,
  type ExecutionId,
  type InteractId,
  type OfType,
  type Output,
  type SessionId,
} from '../protocol/index.js';
import type { Bridge, Bridges, SessionEvent, SessionListener } from '../bridges/bridge.js';
import { lost, stopped, type DoneFields } from '../ends.js';
import { without } from './without.js';

/** What is to be run. */
export type ExecutionRequest = Omit<OfType<BridgeCommand, 'execute'>, 'type' | 'session' | 'stateless'>;

/** Who receives what an execution puts out. Called synchronously, at times from within `start`. */
export interface ExecutionSink {
  status(state: 'queued' | 'running', position: number | undefined): void;
  /** @param frame the interact into whose output it belongs; undefined: the execution's own */
  output(output: Output, frame?: InteractId): void;
  /** Called exactly once, last. */
  done(fields: DoneFields): void;
}

/** How long an execution whose bridge died waits for another one. */
const RETRY_WITHIN_MS = 1_500;

/**
 * `start` once, then `interrupt` or `kill` at any time. Nothing is acknowledged: a bridge keeps no messages of an
 * execution that nobody could resume.
 */
export class StatelessExecution implements SessionListener {
  readonly #bridges: Bridges;
  readonly #request: ExecutionRequest;
  readonly #sink: ExecutionSink;
  #session = newId();
  #bridge: Bridge | undefined;
  #ended = false;
  #hasOutput = false;
  #isHeld = false;
  #hasRetried = false;
  /** Bridges that had no room for it, or died of it. */
  readonly #tried = new Set<Bridge>();

  constructor(bridges: Bridges, request: ExecutionRequest, sink: ExecutionSink) {
    this.#bridges = bridges;
    this.#request = request;
    this.#sink = sink;
  }

  get execution(): ExecutionId {
    return this.#request.execution;
  }

  /** Name of its session on the bridge; another one once it was tried again. */
  get id(): SessionId {
    return this.#session;
  }

  /** Where it runs; undefined while it waits for a bridge. */
  get bridge(): Bridge | undefined {
    return this.#bridge;
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

  /** Holds its output back in the bridge, or lets it flow again. */
  hold(isHeld: boolean): void {
    if (this.#ended) return;
    this.#isHeld = isHeld;
    this.#bridge?.send({ type: 'hold', session: this.#session, isHeld });
  }

  /** The reader's answer to a prompt; without text there is none. */
  answer(text: string | undefined): void {
    if (this.#ended) return;
    this.#bridge?.send({
      type: 'answer',
      session: this.#session,
      execution: this.#request.execution,
      ...(text !== undefined && { text }),
    });
  }

  event(event: SessionEvent): void {
    if (this.#ended) return;
    switch (event.type) {
      case 'output':
        this.#hasOutput = true;
        this.#sink.output(event.output, event.frame);
        return;
      case 'status':
        this.#sink.status(event.state, event.position);
        return;
      case 'done':
        if (isOfThatBridge(event.error?.code) && this.#startElsewhere()) return;
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
    const failed = this.#leaveBridge();
    if (this.#ended) return;
    if (this.#hasRetried) {
      this.#end(lost('unavailable', 'The Sage server went away while this ran.'));
      return;
    }
    this.#hasRetried = true;
    // Elsewhere if there is an elsewhere; else the same bridge may come back.
    const next = this.#bridges.pick(failed && new Set([failed]));
    if (next !== undefined) this.#startAnewOn(next);
    else {
      void this.#bridges.whenReady(RETRY_WITHIN_MS).then((bridge) => {
        if (!this.#ended) this.#startAnewOn(bridge);
      });
    }
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
    if (!bridge.send(command)) {
      if (!this.#startElsewhere()) this.#end(lost('busy'));
    } else if (this.#isHeld) this.hold(true);
  }

  /** The same from the beginning: nobody else saw what it did, and what it put out is taken back. */
  #startAnewOn(bridge: Bridge | undefined): void {
    if (bridge !== undefined && this.#hasOutput) this.#sink.output({ kind: 'clear' });
    this.#hasOutput = false;
    this.#session = newId();
    this.#startOn(bridge);
  }

  /** A bridge with too much to do did not run it: another one may. @returns false if there is none */
  #startElsewhere(): boolean {
    const full = this.#leaveBridge();
    if (full !== undefined) this.#tried.add(full);
    const next = this.#bridges.pick(this.#tried);
    if (next === undefined) return false;
    this.#session = newId();
    this.#startOn(next);
    return true;
  }

  #leaveBridge(): Bridge | undefined {
    const bridge = this.#bridge;
    bridge?.unlisten(this.#session, this);
    this.#bridge = undefined;
    return bridge;
  }

  #stop(type: 'interrupt' | 'kill'): void {
    if (this.#ended) return;
    if (this.#bridge === undefined) {
      this.#end(stopped(type === 'kill' ? 'killed' : 'interrupted'));
      return;
    }
    this.#bridge.send({ type, session: this.#session, execution: this.#request.execution });
  }

  #end(fields: DoneFields): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#bridge?.unlisten(this.#session, this);
    this.#sink.done(fields);
  }
}

/** Another bridge may have room, or be there. */
const isOfThatBridge = (code: ErrorCode | undefined): boolean => code === 'busy' || code === 'unavailable';

const newId = (): SessionId => randomUUID() as string as SessionId;
