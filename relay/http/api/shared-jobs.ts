/** Jobs that any relay of a shared store can be asked about, whichever began them. */
import type { GuardedStore } from '../../cache/guarded-store.js';
import {
  forgetJob,
  readJob,
  readWish,
  wishForJob,
  writeJob,
  type JobRecord,
} from '../../cache/job-record.js';
import type { Output } from '../../protocol/index.js';
import { lost, type DoneFields } from '../../ends.js';

/** How often what runs is told anew, milliseconds. */
const RENEW_MS = 5_000;

/** How often it is looked whether others were asked to stop it, or how another relay's job goes, milliseconds. */
const LOOK_MS = 1_000;

/** A job that was not told anew for this long has died with its relay, milliseconds. Clocks may differ by some seconds. */
const DEAD_AFTER_MS = 30_000;

/** What is told of a job. */
export interface ToldRun {
  readonly outputs: readonly Output[];
  /** Size of the outputs, UTF-16 code units of their texts. */
  readonly length: number;
  readonly state: 'queued' | 'running';
  readonly position: number | undefined;
  readonly done: DoneFields | undefined;
  /** Fulfilled with the end, however bad; never rejected. */
  readonly ended: Promise<DoneFields>;
  kill(): void;
}

/** What was asked to be run. */
export interface ToldSource {
  readonly code: string;
  readonly language?: string | undefined;
}

interface ToldJob {
  readonly record: JobRecord;
  readonly writtenAt: number;
}

/** A job of another relay: what that tells, looked at again while it runs, until `close`. */
export class DistantRun implements ToldRun {
  readonly source: ToldSource;
  readonly ended: Promise<DoneFields>;
  readonly #store: GuardedStore;
  readonly #id: string;
  readonly #ttlMs: number;
  #told: ToldJob;
  #end!: (done: DoneFields) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(store: GuardedStore, id: string, told: ToldJob, ttlMs: number) {
    this.#store = store;
    this.#id = id;
    this.#ttlMs = ttlMs;
    this.#told = told;
    this.source = { code: told.record.code, language: told.record.language };
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#take(told);
  }

  get outputs(): readonly Output[] {
    return this.#record.outputs;
  }

  get length(): number {
    return JSON.stringify(this.#record.outputs).length;
  }

  get state(): 'queued' | 'running' {
    return this.#record.state;
  }

  get position(): number | undefined {
    return this.#record.position;
  }

  get done(): DoneFields | undefined {
    return this.#record.done;
  }

  kill(): void {
    if (this.done === undefined) wishForJob(this.#store, this.#id, 'stop', this.#ttlMs);
  }

  /** Looks no more. */
  close(): void {
    clearTimeout(this.#timer);
  }

  get #record(): JobRecord {
    return this.#told.record;
  }

  #take({ record, writtenAt }: ToldJob): void {
    const isDead = record.done === undefined && Date.now() - writtenAt > DEAD_AFTER_MS;
    const done = isDead ? lost('unavailable', 'The relay that ran it is gone.') : record.done;
    this.#told = { record: { ...record, ...(done && { done }) }, writtenAt };
    if (done !== undefined) {
      this.#end(done);
      return;
    }
    this.#timer = setTimeout(() => {
      void readJob(this.#store, this.#id).then((told) => {
        this.#take(told ?? this.#told);
      });
    }, LOOK_MS);
    this.#timer.unref();
  }
}

/** The side of one relay. */
export class SharedJobs {
  readonly #store: GuardedStore;
  readonly #ttlMs: number;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  /** @param ttlMs how long an ended job is kept */
  constructor(store: GuardedStore, ttlMs: number) {
    this.#store = store;
    this.#ttlMs = ttlMs;
  }

  /** Tells others of a job of this relay until it ends, and obeys what they were asked. @param dropped asked to forget it */
  tell(id: string, run: ToldRun, source: ToldSource, dropped: () => void): void {
    let toldAt = -Infinity;
    const look = (): void => {
      if (performance.now() - toldAt >= RENEW_MS) {
        toldAt = performance.now();
        this.#write(id, run, source);
      }
      void readWish(this.#store, id).then((wish) => {
        if (!this.#timers.has(id)) return;
        if (wish === 'drop') dropped();
        else if (wish === 'stop') run.kill();
      });
    };
    const timer = setInterval(look, LOOK_MS);
    timer.unref();
    this.#timers.set(id, timer);
    look();
    void run.ended.then(() => {
      if (this.#timers.has(id)) this.#write(id, run, source);
      this.#stop(id);
    });
  }

  /** A job of another relay, as far as that has told of it. The caller closes it. */
  async find(id: string): Promise<DistantRun | undefined> {
    const told = await readJob(this.#store, id);
    return told && new DistantRun(this.#store, id, told, this.#ttlMs);
  }

  /** Nobody is to be told of it any more. */
  forget(id: string): void {
    const isOurs = this.#timers.has(id);
    this.#stop(id);
    forgetJob(this.#store, id);
    if (!isOurs) wishForJob(this.#store, id, 'drop', this.#ttlMs);
  }

  /** Tells no more. What has ended was told. */
  close(): void {
    for (const id of [...this.#timers.keys()]) this.#stop(id);
  }

  #stop(id: string): void {
    clearInterval(this.#timers.get(id));
    this.#timers.delete(id);
  }

  #write(id: string, { outputs, state, position, done }: ToldRun, { code, language }: ToldSource): void {
    const record: JobRecord = {
      state,
      ...(position !== undefined && { position }),
      outputs: [...outputs],
      ...(done && { done }),
      code,
      ...(language !== undefined && { language }),
    };
    writeJob(this.#store, id, record, this.#ttlMs);
  }
}
