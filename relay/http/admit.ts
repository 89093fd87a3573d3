/** Who computes over HTTP, and whether they may now. */
import type { Admission } from '../admission/admission.js';
import type { Exchange } from './respond.js';

/**
 * Admits one execution. Must be called after the body was read, since the key may stand in it.
 * @param key embed key or token of the body; `Authorization: Bearer` wins
 * @returns to be called when the execution has ended
 * @throws RelayError `unauthorized` or `busy`
 */
export type Admit = (exchange: Exchange, key?: string) => Promise<() => void>;

/** An `Admit` over the relay's admission. */
export const admitBy =
  (admission: Admission): Admit =>
  async (exchange, key) => {
    const visit = admission.request(exchange.request());
    await visit.identify(exchange.bearer ?? key);
    visit.execute();
    return () => visit.executed();
  };
