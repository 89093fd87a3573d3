/** Sessions of cells that share theirs with nobody: frames of an interact need the process that made it. */
import type { Client } from '../session/client.js';
import type { Session } from '../session/session.js';
import type { RunPlace } from './run-request.js';

/** Words without which code makes no interact itself; one that is made nevertheless gets its session with its first frame. */
const MENTION = /\b(?:interact|dynamic)\b/;

/** Sessions of this kind in one page: a relay allows 40 to a client, and those with a name are the author's. */
export const MAX_PRIVATE_SESSIONS = 24;

/** Begins their names; an author's attribute can't begin so. */
const PREFIX = '\u0000cell ';

/** How the session of a cell is called that it shares with nobody. */
export const privateName = (cell: string): string => `${PREFIX}${cell}`;

/** A cell, as far as its session is concerned. */
type Owner = object;

/** One for a page. */
export class PrivateSessions {
  /** By cell; the one that was used last comes last. */
  readonly #sessions = new Map<Owner, Session>();
  readonly #session: (client: Client, server: string, name: string) => Session;
  #count = 0;

  /** @param session the session of that name */
  constructor(session: (client: Client, server: string, name: string) => Session) {
    this.#session = session;
  }

  /** A fresh one for code that seems to make an interact, in the place of the one the cell had; undefined for other code. */
  forRun(owner: Owner, client: Client, place: RunPlace, code: string): Session | undefined {
    this.close(owner);
    return MENTION.test(code) ? this.open(owner, client, place) : undefined;
  }

  /** A fresh one. At the limit, the one that was not used for longest is closed. */
  open(owner: Owner, client: Client, { server, cell }: RunPlace): Session {
    this.close(owner);
    for (const [oldest] of this.#sessions) {
      if (this.#sessions.size < MAX_PRIVATE_SESSIONS) break;
      this.close(oldest);
    }
    this.#count += 1;
    const names = [...this.#sessions.values()].map(({ name }) => name);
    const own = privateName(cell ?? '');
    const isFree = cell !== undefined && !names.includes(own);
    const session = this.#session(client, server, isFree ? own : `${own} ${String(this.#count)}`);
    this.#sessions.set(owner, session);
    return session;
  }

  /** The one of before the page was loaded again. */
  recall(owner: Owner, client: Client, { server, cell = '' }: RunPlace): Session {
    const session = this.#session(client, server, privateName(cell));
    this.#sessions.set(owner, session);
    return session;
  }

  /** It is used now. */
  used(owner: Owner): void {
    const session = this.#sessions.get(owner);
    if (session === undefined) return;
    this.#sessions.delete(owner);
    this.#sessions.set(owner, session);
  }

  /** The cell needs it no more. */
  close(owner: Owner): void {
    this.#sessions.get(owner)?.close();
    this.#sessions.delete(owner);
  }
}
