/** What a session has run, as far as it makes the results that follow anybody's. */
import type { BridgeFacts } from '../bridges/bridge.js';
import { historyAfter, resultKey, type Asked, type HistoryDigest } from './key.js';
import type { Ran, SessionRecord } from './session-record.js';

/** Executions and characters of code and frames that a history may have: longer ones are not kept, so that none is replayed for minutes. */
const MAX_HISTORY = 200;
const MAX_HISTORY_LENGTH = 1_048_576;

/** Pure runs, in order. Once a run was not pure it is empty, and names nothing any more. */
export class History {
  #ran: Ran[] = [];
  #length = 0;
  #digest: HistoryDigest = '';
  #isPure = true;

  get ran(): readonly Ran[] {
    return this.#ran;
  }

  get isPure(): boolean {
    return this.#isPure;
  }

  /** Name of the result of `asked` on that Sage after all this; undefined when it would be nobody else's. */
  keyOf(facts: BridgeFacts | undefined, asked: Asked): string | undefined {
    const isShort = this.#ran.length < MAX_HISTORY && this.#length <= MAX_HISTORY_LENGTH;
    if (facts === undefined || !this.#isPure || !isShort) return undefined;
    return resultKey(facts, 'session', this.#digest, asked);
  }

  add({ asked, ...ran }: Ran): void {
    const { code, frame, language, typeset, expressions, limits } = asked;
    const kept: Asked = {
      code,
      ...(frame !== undefined && { frame }),
      ...(language !== undefined && { language }),
      ...(typeset !== undefined && { typeset }),
      ...(expressions !== undefined && { expressions }),
      ...(limits !== undefined && { limits }),
    };
    this.#ran.push({ ...ran, asked: kept });
    this.#remember(kept);
  }

  /** Something was run whose outcome depends on more than its text. */
  spoil(): void {
    this.#isPure = false;
    this.#ran = [];
  }

  /** Takes over what another life of the session had run. */
  restore(record: SessionRecord): void {
    this.#ran = [...record.history];
    for (const { asked } of record.history) this.#remember(asked);
  }

  #remember(asked: Asked): void {
    this.#digest = historyAfter(this.#digest, asked);
    this.#length += asked.code.length + (asked.frame === undefined ? 0 : JSON.stringify(asked.frame).length);
  }
}
