/** The executions of one client that have no end: sent in the order of asking, and again as far as a lost connection makes it needed. */
import {
  MAX_EXECUTIONS_PER_CONNECTION,
  type ClientMessage,
  type ExecutionId,
} from '../../relay/protocol/index.js';
import { lostResult, type Execution, type ExecutionResult, type ExecutionRoute } from './execution.js';
import type { Session } from './session.js';

/** What executions need of their client. */
export interface ExecutionsOwner {
  /** Says whether there was a connection to send it on. */
  send(message: ClientMessage): boolean;
  /** True while a relay takes new work. */
  readonly mayBegin: boolean;
}

/** In the order in which they were asked for. */
export class Executions implements Iterable<Execution> {
  readonly #executions = new Map<ExecutionId, Execution>();
  readonly #owner: ExecutionsOwner;

  constructor(owner: ExecutionsOwner) {
    this.#owner = owner;
  }

  /** How an execution says what its reader wants of it. */
  readonly route: ExecutionRoute = {
    answer: (execution, text) => {
      execution.answered = {
        ...(text !== undefined && { text }),
        ...(execution.prompts !== undefined && { prompt: execution.prompts }),
      };
      this.#sendAnswer(execution);
    },
    interrupt: (execution) => {
      execution.stop ??= 'interrupt';
      this.#stop(execution);
    },
    kill: (execution) => {
      execution.stop = 'kill';
      this.#stop(execution);
    },
  };

  get size(): number {
    return this.#executions.size;
  }

  get(id: string): Execution | undefined {
    return this.#executions.get(id as ExecutionId);
  }

  /** As many as were there when it began: what a listener adds meanwhile is not among them. */
  [Symbol.iterator](): Iterator<Execution> {
    return [...this.#executions.values()].values();
  }

  /** Those of a session. */
  in(session: Session): Execution[] {
    return [...this].filter(({ options }) => options.session === session);
  }

  add(execution: Execution): void {
    this.#executions.set(execution.id, execution);
  }

  /** It has ended; what waited for its place goes. */
  finish(execution: Execution, result: ExecutionResult): void {
    this.#executions.delete(execution.id);
    execution.finish(result);
    this.pump();
  }

  /** Sends what is not sent yet, in order, as far as a connection may hold it. */
  pump(): void {
    if (!this.#owner.mayBegin) return;
    let sent = 0;
    for (const execution of this.#executions.values()) {
      if (sent === MAX_EXECUTIONS_PER_CONNECTION) return;
      sent += 1;
      if (!execution.isSent) this.#begin(execution);
    }
  }

  /** Says again, on a new connection, what its readers want of them: it may have been lost with the one before. */
  repeatWishes(): void {
    for (const execution of this.#executions.values()) {
      if (!execution.isSent) continue;
      if (execution.stop !== undefined) this.#sendStop(execution.stop, execution);
      // One that does not say what it answers could answer what is asked next.
      if (execution.answered?.prompt !== undefined) this.#sendAnswer(execution);
    }
  }

  /** The connection is gone: what runs in no session is gone with it, and begins anew. */
  lostSight(): void {
    for (const execution of this) {
      execution.isSent = false;
      const isKept = execution.options.session?.token !== undefined;
      if (!isKept && execution.wasSent) execution.restart();
      execution.lostSight();
    }
  }

  /** Those were not taken: they are for the next connection. */
  returned(isMeant: (execution: Execution) => boolean): void {
    for (const execution of this) {
      if (!isMeant(execution)) continue;
      execution.isSent = false;
      execution.restart();
      execution.lostSight();
    }
  }

  #begin(execution: Execution): void {
    const { session, language, frame, typeset, limits, cache } = execution.options;
    if (session !== undefined && session.state !== 'open' && session.state !== 'opening') session.open();
    execution.isSent = true;
    // The server has what it spoke of. What it never mentioned may have been lost on the way; the same
    // name twice runs once, so saying it again is safe.
    if (execution.isKnown) return;
    execution.wasSent = true;
    this.#owner.send({
      type: 'execute',
      ...nameOf(execution),
      code: execution.code,
      ...(frame !== undefined && { frame }),
      ...(language !== undefined && { language }),
      ...(typeset !== undefined && { typeset }),
      ...(limits !== undefined && { limits }),
      ...(cache !== undefined && { cache }),
    });
  }

  #stop(execution: Execution): void {
    if (!execution.wasSent) {
      const message = 'Stopped before it was sent to the server.';
      this.finish(execution, { ...lostResult('unavailable', message), status: 'interrupted' });
    } else if (execution.stop !== undefined) this.#sendStop(execution.stop, execution);
  }

  #sendStop(type: 'interrupt' | 'kill', execution: Execution): void {
    this.#owner.send({ type, ...nameOf(execution) });
  }

  #sendAnswer(execution: Execution): void {
    this.#owner.send({ type: 'answer', ...nameOf(execution), ...execution.answered });
  }
}

/** How messages name an execution. */
function nameOf({ id, options }: Execution): {
  readonly execution: ExecutionId;
  readonly session?: Session['wireId'];
} {
  const session = options.session?.wireId;
  return { execution: id, ...(session !== undefined && { session }) };
}
