/** Questions of one client connection: each has one answer, and only so many wait for theirs. */
import type { ClientMessage, ErrorCode, OfType, RequestId } from '../protocol/index.js';
import type { Bridge, BridgeQuestion } from '../bridges/bridge.js';
import type { ClientSession } from './client-session.js';
import type { Client } from './connection-context.js';
import { RETRY_AFTER_MS, SENTENCES } from '../ends.js';
import type { StatelessExecution } from './stateless-execution.js';

/** Questions (`complete`, `inspect`, `budget`) of one connection that wait for an answer: an editor has one at a time per cell. */
const MAX_QUESTIONS_PER_CONNECTION = 64;

/** What questions need of their connection. */
type Asker = Pick<Client, 'send' | 'refuse'>;

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
    if (name !== undefined && session === undefined) {
      this.#refuse('unknown-session', `There is no session ${name} on this connection.`, request);
      return;
    }
    this.#ask(bridge, { ...question, ...(session && { session: session.id }) }, request);
  }

  /** Asks the bridge of `holder` what is left of the limits there; answers in every case. */
  askBudget(
    { request, session, execution }: OfType<ClientMessage, 'budget'>,
    holder: ClientSession | StatelessExecution | undefined,
  ): void {
    if (holder !== undefined) {
      const question = { type: 'budget', session: holder.id, ...(execution && { execution }) } as const;
      this.#ask(holder.bridge, question, request);
    } else if (session !== undefined) {
      this.#refuse('unknown-session', `There is no session ${session} on this connection.`, request);
    } else if (execution !== undefined) {
      this.#refuse('unknown-execution', `No execution ${execution} is running or waiting.`, request);
    } else {
      this.#refuse('bad-message', 'budget: session or execution is missing.', request);
    }
  }

  #refuse(code: ErrorCode, text: string, request: string): void {
    this.#asker.refuse(code, text, request, code === 'unavailable' ? { retryAfterMs: RETRY_AFTER_MS } : {});
  }

  #ask(bridge: Bridge | undefined, question: BridgeQuestion, request: RequestId): void {
    if (this.#waiting >= MAX_QUESTIONS_PER_CONNECTION) {
      this.#refuse('too-many', `${MAX_QUESTIONS_PER_CONNECTION} questions may wait for an answer.`, request);
      return;
    }
    this.#waiting += 1;
    const isAsked = bridge?.ask(question, (answer) => {
      this.#waiting -= 1;
      if (answer.type !== 'error') this.#asker.send({ ...answer, request });
      else {
        const { code, message: text, retryAfterMs } = answer;
        this.#asker.refuse(code, text, request, { retryAfterMs });
      }
    });
    if (isAsked !== true) {
      this.#waiting -= 1;
      this.#refuse('unavailable', SENTENCES.unavailable, request);
    }
  }
}
