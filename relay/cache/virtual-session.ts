/** Answers what a session asks from the cache, one after the other. */
import type { BridgeFacts } from '../bridges/bridge.js';
import type { ErrorCode, ExecutionId } from '../protocol/index.js';
import { doneFromHit, type ExecuteCommand } from './flight.js';
import type { Ledger } from './ledger.js';
import type { Hit, ResultCache } from './result-cache.js';

/** What it needs. */
export interface VirtualSessionOptions {
  readonly ledger: Ledger;
  readonly cache: ResultCache;
  /** Sage whose results these are. */
  readonly facts: () => BridgeFacts | undefined;
  /** Called when what is asked for next must be run, after `pause`. */
  readonly onMiss: () => void;
}

/** Begins active; `pause` and `resume` while Sage runs the session instead. */
export class VirtualSession {
  readonly #options: VirtualSessionOptions;
  /** In order; the first is the one that is looked for. */
  #queue: ExecuteCommand[] = [];
  #isActive = true;
  #isLooking = false;

  constructor(options: VirtualSessionOptions) {
    this.#options = options;
  }

  /** The one that is looked for, or waits for Sage. */
  get first(): ExecuteCommand | undefined {
    return this.#queue[0];
  }

  execute(command: ExecuteCommand): void {
    this.#queue.push(command);
    this.#next();
  }

  /** Takes it out of the queue. @returns false if it is not there */
  interrupt(execution: ExecutionId): boolean {
    const index = this.#queue.findIndex((command) => command.execution === execution);
    if (index < 0) return false;
    this.#queue.splice(index, 1);
    this.#options.ledger.tellEnd(execution, 'interrupted', 'Taken out of the queue on request.');
    return true;
  }

  /** Goes on with what was not ended elsewhere. */
  resume(commands: readonly ExecuteCommand[] = []): void {
    this.#queue.push(...commands);
    this.#isActive = true;
    this.#next();
  }

  /** Answers no more; what waits may be taken. */
  pause(): void {
    this.#isActive = false;
  }

  /** All that waits, which is no longer this one's. */
  takeAll(): ExecuteCommand[] {
    return this.#queue.splice(0);
  }

  /** Ends all that waits. */
  endAll(
    status: 'killed' | 'lost',
    message: string,
    error?: { readonly code: ErrorCode; readonly retryAfterMs?: number },
  ): void {
    for (const { execution } of this.takeAll()) {
      this.#options.ledger.tellEnd(execution, status, message, error);
    }
  }

  #next(): void {
    const { cache, ledger, facts } = this.#options;
    while (this.#isActive && !this.#isLooking) {
      const [command] = this.#queue;
      if (command === undefined) return;
      const key = ledger.history.keyOf(facts(), command);
      if (key === undefined || command.cache === 'bypass') {
        this.#miss();
        return;
      }
      const hit = cache.recall(key);
      if (hit !== undefined) {
        this.#answer(command, key, hit);
        continue;
      }
      if (cache.guarded === undefined || cache.isKnownImpure(key)) {
        this.#miss();
        return;
      }
      this.#isLooking = true;
      void cache.search(key).then((found) => {
        this.#isLooking = false;
        // It may have been taken out of the queue meanwhile.
        if (!this.#isActive || this.#queue[0] !== command) this.#next();
        else if (found === undefined) this.#miss();
        else {
          this.#answer(command, key, found);
          this.#next();
        }
      });
    }
  }

  #miss(): void {
    this.pause();
    this.#options.onMiss();
  }

  #answer(command: ExecuteCommand, key: string, hit: Hit): void {
    const { ledger } = this.#options;
    this.#queue.shift();
    const { execution } = command;
    for (const output of hit.entry.outputs) ledger.tell({ type: 'output', execution, output });
    ledger.tell({ type: 'done', execution, ...doneFromHit(hit, key) });
    ledger.ran(command, hit.entry.end.status, key);
    ledger.publish();
  }
}
