/** What is counted of one client, one embed key, or all together. */
import type { RefusalReason } from '../observe/metrics.js';
import type { Limits } from './limits.js';
import { Rate } from './rate.js';

/** Why something can't be had now. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** When to try again, milliseconds from now. */
  readonly retryAfterMs: number;
}

/** When to try again for what ends when others end it. */
export const RETRY_MS = 5_000;

/** Counts and rates; knows no limits of its own. */
export class Account {
  #connections = 0;
  #sessions = 0;
  readonly #newSessions = new Rate();
  readonly #executions = new Rate();
  readonly #bytes = new Rate();

  get connections(): number {
    return this.#connections;
  }

  get sessions(): number {
    return this.#sessions;
  }

  refuseConnection({ connections = Infinity }: Limits): Refusal | undefined {
    return this.#connections < connections ? undefined : { reason: 'connections', retryAfterMs: RETRY_MS };
  }

  connected(): void {
    this.#connections += 1;
  }

  disconnected(): void {
    this.#connections -= 1;
  }

  refuseSession(limits: Limits, now: number): Refusal | undefined {
    const { sessions = Infinity, sessionsPerMinute, bytesPerMinute } = limits;
    if (this.#sessions >= sessions) return { reason: 'sessions', retryAfterMs: RETRY_MS };
    return (
      refusal('session-rate', this.#newSessions.waitMs(sessionsPerMinute, now)) ??
      refusal('bytes', this.#bytes.waitMs(bytesPerMinute, now))
    );
  }

  /** A session is held from now on; one that was there before costs nothing of the rate. */
  sessionHeld(limits: Limits, now: number, isNew: boolean): void {
    this.#sessions += 1;
    if (isNew) this.#newSessions.use(limits.sessionsPerMinute, now);
  }

  sessionEnded(): void {
    this.#sessions -= 1;
  }

  refuseExecution({ executionsPerMinute, bytesPerMinute }: Limits, now: number): Refusal | undefined {
    return (
      refusal('execution-rate', this.#executions.waitMs(executionsPerMinute, now)) ??
      refusal('bytes', this.#bytes.waitMs(bytesPerMinute, now))
    );
  }

  executed({ executionsPerMinute }: Limits, now: number): void {
    this.#executions.use(executionsPerMinute, now);
  }

  /** So many bytes went by, either way. */
  carried({ bytesPerMinute }: Limits, now: number, bytes: number): void {
    this.#bytes.use(bytesPerMinute, now, bytes);
  }
}

const refusal = (reason: RefusalReason, waitMs: number): Refusal | undefined =>
  waitMs > 0 ? { reason, retryAfterMs: Math.ceil(waitMs) } : undefined;
