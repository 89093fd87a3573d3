/** Which results sessions compute at the moment: who needs the same waits for it instead of computing it too. */

/**
 * How a computation ended for those who wait: `kept`, the cache has it; `private`, it is nobody else's, or nobody else
 * would fare better; `gone`, whoever computed it has stopped, and somebody else may begin.
 */
export type ClaimEnd = 'kept' | 'private' | 'gone';

/** Longest wait for another's computation, milliseconds: what takes longer is computed by each alone. */
const MAX_WAIT_MS = 30_000;

type Tell = (end: ClaimEnd) => void;

/** Of all sessions of one relay. */
export class Claims {
  readonly #waiting = new Map<string, Set<Tell>>();

  /** Says that the caller computes that result from now on. @returns false if somebody else does */
  take(key: string): boolean {
    if (this.#waiting.has(key)) return false;
    this.#waiting.set(key, new Set());
    return true;
  }

  /** Ends what `take` began. */
  end(key: string, end: ClaimEnd): void {
    const waiting = this.#waiting.get(key);
    this.#waiting.delete(key);
    for (const tell of waiting ?? []) tell(end);
  }

  /**
   * Waits for another's computation.
   * @returns undefined if nobody computes it; else what ends the waiting, after which `tell` is not called
   */
  wait(key: string, tell: Tell): (() => void) | undefined {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return undefined;
    const leave = (): void => {
      clearTimeout(timer);
      waiting.delete(once);
    };
    const once: Tell = (end) => {
      leave();
      tell(end);
    };
    const timer = setTimeout(() => once('private'), MAX_WAIT_MS);
    waiting.add(once);
    return leave;
  }
}

/** What one session computes: one result at a time, in which others may share. */
export class Claim {
  readonly #claims: Claims;
  #key: string | undefined;

  constructor(claims: Claims) {
    this.#claims = claims;
  }

  /** This session computes that result from now on. */
  take(key: string): void {
    if (this.#key !== key) this.end('gone', key);
  }

  /** @param next computed from now on: those who have waited find that and wait on. Idempotent without it */
  end(end: ClaimEnd, next?: string): void {
    const key = this.#key;
    this.#key = next !== undefined && this.#claims.take(next) ? next : undefined;
    if (key !== undefined) this.#claims.end(key, end);
  }
}
