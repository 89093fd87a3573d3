/** A client of one relay: executions, sessions and questions over one connection, whatever happens to that. */
import {
  CLOSE,
  MAX_CODE_LENGTH,
  SESSION_GRACE_MS,
  type ErrorCode,
  type ExecutionId,
} from '../../relay/protocol/index.js';
import { Connection, type ConnectionOptions, type ConnectionOwner } from './connection.js';
import { Execution, lostResult, type ExecuteOptions } from './execution.js';
import { Executions } from './executions.js';
import { identifier } from './identifier.js';
import type { KeptSession } from './kept-session.js';
import {
  Questions,
  type Completions,
  type Inspection,
  type QuestionOptions,
  type Remaining,
} from './questions.js';
import { Reception } from './reception.js';
import { Session } from './session.js';

/** How long a server that never answered is tried before what waits for it ends as `lost`, milliseconds. */
export const UNREACHABLE_MS = 30_000;

/**
 * Talks to the relay at `server`. Connects on the first execution and not before; comes back by itself while an
 * execution or an open session needs it. Runs in a browser and in Node (give `openSocket` where there is no
 * global `WebSocket`). Whoever makes one calls `close`.
 */
export class Client {
  /** Version of Sage, once the relay has told it. */
  sage: string | undefined;
  readonly #connection: Connection;
  readonly #sessions = new Map<string, Session>();
  readonly #questions = new Questions((message) => this.#connection.send(message));
  readonly #executions: Executions;
  readonly #reception: Reception;
  #hasBeenWelcome = false;
  /** The present relay takes no new work; what there is waits for the next one. */
  #isLeaving = false;
  #patience: ReturnType<typeof setTimeout> | undefined;
  readonly #unreachableMs: number;

  constructor(server: string | URL, options: ConnectionOptions = {}) {
    this.#unreachableMs = options.unreachableMs ?? UNREACHABLE_MS;
    const connection = new Connection(socketUrl(server), this.#owner, options);
    this.#connection = connection;
    const isLeaving = (): boolean => this.#isLeaving;
    this.#executions = new Executions({
      send: (message) => connection.send(message),
      get mayBegin() {
        return connection.isOpen && !isLeaving();
      },
    });
    this.#reception = new Reception({
      executions: this.#executions,
      questions: this.#questions,
      sessions: () => this.#sessions.values(),
      send: (message) => connection.send(message),
      reset: () => {
        connection.reset();
      },
      leaving: () => {
        this.#isLeaving = true;
      },
    });
  }

  /** True while questions can be asked without opening a connection. */
  get isOnline(): boolean {
    return this.#connection.isOpen;
  }

  /** Runs code. Whatever happens, the execution's `result` is fulfilled in the end. */
  execute(code: string, options: ExecuteOptions = {}): Execution {
    const execution = new Execution(identifier('x') as ExecutionId, code, options, this.#executions.route);
    if (code.length > MAX_CODE_LENGTH) {
      const message = `The code has ${String(code.length)} characters; the limit is ${String(MAX_CODE_LENGTH)}.`;
      queueMicrotask(() => {
        execution.finish(lostResult('too-large', message));
      });
      return execution;
    }
    this.#executions.add(execution);
    if (!this.#connection.isOpen) this.#wait();
    this.#connection.connect();
    this.#executions.pump();
    return execution;
  }

  /** The session of that name: the same object for the same name. Nothing is opened before its first execution. */
  session(name: string): Session {
    let session = this.#sessions.get(name);
    if (session === undefined) {
      session = new Session(name, (message) => this.#connection.send(message));
      this.#sessions.set(name, session);
    }
    return session;
  }

  /** What it takes to go on with a session after the page is loaded again; undefined if there is nothing to go on with. */
  keep(session: Session): KeptSession | undefined {
    const kept = session.keep();
    return kept && { ...kept, executions: this.#executions.in(session).map((execution) => execution.keep()) };
  }

  /**
   * Goes on with a session that was kept, and connects. When it is gone its observers are told.
   * @returns its executions without an end; none if the session of that name has begun already
   */
  resume(name: string, kept: KeptSession): readonly Execution[] {
    const session = this.session(name);
    if (session.state !== 'unopened') return [];
    session.resume(kept);
    const executions = kept.executions.map((one) => {
      const options = { ...one.options, session };
      const execution = new Execution(one.id as ExecutionId, one.code, options, this.#executions.route);
      execution.resume(one);
      this.#executions.add(execution);
      return execution;
    });
    if (this.#connection.isOpen) {
      session.open();
      this.#executions.pump();
    } else this.#wait();
    this.#connection.connect();
    return executions;
  }

  /** Asks what may follow `before`. @throws QuestionError if there is no connection, no answer or no time. */
  complete(before: string, options: QuestionOptions = {}): Promise<Completions> {
    return this.#questions.complete(before, options);
  }

  /** Asks for the documentation of what ends `before`. @throws QuestionError as `complete` does. */
  inspect(
    before: string,
    detail: 'docstring' | 'source',
    options: QuestionOptions = {},
  ): Promise<Inspection> {
    return this.#questions.inspect(before, detail, options);
  }

  /**
   * Asks how much of its limits a session or an execution has left.
   * @throws QuestionError if there is no connection, no answer or no time, or nothing of it at the server
   */
  remaining(of: Session | Execution, timeoutMs?: number): Promise<Remaining> {
    if (of instanceof Session) return this.#questions.remaining({ session: of.wireId }, timeoutMs);
    const session = of.options.session?.wireId;
    return this.#questions.remaining(
      { execution: of.id, ...(session !== undefined && { session }) },
      timeoutMs,
    );
  }

  /** Finds out at once whether the connection lives, for instance when the network came back. */
  probe(): void {
    this.#connection.probe();
  }

  /** Ends the sessions and the connection. Executions still under way end as `lost`. */
  close(): void {
    for (const session of this.#sessions.values()) {
      if (session.state === 'open' || session.state === 'opening') {
        this.#connection.send({ type: 'close', session: session.wireId });
      }
    }
    this.#abandon('session-lost', 'The page closed the connection.');
    this.#connection.close();
    this.#sessions.clear();
  }

  readonly #owner: ConnectionOwner = {
    isIdle: () => this.#executions.size === 0,
    connected: () => {
      this.#isLeaving = false;
      for (const session of this.#sessions.values()) {
        // A session nobody holds a token of has nothing to resume; its next execution opens it.
        if (session.token !== undefined) session.open();
      }
      this.#executions.pump();
      this.#executions.repeatWishes();
    },
    welcomed: (message) => {
      this.#hasBeenWelcome = true;
      clearTimeout(this.#patience);
      this.#patience = undefined;
      this.sage = message.sage;
    },
    received: (message, bytes) => {
      this.#reception.receive(message, bytes);
    },
    disconnected: () => {
      this.#loseSight();
      const isNeeded =
        this.#executions.size > 0 ||
        [...this.#sessions.values()].some((session) => session.token !== undefined);
      if (isNeeded) this.#wait();
      return isNeeded;
    },
    refused: (code, reason) => {
      this.#loseSight();
      const why = reason === '' ? `code ${String(code)}` : reason;
      const failure = code === CLOSE.UNAUTHORIZED ? 'unauthorized' : 'unavailable';
      this.#abandon(failure, `The server refused the connection (${why}).`);
    },
  };

  /** What waits for a connection does not wait for ever. */
  #wait(): void {
    this.#patience ??= setTimeout(
      () => {
        this.#patience = undefined;
        this.#connection.close();
        this.#abandon('unavailable', 'The server cannot be reached.');
      },
      this.#hasBeenWelcome ? SESSION_GRACE_MS : this.#unreachableMs,
    );
  }

  #abandon(code: ErrorCode, message: string): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    for (const execution of this.#executions) this.#executions.finish(execution, lostResult(code, message));
    for (const session of this.#sessions.values()) {
      if (session.token !== undefined) session.end({ reason: 'lost', message, code: 'session-lost' });
    }
    this.#questions.failAll(message);
  }

  #loseSight(): void {
    for (const session of this.#sessions.values()) session.lostSight();
    this.#executions.lostSight();
    this.#questions.failAll('The connection to the server broke.');
  }
}

/** Address of the WebSocket of the relay at `server`. */
function socketUrl(server: string | URL): string {
  const url = new URL('sockjs/websocket', String(server).replace(/\/*$/, '/'));
  url.protocol = url.protocol === 'http:' ? 'ws:' : url.protocol === 'https:' ? 'wss:' : url.protocol;
  return url.href;
}
