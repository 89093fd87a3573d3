/** The sessions of one service by the names that their clients chose. */
import { randomUUID } from 'node:crypto';
import type { Visit } from '../admission/visit.js';
import type { Log } from '../observe/log.js';
import type { Converse } from '../sessions/conversation.js';
import { SockJsSession } from './session.js';

/** How often heartbeats are looked after, milliseconds, where heartbeats are no more frequent than that. */
const SWEEP_MS = 5_000;

/** What a table needs. */
export interface SessionTableOptions {
  readonly converse: Converse;
  readonly log: Log;
  /** Most sessions at a time. */
  readonly maxSessions: number;
  readonly disconnectMs: number;
  /** Longest silence of the server while a request waits, milliseconds. */
  readonly heartbeatMs: number;
}

/** Opens sessions and forgets those that are gone. Whoever makes one calls `close`. */
export class SessionTable {
  readonly #sessions = new Map<string, SockJsSession>();
  readonly #options: SessionTableOptions;
  readonly #sweep: NodeJS.Timeout;

  constructor(options: SessionTableOptions) {
    this.#options = options;
    const everyMs = Math.min(SWEEP_MS, options.heartbeatMs / 5);
    this.#sweep = setInterval(() => {
      for (const session of [...this.#sessions.values()]) session.beat(options.heartbeatMs - everyMs);
    }, everyMs);
    this.#sweep.unref();
  }

  get(name: string): SockJsSession | undefined {
    return this.#sessions.get(name);
  }

  /** @returns undefined if there are too many already; else it ends `visit` when the session is gone */
  open(name: string, visit: Visit): SockJsSession | undefined {
    const { converse, disconnectMs, log, maxSessions } = this.#options;
    if (this.#sessions.size >= maxSessions) return undefined;
    const logId = randomUUID();
    const session = new SockJsSession({
      converse,
      logId,
      visit,
      disconnectMs,
      onGone: () => {
        if (this.#sessions.get(name) === session) this.#sessions.delete(name);
        visit.leave();
        log.debug({ connection: logId }, 'client disconnected');
      },
    });
    this.#sessions.set(name, session);
    return session;
  }

  /** Ends all sessions and the timers. Idempotent. */
  close(): void {
    clearInterval(this.#sweep);
    for (const session of [...this.#sessions.values()]) session.cut();
  }
}
