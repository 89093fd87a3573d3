/** What becomes of one session's commands while the cache has a hand in it. */
import type { BridgeAnswer, BridgeQuestion, SessionCommand, SessionListener } from '../bridges/bridge.js';

export interface Route {
  /** @returns false if it could not be passed on */
  send(command: SessionCommand): boolean;
  /** Somebody else listens from now on, or nobody. */
  heardBy(listener: SessionListener | undefined): void;
  /** As `Bridge.ask`. */
  ask?(question: BridgeQuestion, answer: (answer: BridgeAnswer) => void): boolean;
  /** True if it does not know what came before message number `after`, which was told elsewhere. */
  isBehind?(after: number): boolean;
  /** Name of the bridge that holds the session. */
  readonly home?: string;
}
