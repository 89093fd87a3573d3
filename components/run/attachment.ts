/** What a cell holds of a server: the client it shares with the cells of its page, and its session there. */
import type { RunBase } from '../interact/site.js';
import { onTheWire } from '../languages.js';
import type { Client } from '../session/client.js';
import type { Execution, ExecutionObserver } from '../session/execution.js';
import type { Completions, Inspection } from '../session/questions.js';
import type { Session, SessionEnd } from '../session/session.js';
import type { Lease, SharedClients } from '../session/shared.js';
import type { KeptPage } from './kept-page.js';
import { privateName } from './private-sessions.js';
import type { RunRecord } from './run-record.js';
import type { RunPlace, RunRequest } from './run-request.js';
import { prepareSession } from './session-setup.js';
import { shiftedObserver } from './shifted.js';

/** Longest text before the cursor that a question to the server may hold, UTF-16 units: that of the protocol. */
const MAX_ASKED_LENGTH = 65_536;

/** The end of a text that is too long for a question, from the beginning of a line. */
function asked(before: string): string {
  if (before.length <= MAX_ASKED_LENGTH) return before;
  const end = before.slice(-MAX_ASKED_LENGTH);
  return end.slice(end.indexOf('\n') + 1);
}

/** An execution under way, and what is written down of it, if that is. */
export interface Begun {
  readonly execution: Execution;
  readonly record: RunRecord | undefined;
}

/** Held by one cell, which calls `letGo` when it has left its page. */
export class Attachment {
  #lease: Lease | undefined;
  #server = '';
  #session: Session | undefined;
  #unobserve: (() => void) | undefined;
  /** Where the place names no session and one is needed. */
  #private: Session | undefined;
  /** Where frames of the interacts go that ran here last. */
  base: RunBase | undefined;

  /** @param sessionEnded the session is over, whoever ended it */
  constructor(
    readonly ready: { readonly clients: SharedClients; readonly kept: KeptPage },
    readonly sessionEnded: (end: SessionEnd) => void,
  ) {}

  /** The client, while there is a connection; nobody is asked anything for whom one would have to be made. */
  get online(): Client | undefined {
    const client = this.#lease?.client;
    return client?.isOnline ? client : undefined;
  }

  /** True if the last place named a session, which others may know of. */
  get isShared(): boolean {
    return this.#session !== undefined && this.#session !== this.#private;
  }

  /** The session of the last place, if that had one. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Takes hold of that place, and lets go of any other. */
  attach({ server, key, session: name }: RunPlace): Client {
    const address = `${server} ${key ?? ''}`;
    if (this.#lease === undefined || this.#server !== address) {
      this.letGo();
      this.#lease = this.ready.clients.lease(server, key);
      this.#server = address;
    }
    const { client } = this.#lease;
    const session = name === undefined ? this.#private : this.ready.kept.session(client, server, name);
    if (session !== this.#session) {
      this.#unobserve?.();
      this.#session = session;
      // What was in one that nobody else knows of, its interacts tell.
      this.#unobserve = name === undefined ? undefined : session?.observe({ ended: this.sessionEnded });
    }
    return client;
  }

  /** Sends the code, and before it what has to run in its session first. @param setupFailed is told of an exception there */
  execute(request: RunRequest, observer: ExecutionObserver, setupFailed: (message: string) => void): Begun {
    const { privates } = this.ready.kept;
    this.#private =
      request.session === undefined
        ? privates.forRun(this, this.attach(request), request, request.code)
        : undefined;
    const client = this.attach(request);
    const session = this.#session;
    this.base = { session, request };
    if (session) prepareSession(client, session, request.setup, setupFailed);
    const { code, language, addedLines } = onTheWire(request.code, request.language);
    const execution = client.execute(code, {
      language,
      ...(session && { session }),
      ...(request.isTypeset && { typeset: true }),
      ...(!request.mayCache && { cache: 'bypass' as const }),
      ...(request.timeLimitMs !== undefined && { limits: { wallMs: request.timeLimitMs } }),
      observer: shiftedObserver(observer, addedLines),
    });
    const { cell } = request;
    const isKept = session !== undefined && cell !== undefined;
    return {
      execution,
      record: isKept ? this.ready.kept.record(session, cell, request, execution) : undefined,
    };
  }

  /** What ran at that place before the page was loaded again, if that is known; its session goes on from now on. */
  recall(place: RunPlace): RunRecord | undefined {
    const { server, session: name, cell } = place;
    const { kept } = this.ready;
    if (cell === undefined || !kept.mayClaim(server, name ?? privateName(cell))) return undefined;
    if (name === undefined) this.#private = kept.privates.recall(this, this.attach(place), place);
    this.attach(place);
    this.base = { session: this.#session, request: place };
    return this.#session && this.ready.kept.claim(this.#session, cell);
  }

  /** The client for frames of what ran at that place. */
  clientFor(place: RunPlace): Client {
    this.ready.kept.privates.used(this);
    return this.attach(place);
  }

  /** A session for this cell alone, where what ran turns out to need one. */
  openPrivate(place: RunPlace): Session {
    this.#private = this.ready.kept.privates.open(this, this.attach(place), place);
    this.attach(place);
    return this.#private;
  }

  /** Ends the session that this cell shares with nobody; interacts in it can't be used any more. */
  closePrivate(): void {
    this.ready.kept.privates.close(this);
    this.#private = undefined;
  }

  letGo(): void {
    this.closePrivate();
    this.#unobserve?.();
    this.#unobserve = undefined;
    this.#session = undefined;
    this.#lease?.release();
    this.#lease = undefined;
  }

  /** What the session knows of the name that ends `before`; `undefined` when there is nobody to ask or no answer. */
  async inspect(before: string): Promise<Inspection | undefined> {
    try {
      return await this.online?.inspect(asked(before), 'docstring', this.#where);
    } catch {
      return undefined;
    }
  }

  /** Names for the text before the cursor; `undefined` when that would take a new connection, or no answer came. */
  async complete(before: string): Promise<Completions | undefined> {
    try {
      return await this.online?.complete(asked(before), this.#where);
    } catch {
      return undefined;
    }
  }

  get #where(): { readonly session?: Session } {
    return this.#session ? { session: this.#session } : {};
  }
}
