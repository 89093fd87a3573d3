/** Computations that outlive the request that began them: kept by unguessable names, bounded in number, age and size. */
import { randomBytes } from 'node:crypto';
import { RelayError } from '../../errors.js';
import type { GuardedStore } from '../../cache/guarded-store.js';
import { SharedJobs, type ToldRun, type ToldSource } from './shared-jobs.js';

/** How long the outcome of a job is kept after its end, milliseconds. */
export const KEEP_ENDED_MS = 600_000;

/** Most jobs kept; the oldest that ended make room. More than can run at a time, so that a running one is never dropped. */
const MAX_JOBS = 1_024;

/** Most output that ended jobs hold together, UTF-16 code units; the oldest make room. */
const MAX_ENDED_LENGTH = 33_554_432;

/** Time between the answer about a running job and the next question about it, milliseconds; earlier ones are refused. */
export const MIN_POLL_MS = 500;

/** How long what another relay tells of a job is held after somebody asked about it, milliseconds. */
const KEEP_DISTANT_MS = 60_000;

/** Requests that may wait for the end of one job at a time. */
const MAX_WAITING = 8;

const JOB_ID = /^[A-Za-z0-9_-]{22}$/;

/** One kept computation. */
export class Job {
  readonly id: string;
  readonly collection: ToldRun;
  #waiting = 0;
  /** The first question is free: a browser that is sent to the job asks at once. */
  #answeredAt = -Infinity;

  /** @param id of one that another relay has; by default a new one of 128 random bits */
  constructor(collection: ToldRun, id = randomBytes(16).toString('base64url')) {
    this.id = id;
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
export async function endWithin(collection: ToldRun, waitMs: number): Promise<void> {
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
  readonly #shared: SharedJobs | undefined;
  /** Jobs of other relays that were asked about here, and when to hold them no longer. */
  readonly #distant = new Map<string, { readonly job: Job; readonly timer: NodeJS.Timeout; close(): void }>();

  /** @param store that relays share, so that each can be asked about the jobs of all; without it each knows its own */
  constructor(keepMs = KEEP_ENDED_MS, store?: GuardedStore) {
    this.#keepMs = keepMs;
    this.#shared = store && new SharedJobs(store, keepMs);
  }

  /** Jobs kept, ended or not. */
  get size(): number {
    return this.#jobs.size;
  }

  /** Keeps what is being collected under a new name. */
  keep(collection: ToldRun, source: ToldSource): Job {
    const job = new Job(collection);
    this.#jobs.set(job.id, job);
    this.#shared?.tell(job.id, collection, source, () => {
      this.drop(job);
    });
    void collection.ended.then(() => {
      this.#end(job);
    });
    this.#makeRoom();
    return job;
  }

  /** One of this relay. */
  find(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  /** One of this relay, or of another with the same store. */
  async findAnywhere(id: string): Promise<Job | undefined> {
    const known = this.#jobs.get(id) ?? this.#distant.get(id)?.job;
    if (known !== undefined || !JOB_ID.test(id)) return known;
    const run = await this.#shared?.find(id);
    if (run === undefined) return undefined;
    const meanwhile = this.#distant.get(id);
    if (meanwhile !== undefined) {
      run.close();
      return meanwhile.job;
    }
    const job = new Job(run, id);
    const timer = setTimeout(() => {
      this.#leave(id);
    }, KEEP_DISTANT_MS);
    timer.unref();
    this.#distant.set(id, { job, timer, close: () => run.close() });
    for (const oldest of this.#distant.keys()) if (this.#distant.size > MAX_JOBS) this.#leave(oldest);
    return job;
  }

  /** Kills what runs and forgets the job. */
  drop(job: Job): void {
    this.#shared?.forget(job.id);
    this.#leave(job.id);
    if (this.#jobs.get(job.id) !== job) return;
    job.collection.kill();
    this.#forget(job);
  }

  /** Forgets all; what runs is the collector's to end. */
  close(): void {
    for (const job of [...this.#jobs.values()]) this.#forget(job);
    for (const id of [...this.#distant.keys()]) this.#leave(id);
    this.#shared?.close();
  }

  #leave(id: string): void {
    const held = this.#distant.get(id);
    if (held === undefined) return;
    clearTimeout(held.timer);
    held.close();
    this.#distant.delete(id);
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
