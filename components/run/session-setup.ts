/** Code that prepares a session: run once in each life of it, ahead of everything else. */
import { onTheWire, type LanguageName } from '../languages.js';
import type { Client } from '../session/client.js';
import type { Session } from '../session/session.js';

/** A piece of such code. */
export interface SetupCode {
  readonly code: string;
  readonly language: LanguageName;
}

/**
 * Sends what has not run in this life of the session. A session runs its executions in order, so that nothing
 * need wait for it here. @param failed is told of an exception; what raised one is tried again next time
 */
export function prepareSession(
  client: Client,
  session: Session,
  codes: readonly SetupCode[],
  failed: (message: string) => void,
): void {
  // What the life before was prepared with went with it.
  if (session.state === 'ended') session.prepared.clear();
  for (const { code, language } of codes) {
    const id = `${language}\n${code}`;
    if (session.prepared.has(id)) continue;
    session.prepared.add(id);
    const wired = onTheWire(code, language);
    client.execute(wired.code, {
      session,
      language: wired.language,
      observer: {
        output: (output) => {
          if (output.kind === 'error') failed(`${output.name}: ${output.message}`);
        },
        done: ({ status }) => {
          if (status !== 'ok') session.prepared.delete(id);
        },
      },
    });
  }
}
