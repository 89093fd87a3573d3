/** Questions of one client connection: each has one answer, and only so many wait for theirs. */
import type { ClientMessage, ErrorCode, OfType, ServerMessage } from '../protocol/index.js';
import type { Bridge } from '../bridges/bridge.js';
import type { ClientSession } from './client-session.js';
import { RETRY_AFTER_MS } from './done.js';

/** Questions (`complete`, `inspect`) of one connection that wait for an answer: an editor has one at a time per cell. */
const MAX_QUESTIONS_PER_CONNECTION = 64;

/** What questions need of their connection. */
export interface Asker {
  send(message: ServerMessage): void;
  refuse(code: ErrorCode, message: string, about: string, detail: { readonly retryAfterMs?: number }): void;
}

/** The questions of one connection; what is answered after its end goes nowhere. */
export class ClientQuestions {
  readonly #asker: Asker;
  #waiting = 0;

  constructor(asker: Asker) {
    this.#asker = asker;
  }

  /** Asks in `session` if there is one, else `bridge`; answers in every case. */
  ask(
    message: OfType<ClientMessage, 'complete' | 'inspect'>,
    session: ClientSession | undefined,
    bridge: Bridge | undefined,
  ): void {
    const { request, session: name, ...question } = message;
    const refuse = (code: ErrorCode, text: string): void => {
      this.#asker.refuse(code, text, request, code === 'unavailable' ? { retryAfterMs: RETRY_AFTER_MS } : {});
    };
    if (this.#waiting >= MAX_QUESTIONS_PER_CONNECTION) {
      refuse('too-many', `${MAX_QUESTIONS_PER_CONNECTION} questions may wait for an answer.`);
      return;
    }
    if (name !== undefined && session === undefined) {
      refuse('unknown-session', `There is no session ${name} on this connection.`);
      return;
    }
    this.#waiting += 1;
    const isAsked = bridge?.ask({ ...question, ...(session && { session: session.id }) }, (answer) => {
      this.#waiting -= 1;
      if (answer.type !== 'error') this.#asker.send({ ...answer, request });
      else {
        const { code, message: text, retryAfterMs } = answer;
        this.#asker.refuse(code, text, request, retryAfterMs === undefined ? {} : { retryAfterMs });
      }
    });
    if (isAsked !== true) {
      this.#waiting -= 1;
      refuse('unavailable', 'No Sage server can be reached at the moment.');
    }
  }
}
