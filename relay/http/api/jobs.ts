/** Computations that outlive the request that began them: kept by unguessable names, bounded in number, age and size. */
import { randomBytes } from 'node:crypto';
import { RelayError } from '../../errors.js';
import type { Collection } from '../collect.js';

/** How long the outcome of a job is kept after its end, milliseconds. */
export const KEEP_ENDED_MS = 600_000;

/** Most jobs kept; the oldest that ended make room. More than can run at a time, so that a running one is never dropped. */
const MAX_JOBS = 1_024;

/** Most output that ended jobs hold together, UTF-16 code units; the oldest make room. */
const MAX_ENDED_LENGTH = 33_554_432;

/** Time between the answer about a running job and the next question about it, milliseconds; earlier ones are refused. */
export const MIN_POLL_MS = 500;

/** Requests that may wait for the end of one job at a time. */
const MAX_WAITING = 8;

/** One kept computation. */
export class Job {
  /** 128 random bits. */
  readonly id = randomBytes(16).toString('base64url');
  readonly collection: Collection;
  #waiting = 0;
  /** The first question is free: a browser that is sent to the job asks at once. */
  #answeredAt = -Infinity;

  constructor(collection: Collection) {
    this.collection = collection;
  }

  /**
   * Waits for the end, at most `waitMs`.
   * @throws RelayError `too-many` when it is asked too soon after the last answer, or by too many at a time
   */
  async look(waitMs: number): Promise<void> {
    if (this.collection.done !== undefined) return;
    const tooEarlyBy = this.#answeredAt + MIN_POLL_MS - performance.now();
    // Who waits that long cannot ask more often.
    if (tooEarlyBy > 0 && waitMs < MIN_POLL_MS) {
      throw new RelayError('too-many', `Ask every ${MIN_POLL_MS} ms at most, or ask with wait.`, {
        retryAfterMs: Math.ceil(tooEarlyBy),
      });
    }
    if (this.#waiting >= MAX_WAITING) {
      throw new RelayError('too-many', `${MAX_WAITING} requests wait for this job already.`, {
        retryAfterMs: MIN_POLL_MS,
      });
    }
    this.#waiting += 1;
    await endWithin(this.collection, waitMs);
    this.#waiting -= 1;
    this.#answeredAt = performance.now();
  }
}

/** Resolves when the collection ended or `waitMs` are over, whichever is first. */
export async function endWithin(collection: Collection, waitMs: number): Promise<void> {
  if (waitMs <= 0 || collection.done !== undefined) return;
  let timer: NodeJS.Timeout | undefined;
  const elapsed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, waitMs);
  });
  await Promise.race([collection.ended, elapsed]);
  clearTimeout(timer);
}

/** The jobs of one relay, from their making to `close`. */
export class Jobs {
  readonly #jobs = new Map<string, Job>();
  /** Ended jobs, the oldest first, and when to forget them. */
  readonly #ended = new Map<Job, NodeJS.Timeout>();
  #endedLength = 0;
  readonly #keepMs: number;

  constructor(keepMs = KEEP_ENDED_MS) {
    this.#keepMs = keepMs;
  }

  /** Jobs kept, ended or not. */
  get size(): number {
    return this.#jobs.size;
  }

  /** Keeps what is being collected under a new name. */
  keep(collection: Collection): Job {
    const job = new Job(collection);
    this.#jobs.set(job.id, job);
    void collection.ended.then(() => {
      this.#end(job);
    });
    this.#makeRoom();
    return job;
  }

  find(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  /** Kills what runs and forgets the job. */
  drop(job: Job): void {
    job.collection.kill();
    this.#forget(job);
  }

  /** Forgets all; what runs is the collector's to end. */
  close(): void {
    for (const job of [...this.#jobs.values()]) this.#forget(job);
  }

  #end(job: Job): void {
    if (this.#jobs.get(job.id) !== job) return;
    this.#endedLength += job.collection.length;
    const timer = setTimeout(() => {
      this.#forget(job);
    }, this.#keepMs);
    timer.unref();
    this.#ended.set(job, timer);
    this.#makeRoom();
  }

  #makeRoom(): void {
    for (const oldest of this.#ended.keys()) {
      if (this.#jobs.size <= MAX_JOBS && this.#endedLength <= MAX_ENDED_LENGTH) return;
      this.#forget(oldest);
    }
  }

  #forget(job: Job): void {
    this.#jobs.delete(job.id);
    const timer = this.#ended.get(job);
    if (timer === undefined) return;
    clearTimeout(timer);
    this.#ended.delete(job);
    this.#endedLength -= job.collection.length;
  }
}
