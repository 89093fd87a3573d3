/** Questions that have one answer each: what may follow, what is known. Bounded in number and in time. */
import type {
  ClientMessage,
  ErrorCode,
  ExecutionId,
  OfType,
  RequestId,
  ServerMessage,
  SessionId,
} from '../../relay/protocol/index.js';
import { identifier } from './identifier.js';
import type { Session } from './session.js';

/** How long a question may stay unanswered, milliseconds. A completion later than this helps nobody. */
export const QUESTION_MS = 3_000;

/** Most questions waiting for an answer. */
const MAX_QUESTIONS = 32;

/** The names that could stand before the cursor. */
export type Completions = OfType<ServerMessage, 'completions'>;

/** What is known about a name. */
export type Inspection = OfType<ServerMessage, 'inspection'>;

/** What is left of limits, milliseconds; what does not apply is absent. */
export type Remaining = OfType<ServerMessage, 'remaining'>;

type Answer = Completions | Inspection | Remaining;

/** Why a question has no answer. */
export class QuestionError extends Error {
  override readonly name = 'QuestionError';
  constructor(
    readonly code: ErrorCode | 'timeout',
    message: string,
  ) {
    super(message);
  }
}

/** Extent of a question. */
export interface QuestionOptions {
  /** Session to ask in; one that is not open is not opened for this. */
  readonly session?: Session;
  /** @default QUESTION_MS */
  readonly timeoutMs?: number;
}

interface Waiting {
  readonly answer: (message: Answer) => void;
  readonly fail: (error: QuestionError) => void;
}

/** The questions of one client. */
export class Questions {
  readonly #waiting = new Map<string, Waiting>();
  readonly #send: (message: ClientMessage) => boolean;

  constructor(send: (message: ClientMessage) => boolean) {
    this.#send = send;
  }

  /** @throws QuestionError if there is no connection, no answer or no time */
  async complete(before: string, options: QuestionOptions): Promise<Completions> {
    return (await this.#ask(options, (about) => ({ type: 'complete', ...about, before }))) as Completions;
  }

  /** @throws QuestionError if there is no connection, no answer or no time */
  async inspect(
    before: string,
    detail: 'docstring' | 'source',
    options: QuestionOptions,
  ): Promise<Inspection> {
    return (await this.#ask(options, (about) => ({
      type: 'inspect',
      ...about,
      before,
      detail,
    }))) as Inspection;
  }

  /** @throws QuestionError if there is no connection, nothing of that name, no answer or no time */
  async remaining(
    of: { readonly session?: SessionId; readonly execution?: ExecutionId },
    timeoutMs?: number,
  ): Promise<Remaining> {
    const options = timeoutMs === undefined ? {} : { timeoutMs };
    return (await this.#ask(options, ({ request }) => ({ type: 'budget', request, ...of }))) as Remaining;
  }

  /** Takes an answer; one that nobody waits for any more is dropped. */
  answered(message: Answer): void {
    this.#take(message.request)?.answer(message);
  }

  /** Takes a refusal; false if it was not about a question. */
  refused(about: string, code: ErrorCode, message: string): boolean {
    const waiting = this.#take(about);
    waiting?.fail(new QuestionError(code, message));
    return waiting !== undefined;
  }

  /** No answer will come to any of them. */
  failAll(message: string): void {
    for (const request of [...this.#waiting.keys()]) this.refused(request, 'unavailable', message);
  }

  #take(request: string): Waiting | undefined {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    return waiting;
  }

  #ask(
    { session, timeoutMs }: QuestionOptions,
    compose: (about: { request: RequestId; session?: Session['wireId'] }) => ClientMessage,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = identifier('q') as RequestId;
      if (this.#waiting.size >= MAX_QUESTIONS) {
        reject(new QuestionError('too-many', 'Too many questions wait for an answer.'));
        return;
      }
      const about = session?.state === 'open' ? { request, session: session.wireId } : { request };
      if (!this.#send(compose(about))) {
        reject(new QuestionError('unavailable', 'There is no connection to the server.'));
        return;
      }
      const timer = setTimeout(() => {
        this.#take(request)?.fail(new QuestionError('timeout', 'No answer came in time.'));
      }, timeoutMs ?? QUESTION_MS);
      this.#waiting.set(request, {
        answer: (message) => {
          clearTimeout(timer);
          resolve(message);
        },
        fail: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
    });
  }
}
