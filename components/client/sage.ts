/** A relay as a program sees it: code in, output and results out. */
import { Client } from '../session/client.js';
import type { ConnectionOptions } from '../session/connection.js';
import type { ExecuteOptions } from '../session/execution.js';
import type { Completions, Inspection, QuestionOptions } from '../session/questions.js';
import type { Session, SessionEnd, SessionState } from '../session/session.js';
import { Computation } from './computation.js';

/** What to run code with. */
export type ComputeOptions = Omit<ExecuteOptions, 'session' | 'observer'>;

/** Extent of a question. */
export type AskOptions = Omit<QuestionOptions, 'session'>;

/**
 * A client of one relay. Connects with the first execution; comes back by itself when the connection breaks, with
 * nothing lost or doubled. Whoever makes one calls `close`.
 */
export class Sage {
  readonly #client: Client;
  readonly #sessions = new Map<string, SageSession>();

  /** @param server address of the relay, `http://…` or `https://…`; in Node also `ws:`, `wss:`, `tcp:` and `tls:` */
  constructor(server: string | URL, options: ConnectionOptions = {}) {
    this.#client = new Client(server, { clientName: 'sage-embed/client', ...options });
  }

  /** Version of Sage, once the relay has told it. */
  get version(): string | undefined {
    return this.#client.sage;
  }

  /** True while there is a connection. */
  get isOnline(): boolean {
    return this.#client.isOnline;
  }

  /** Runs code in a fresh process that is thrown away. */
  execute(code: string, options: ComputeOptions = {}): Computation {
    return new Computation((observer) => this.#client.execute(code, { ...options, observer }));
  }

  /** The session of that name: executions in it run one after another and share their variables. */
  session(name = 'default'): SageSession {
    let session = this.#sessions.get(name);
    if (session === undefined) {
      session = new SageSession(this.#client, this.#client.session(name));
      this.#sessions.set(name, session);
    }
    return session;
  }

  /** Asks what may follow `before`. @throws QuestionError if there is no connection, no answer or no time */
  complete(before: string, options: AskOptions = {}): Promise<Completions> {
    return this.#client.complete(before, options);
  }

  /** Asks for the documentation of what ends `before`. @throws QuestionError as `complete` does */
  inspect(
    before: string,
    detail: 'docstring' | 'source' = 'docstring',
    options: AskOptions = {},
  ): Promise<Inspection> {
    return this.#client.inspect(before, detail, options);
  }

  /** Ends sessions and connection. What still runs ends as `lost`. */
  close(): void {
    this.#client.close();
    this.#sessions.clear();
  }
}

/** Made by `Sage.session`. Nothing is opened before its first execution. */
export class SageSession {
  readonly #client: Client;
  readonly #session: Session;

  constructor(client: Client, session: Session) {
    this.#client = client;
    this.#session = session;
  }

  get name(): string {
    return this.#session.name;
  }

  get state(): SessionState {
    return this.#session.state;
  }

  /** Runs code after what was given to the session before. */
  execute(code: string, options: ComputeOptions = {}): Computation {
    return new Computation((observer) =>
      this.#client.execute(code, { ...options, session: this.#session, observer }),
    );
  }

  /** Asks what may follow `before`, knowing the session's variables. @throws QuestionError */
  complete(before: string, options: AskOptions = {}): Promise<Completions> {
    return this.#client.complete(before, { ...options, session: this.#session });
  }

  /** Asks for the documentation of what ends `before`. @throws QuestionError */
  inspect(
    before: string,
    detail: 'docstring' | 'source' = 'docstring',
    options: AskOptions = {},
  ): Promise<Inspection> {
    return this.#client.inspect(before, detail, { ...options, session: this.#session });
  }

  /** Calls `listener` when the session is gone other than by `close`; the returned function ends that. */
  on(_name: 'ended', listener: (end: SessionEnd) => void): () => void {
    return this.#session.observe({
      ended: (end) => {
        if (end.reason !== 'closed') listener(end);
      },
    });
  }

  /** Ends the process and forgets the variables. The next execution begins anew. */
  close(): void {
    this.#session.close();
  }
}
