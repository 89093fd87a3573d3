/** What a page leaves in its tab for its next load: its sessions, and what their cells ran last. */
import { SESSION_GRACE_MS } from '../../relay/protocol/index.js';
import type { Client } from '../session/client.js';
import type { Execution } from '../session/execution.js';
import type { KeptSession } from '../session/kept-session.js';
import type { Session } from '../session/session.js';
import { pageName, PREFIX, withTabStorage } from './left-behind.js';
import { PrivateSessions } from './private-sessions.js';
import { RunRecord, type KeptRun } from './run-record.js';

/** Another version of what is kept is not read. */
const VERSION = 2;

/** Most that a page leaves, UTF-16 units of JSON: a tab has room for some five million for all of its pages. */
const MAX_LENGTH = 1_500_000;

/** Sessions a page leaves at most. */
const MAX_SESSIONS = 32;

/** A session with what its cells ran last. */
interface LeftSession extends KeptSession {
  readonly server: string;
  readonly name: string;
  readonly runs: KeptRun[];
}

interface LeftPage {
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly leftAt: number;
  readonly sessions: readonly LeftSession[];
}

/** A session of this page. */
interface Member {
  readonly client: Client;
  readonly server: string;
  /** By cell. */
  readonly records: Map<string, RunRecord>;
  /** Records of before the page was loaded again that no cell has asked for. */
  readonly unclaimed: Set<RunRecord>;
}

/**
 * One for a page. It is written down when the page goes and taken away when it comes: while a page is shown there is
 * nothing in the tab's storage, so that a copy of the tab begins with sessions of its own.
 */
export class KeptPage {
  readonly #members = new Map<Session, Member>();
  /** What nobody has asked for yet. */
  #left: readonly LeftSession[];
  /** Those of cells that share none. */
  readonly privates = new PrivateSessions((client, server, name) => this.session(client, server, name));
  readonly #now: () => number;
  readonly #since: number;

  /** @param page where `pagehide` and `pageshow` are fired; @param now milliseconds since 1970 */
  constructor(page: EventTarget, now: () => number = Date.now) {
    this.#now = now;
    this.#since = now();
    this.#left = this.#take();
    page.addEventListener('pagehide', () => {
      this.#leave();
    });
    page.addEventListener('pageshow', (event) => {
      // The page itself came back, and all that it knows with it.
      if ((event as PageTransitionEvent).persisted) this.#take();
    });
  }

  /** The session of that name: the one this page had before it was loaded again, if it can be gone on with. */
  session(client: Client, server: string, name: string): Session {
    const session = client.session(name);
    if (this.#members.has(session)) return session;
    const member: Member = { client, server, records: new Map(), unclaimed: new Set() };
    this.#members.set(session, member);
    const stop = session.observe({
      ended: () => {
        // What ran in it is gone with it.
        stop();
        this.#members.delete(session);
      },
    });
    const left = this.#findLeft(server, name);
    if (left !== undefined) this.#resume(member, left);
    return session;
  }

  /** True while there may be something to `claim` in the session of that name. */
  mayClaim(server: string, name: string): boolean {
    if (this.#findLeft(server, name) !== undefined) return true;
    return [...this.#members].some(
      ([session, member]) => session.name === name && member.server === server && member.unclaimed.size > 0,
    );
  }

  /** Writes down, from now on, what the cell of that name runs in a session of this page. */
  record(
    session: Session,
    cell: string,
    { code, language }: Pick<KeptRun, 'code' | 'language'>,
    execution: Execution,
  ): RunRecord {
    const record = new RunRecord({ cell, code, language, outputs: [], isCut: false }, execution);
    this.#members.get(session)?.records.set(cell, record);
    return record;
  }

  /** What the cell of that name ran in the session before the page was loaded again; told once. */
  claim(session: Session, cell: string): RunRecord | undefined {
    const member = this.#members.get(session);
    const record = member?.records.get(cell);
    return record !== undefined && member?.unclaimed.delete(record) === true ? record : undefined;
  }

  /** The reader took the output of that cell away. */
  forget(session: Session, cell: string): void {
    this.#members.get(session)?.records.delete(cell);
  }

  #findLeft(server: string, name: string): LeftSession | undefined {
    if (this.#now() - this.#since > SESSION_GRACE_MS) this.#left = [];
    return this.#left.find((left) => left.server === server && left.name === name);
  }

  #resume({ client, records, unclaimed }: Member, left: LeftSession): void {
    this.#left = this.#left.filter((other) => other !== left);
    const executions = client.resume(left.name, left);
    for (const kept of left.runs) {
      const execution = executions.find(({ id }) => id === kept.execution);
      if (execution === undefined && kept.result === undefined) continue;
      const record = new RunRecord(kept, execution);
      records.set(kept.cell, record);
      unclaimed.add(record);
    }
  }

  #leave(): void {
    let room = MAX_LENGTH;
    const fits = (part: object): boolean => {
      room -= JSON.stringify(part).length;
      return room >= 0;
    };
    const sessions: LeftSession[] = [];
    const records: [LeftSession, RunRecord][] = [];
    // The sessions first: output can be had again by running the code again.
    for (const [session, member] of this.#members) {
      const kept = member.client.keep(session);
      if (kept === undefined || sessions.length === MAX_SESSIONS) continue;
      const left = { server: member.server, name: session.name, ...kept, runs: [] };
      if (!fits(left)) break;
      sessions.push(left);
      for (const record of member.records.values()) records.push([left, record]);
    }
    for (const [{ runs }, record] of records) {
      const run = record.keep();
      if (fits(run)) runs.push(run);
    }
    if (sessions.length === 0) return;
    const page: LeftPage = { version: VERSION, leftAt: this.#now(), sessions };
    withTabStorage((storage) => {
      storage.setItem(pageName(), JSON.stringify(page));
    });
  }

  /** Takes away what this page left, and what others left too long ago. */
  #take(): readonly LeftSession[] {
    const text = withTabStorage((storage) => {
      const names = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '');
      const here = pageName();
      const found = storage.getItem(here);
      for (const name of names.filter((one) => one.startsWith(PREFIX)))
        if (name === here || this.#read(storage.getItem(name)).length === 0) storage.removeItem(name);
      return found;
    });
    return this.#read(text ?? null);
  }

  #read(text: string | null): readonly LeftSession[] {
    try {
      const page = JSON.parse(text ?? 'null') as LeftPage | null;
      const isGood = page?.version === VERSION && this.#now() - page.leftAt < SESSION_GRACE_MS;
      return isGood ? page.sessions : [];
    } catch {
      return [];
    }
  }
}
