/** What one session was asked to run and has not ended: to be said again when its link broke. */
import type { ClientMessage, ExecutionId, OfType } from '../protocol/index.js';
import { MAX_HELD_COMMANDS, type Unaddressed } from './seat.js';

/** Names of ended executions kept: as many as a bridge remembers. */
const MAX_REMEMBERED_EXECUTIONS = 1_024;

type Execute = OfType<ClientMessage, 'execute'>;
type Answer = OfType<ClientMessage, 'answer'>;

/** In the order in which they were asked for. */
export class PendingExecutions {
  readonly #pending = new Map<ExecutionId, Execute>();
  /** The latest answer to each of them: it may be lost with a link. */
  readonly #answers = new Map<ExecutionId, Answer>();
  /** Names of those that ended, the latest of them. */
  readonly #finished = new Set<ExecutionId>();

  get size(): number {
    return this.#pending.size;
  }

  has(execution: ExecutionId): boolean {
    return this.#pending.has(execution);
  }

  /** True if it ended a while ago: a bridge would not run that name again. */
  hasFinished(execution: ExecutionId): boolean {
    return this.#finished.has(execution);
  }

  add(message: Execute): void {
    this.#pending.set(message.execution, message);
  }

  /** It was never begun. */
  drop(execution: ExecutionId): void {
    this.#pending.delete(execution);
  }

  /** Keeps an answer that may be said twice: one that says what it answers. */
  answered(message: Answer): void {
    if (message.prompt === undefined || this.#answers.size >= MAX_HELD_COMMANDS) return;
    this.#answers.set(message.execution, message);
  }

  /** It has ended. */
  settle(execution: ExecutionId): void {
    this.#pending.delete(execution);
    this.#answers.delete(execution);
    this.#finished.add(execution);
    for (const oldest of this.#finished) {
      if (this.#finished.size <= MAX_REMEMBERED_EXECUTIONS) return;
      this.#finished.delete(oldest);
    }
  }

  executes(): Iterable<Unaddressed> {
    return this.#pending.values();
  }

  answers(): Iterable<Unaddressed> {
    return this.#answers.values();
  }

  /** The names of all, which have ended with their session. */
  takeAll(): readonly ExecutionId[] {
    const names = [...this.#pending.keys()];
    this.#pending.clear();
    return names;
  }
}
