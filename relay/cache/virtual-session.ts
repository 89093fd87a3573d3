/** Answers what a session asks from the cache, one after the other. */
import type { BridgeFacts } from '../bridges/bridge.js';
import { stopped, type DoneFields } from '../ends.js';
import type { ExecutionId } from '../protocol/index.js';
import type { Claim, ClaimEnd, Claims } from './claims.js';
import { toldBy } from './entry.js';
import { doneFromHit, type ExecuteCommand } from './flight.js';
import type { Ledger } from './ledger.js';
import type { Hit, ResultCache } from './result-cache.js';

/** How often one execution waits for others who compute the same: in the end it is computed. */
const MAX_WAITS = 2;

/** What it needs. */
export interface VirtualSessionOptions {
  readonly ledger: Ledger;
  readonly cache: ResultCache;
  /** What other sessions compute at the moment… */
  readonly claims: Claims;
  /** …and this one. */
  readonly claim: Claim;
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
  /** Ends the waiting for somebody else, who computes what is first here. */
  #leave: (() => void) | undefined;
  #waits = 0;

  constructor(options: VirtualSessionOptions) {
    this.#options = options;
  }

  /** The one that is looked for, or waits for Sage. */
  get first(): ExecuteCommand | undefined {
    return this.#queue[0];
  }

  /** The same id twice is answered once. */
  execute(command: ExecuteCommand): void {
    if (this.#queue.some(({ execution }) => execution === command.execution)) return;
    this.#queue.push(command);
    this.#next();
  }

  /** Takes it out of the queue. @returns false if it is not there */
  interrupt(execution: ExecutionId): boolean {
    const index = this.#queue.findIndex((command) => command.execution === execution);
    if (index < 0) return false;
    this.#queue.splice(index, 1);
    if (index === 0) this.#stopWaiting();
    this.#options.ledger.tellEnd(execution, stopped('interrupted', 'Taken out of the queue on request.'));
    this.#next();
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
    this.#stopWaiting();
  }

  /** All that waits, which is no longer this one's. */
  takeAll(): ExecuteCommand[] {
    return this.#queue.splice(0);
  }

  /** Ends all that waits. */
  endAll(end: DoneFields): void {
    for (const { execution } of this.takeAll()) this.#options.ledger.tellEnd(execution, end);
  }

  #next(): void {
    const { cache, ledger, facts } = this.#options;
    while (this.#isActive && !this.#isLooking && this.#leave === undefined) {
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
      if (cache.isKnownImpure(key)) {
        this.#miss();
        return;
      }
      if (this.#waitsForAnother(command, key)) return;
      if (cache.guarded === undefined) {
        this.#miss(key);
        return;
      }
      this.#isLooking = true;
      void cache.search(key).then((found) => {
        this.#isLooking = false;
        // It may have been taken out of the queue meanwhile.
        if (!this.#isActive || this.#queue[0] !== command) this.#next();
        else if (found === undefined) {
          if (!this.#waitsForAnother(command, key)) this.#miss(key);
        } else {
          this.#answer(command, key, found);
          this.#next();
        }
      });
    }
  }

  /** Somebody computes this already: it is this one's as well, if it comes to something. */
  #waitsForAnother({ execution }: ExecuteCommand, key: string): boolean {
    const { claims, ledger } = this.#options;
    if (this.#waits >= MAX_WAITS) return false;
    this.#leave = claims.wait(key, (end) => this.#waited(key, end));
    if (this.#leave === undefined) return false;
    this.#waits += 1;
    const { session } = ledger;
    if (this.#waits === 1) ledger.emit({ type: 'status', session, execution, state: 'running' });
    return true;
  }

  #waited(key: string, end: ClaimEnd): void {
    this.#leave = undefined;
    if (end === 'private') this.#miss(key);
    else this.#next();
  }

  #stopWaiting(): void {
    this.#leave?.();
    this.#leave = undefined;
    this.#waits = 0;
  }

  /** @param key of what others may share in */
  #miss(key?: string): void {
    if (key !== undefined) this.#options.claim.take(key);
    this.pause();
    this.#options.onMiss();
  }

  #answer(command: ExecuteCommand, key: string, hit: Hit): void {
    const { ledger } = this.#options;
    this.#queue.shift();
    this.#waits = 0;
    const { execution } = command;
    const after = ledger.journal.seq;
    for (const each of toldBy(hit.entry)) ledger.tell({ type: 'output', execution, ...each });
    ledger.tellEnd(execution, doneFromHit(hit, key));
    ledger.ran(command, hit.entry.end, key, after);
    ledger.publish();
  }
}
