/** What a relay says, passed on to the sessions, executions and questions that it is about. */
import {
  assertNever,
  type ClientMessage,
  type ErrorCode,
  type OfType,
  type ServerMessage,
} from '../../relay/protocol/index.js';
import { lostResult, type Execution, type ExecutionResult } from './execution.js';
import type { Executions } from './executions.js';
import type { Questions } from './questions.js';
import type { Session } from './session.js';

/** Reasons for refusing a session that may be gone in a moment. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['busy', 'unavailable', 'draining']);

/** When it is worth asking again for a session that was refused for such a reason, milliseconds. */
const REFUSED_RETRY_MS = 2_000;

/** Of one client. */
export interface ReceptionParts {
  readonly executions: Executions;
  readonly questions: Questions;
  sessions(): Iterable<Session>;
  send(message: ClientMessage): boolean;
  /** Gives the connection up: something was lost on it. */
  reset(): void;
  /** The present relay takes no new work: what there is waits for the next one. */
  leaving(): void;
}

/** For all connections of a client, one after another. */
export class Reception {
  readonly #parts: ReceptionParts;

  constructor(parts: ReceptionParts) {
    this.#parts = parts;
  }

  /** @param bytes length of the message's text */
  receive(message: ServerMessage, bytes: number): void {
    switch (message.type) {
      case 'opened':
        this.#opened(message);
        return;
      case 'closed':
        this.#closed(message);
        return;
      case 'status':
      case 'output':
      case 'done':
        this.#ofExecution(message, bytes);
        return;
      case 'completions':
      case 'inspection':
      case 'remaining':
        this.#parts.questions.answered(message);
        return;
      case 'error':
        this.#failed(message);
        return;
      case 'welcome':
      case 'pong':
        return;
      default:
        assertNever(message);
    }
  }

  #sessionOnWire(wireId: string): Session | undefined {
    for (const session of this.#parts.sessions()) if (session.wireId === wireId) return session;
    return undefined;
  }

  #opened(message: OfType<ServerMessage, 'opened'>): void {
    const session = this.#sessionOnWire(message.session);
    if (session === undefined) return;
    session.opened(message.token, message.missed);
    for (const execution of this.#parts.executions.in(session)) {
      // What was missed may have been questions.
      if (message.missed > 0) execution.prompts = undefined;
      if (message.resumed && execution.isKnown) execution.backInSight();
    }
  }

  #closed(message: OfType<ServerMessage, 'closed'>): void {
    const session = this.#sessionOnWire(message.session);
    if (session === undefined) return;
    if (message.code === 'draining') {
      this.#leave((execution) => execution.options.session === session);
      session.lostSight();
      return;
    }
    // One that was there and is not given back is gone.
    const isGone = message.reason === 'refused' && session.token !== undefined;
    const reason = isGone ? 'lost' : message.reason;
    const code = isGone ? 'session-lost' : message.code;
    const stranded = this.#parts.executions.in(session).filter(({ isSent }) => isSent);
    // Ended first: an execution that was held back must open a new session, not join this one.
    session.end({ reason, message: message.message, ...(code !== undefined && { code }) });
    const isPassing = reason === 'refused' && code !== undefined && PASSING.has(code);
    for (const execution of stranded) {
      const retryAfterMs = isPassing ? (message.retryAfterMs ?? REFUSED_RETRY_MS) : undefined;
      this.#parts.executions.finish(
        execution,
        lostResult(code ?? 'session-lost', message.message, retryAfterMs),
      );
    }
  }

  #ofExecution(message: OfType<ServerMessage, 'status' | 'output' | 'done'>, bytes: number): void {
    const execution = this.#parts.executions.get(message.execution);
    if (message.seq !== undefined && message.session !== undefined) {
      const session = this.#sessionOnWire(message.session);
      const news = session?.accept(message.seq, bytes);
      if (news === 'known') return;
      if (news === 'early' && session !== undefined) {
        this.#missing(session);
        return;
      }
      if (execution) execution.isKnown = true;
    }
    if (execution === undefined) return;
    switch (message.type) {
      case 'status':
        execution.progress(message.state, message.position);
        return;
      case 'output':
        execution.putOut(message.output, message.frame);
        return;
      case 'done':
        if (message.error?.code === 'draining') this.#leave((other) => other === execution);
        else this.#parts.executions.finish(execution, resultOf(message));
        return;
      default:
        assertNever(message);
    }
  }

  /** A message was lost on its way; the next connection begins with it. */
  #missing(session: Session): void {
    if (session.mayAskAgain()) {
      this.#parts.reset();
      return;
    }
    const message = 'Messages of the session were lost.';
    this.#parts.send({ type: 'close', session: session.wireId });
    this.#closed({ type: 'closed', session: session.wireId, reason: 'lost', message, code: 'session-lost' });
  }

  /** The relay is about to go and did not take these: they are for the next one, which it will send this client to. */
  #leave(isMeant: (execution: Execution) => boolean): void {
    this.#parts.leaving();
    this.#parts.executions.returned(isMeant);
  }

  #failed(message: OfType<ServerMessage, 'error'>): void {
    if (message.about === undefined) return;
    if (this.#parts.questions.refused(message.about, message.code, message.message)) return;
    const execution = this.#parts.executions.get(message.about);
    if (execution === undefined) return;
    // An interrupt may cross the execution's own start; only a kill that finds nothing proves it is gone.
    if (message.code === 'unknown-execution' && execution.stop !== 'kill') return;
    if (message.code === 'duplicate-id') return;
    this.#parts.executions.finish(execution, lostResult(message.code, message.message, message.retryAfterMs));
  }
}

function resultOf(message: OfType<ServerMessage, 'done'>): ExecutionResult {
  const { status, wallMs, cpuMs, cached, truncated, limit, message: sentence, error } = message;
  return {
    status,
    wallMs,
    cpuMs,
    cached,
    truncated,
    ...(limit !== undefined && { limit }),
    ...(sentence !== undefined && { message: sentence }),
    ...(error !== undefined && { error }),
  };
}
