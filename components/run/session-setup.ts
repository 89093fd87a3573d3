/** Code that prepares a session: run once in each life of it, ahead of everything else. */
import { onTheWire, type LanguageName } from '../languages.js';
import type { Client } from '../session/client.js';
import type { Session } from '../session/session.js';

/** A piece of such code. */
export interface SetupCode {
  readonly code: string;
  readonly language: LanguageName;
}

const known = new WeakMap<Session, SessionSetup>();

/** What one session has been prepared with. */
export class SessionSetup {
  readonly #done = new Set<string>();

  /** The same object for the same session. */
  static of(session: Session): SessionSetup {
    let setup = known.get(session);
    if (setup === undefined) {
      setup = new SessionSetup(session);
      known.set(session, setup);
    }
    return setup;
  }

  private constructor(readonly session: Session) {
    // Its variables are gone with it; the session itself keeps this alive as long as it lives.
    session.observe({
      ended: () => {
        this.#done.clear();
      },
    });
  }

  /**
   * Sends what has not run in this life of the session. A session runs its executions in order, so that nothing
   * need wait for it here. @param failed is told of an exception; what raised one is tried again next time
   */
  run(client: Client, codes: readonly SetupCode[], failed: (message: string) => void): void {
    if (this.session.state === 'ended') this.#done.clear();
    for (const { code, language } of codes) {
      const id = `${language}\n${code}`;
      if (this.#done.has(id)) continue;
      this.#done.add(id);
      const wired = onTheWire(code, language);
      client.execute(wired.code, {
        session: this.session,
        language: wired.language,
        observer: {
          output: (output) => {
            if (output.kind === 'error') failed(`${output.name}: ${output.message}`);
          },
          done: ({ status }) => {
            if (status !== 'ok') this.#done.delete(id);
          },
        },
      });
    }
  }
}
