/** The executions of one client connection: let in or refused, begun in a session or without one, stopped, and counted. */
import {
  MAX_EXECUTIONS_PER_CONNECTION,
  type ClientMessage,
  type ErrorCode,
  type ExecutionId,
  type OfType,
  type ServerMessage,
  type SessionId,
} from '../protocol/index.js';
import { RelayError, type ErrorDetail } from '../errors.js';
import type { ClientSessions } from './client-sessions.js';
import type { Client } from './connection-context.js';
import { lost } from '../ends.js';
import { StatelessExecution } from './stateless-execution.js';
import { without } from './without.js';

/** Ended by `leave`. */
export class ClientExecutions {
  readonly #client: Client;
  readonly #sessions: ClientSessions;
  /** Those without a session. */
  readonly #alone = new Map<ExecutionId, StatelessExecution>();
  /** When each execution was asked for, by session and name. */
  readonly #askedAt = new Map<string, number>();
  #hadResult = false;

  constructor(client: Client, sessions: ClientSessions) {
    this.#client = client;
    this.#sessions = sessions;
  }

  /** Those without a session that have not ended: they end with the connection. */
  get bound(): number {
    return this.#alone.size;
  }

  /** One without a session, by its name. */
  get(execution: ExecutionId): StatelessExecution | undefined {
    return this.#alone.get(execution);
  }

  /** Ends in one `done` whatever happens. */
  execute(message: OfType<ClientMessage, 'execute'>): void {
    const { execution, session: name } = message;
    const { context, log } = this.#client;
    log.debug({ execution, session: name, length: message.code.length }, 'execute');
    const refusal: ErrorCode | undefined = context.isDraining()
      ? 'draining'
      : this.#alone.size + this.#sessions.pending >= MAX_EXECUTIONS_PER_CONNECTION
        ? 'too-many'
        : undefined;
    if (refusal !== undefined) this.#sendDone(execution, name, refusal);
    else if (name === undefined) this.#executeAlone(message);
    else {
      const session = this.#sessions.get(name);
      if (session === undefined) this.#sendDone(execution, name, 'unknown-session');
      else if (this.#mayExecute(execution, name)) session.execute(message);
    }
  }

  /** The reader's answer to a prompt. */
  answer(message: OfType<ClientMessage, 'answer'>): void {
    const { execution, session: name, text } = message;
    // One that crosses the end of its execution has nobody to hear it, and nobody needs to know.
    if (name === undefined) this.#alone.get(execution)?.answer(text);
    else {
      this.#sessions.with(name, execution, (session) => {
        session.answer(message);
      });
    }
  }

  stop({ type, execution, session: name }: OfType<ClientMessage, 'interrupt' | 'kill'>): void {
    if (name === undefined) {
      const alone = this.#alone.get(execution);
      if (alone === undefined) this.#refuseUnknown(execution);
      else alone[type]();
      return;
    }
    this.#sessions.with(name, execution, (session) => {
      if (!session.stop(type, execution)) this.#refuseUnknown(execution);
    });
  }

  /** Counts and logs an end that the client is about to be told. */
  ended({ execution, session, status, wallMs, error }: OfType<ServerMessage, 'done'>): void {
    const { context, log, since, visit } = this.#client;
    log.debug({ execution, session, status, wallMs, error: error?.code }, 'done');
    const now = performance.now();
    const name = nameOf(execution, session);
    const askedAt = this.#askedAt.get(name);
    // Of one that was asked for on an earlier connection nothing is known here.
    if (askedAt === undefined) return;
    this.#askedAt.delete(name);
    visit.executed();
    const kind = session === undefined ? 'stateless' : 'session';
    context.metrics.executed(kind, status, (now - askedAt) / 1_000);
    if (!this.#hadResult) context.metrics.firstResult((now - since) / 1_000);
    this.#hadResult = true;
  }

  /** Holds back the output of those without a session, or lets it flow again. */
  hold(isHeld: boolean): void {
    for (const execution of this.#alone.values()) execution.hold(isHeld);
  }

  /** The client is gone: nobody can resume those without a session, so they end. */
  leave(): void {
    for (const execution of [...this.#alone.values()]) execution.kill();
    this.#alone.clear();
  }

  #executeAlone(message: OfType<ClientMessage, 'execute'>): void {
    const { execution } = message;
    // The same id twice runs once.
    if (this.#alone.has(execution) || !this.#mayExecute(execution, undefined)) return;
    const client = this.#client;
    const request = without(message, 'type', 'session');
    const alone = new StatelessExecution(client.context.bridges, request, {
      status(state, position) {
        client.send({ type: 'status', execution, state, ...(position !== undefined && { position }) });
      },
      output(output, frame) {
        client.send({ type: 'output', execution, output, ...(frame !== undefined && { frame }) });
      },
      done: (fields) => {
        this.#alone.delete(execution);
        client.send({ type: 'done', execution, ...fields });
      },
    });
    this.#alone.set(execution, alone);
    alone.start();
    if (client.isHeld) alone.hold(true);
  }

  /** Takes one execution of the client's share, unless it has it already; what is refused is ended. */
  #mayExecute(execution: ExecutionId, session: SessionId | undefined): boolean {
    const name = nameOf(execution, session);
    if (this.#askedAt.has(name)) return true;
    try {
      this.#client.visit.execute();
    } catch (error) {
      if (!(error instanceof RelayError)) throw error;
      this.#sendDone(execution, session, error.code, error);
      return false;
    }
    this.#askedAt.set(name, performance.now());
    return true;
  }

  #refuseUnknown(execution: ExecutionId): void {
    const message = `No execution ${execution} is running or waiting.`;
    this.#client.refuse('unknown-execution', message, execution);
  }

  #sendDone(
    execution: ExecutionId,
    session: SessionId | undefined,
    code: ErrorCode,
    reason?: { readonly message: string; readonly detail: ErrorDetail },
  ): void {
    const { error, ...fields } = lost(code, reason?.message);
    const retryAfterMs = reason?.detail.retryAfterMs ?? error?.retryAfterMs;
    this.#client.send({
      type: 'done',
      execution,
      ...(session !== undefined && { session }),
      ...fields,
      error: { code, ...(retryAfterMs !== undefined && { retryAfterMs }) },
    });
  }
}

const nameOf = (execution: ExecutionId, session: SessionId | undefined): string =>
  `${session ?? ''} ${execution}`;
