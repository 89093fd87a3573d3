/** Stateless executions whose output is collected here, for doors that answer with all of it at once. */
import { MAX_STREAM_LENGTH, put, type ExecutionId, type InteractId, type Output } from '../protocol/index.js';
import type { Bridges } from '../bridges/bridge.js';
import { RelayError } from '../errors.js';
import type { Metrics } from '../observe/metrics.js';
import { SENTENCES, type DoneFields } from '../ends.js';
import { StatelessExecution, type ExecutionRequest } from '../sessions/stateless-execution.js';

/** Executions of HTTP requests at a time; more are refused as `too-many`. */
const MAX_COLLECTING = 256;

/** Most output that all running collections hold together, UTF-16 code units; what exceeds it is dropped and told as `truncated`. */
const MAX_COLLECTED_LENGTH = 134_217_728;

/** What an execution came to. */
export interface Collected {
  /** Adjacent stream texts are joined; what a `clear` or `retract` removed is gone. */
  readonly outputs: readonly Output[];
  readonly done: DoneFields;
}

/** One increment of output, and the interact into whose output it belongs when that is not the execution's own. */
interface Told {
  readonly output: Output;
  readonly frame: InteractId | undefined;
}

/** One execution that is being collected. Made by `Collector.start`. */
export class Collection {
  /** Fulfilled with the end, however bad; never rejected. */
  readonly ended: Promise<DoneFields>;
  #told: Told[] = [];
  #length = 0;
  #state: 'queued' | 'running' = 'queued';
  #position: number | undefined;
  #done: DoneFields | undefined;
  #isTruncated = false;
  readonly #run: StatelessExecution;

  /** @param mayHold asked before `length` code units are added, told a negative number when they are removed */
  constructor(bridges: Bridges, request: ExecutionRequest, mayHold: (length: number) => boolean) {
    let end!: (done: DoneFields) => void;
    this.ended = new Promise((resolve) => {
      end = resolve;
    });
    this.#run = new StatelessExecution(bridges, request, {
      status: (state, position) => {
        this.#state = state;
        this.#position = position;
      },
      output: (output, frame) => {
        if (output.kind === 'clear' || output.kind === 'retract') this.#remove({ output, frame }, mayHold);
        // Nobody is there to be asked.
        else if (output.kind === 'prompt') this.#run.answer(undefined);
        else this.#add({ output, frame }, mayHold);
      },
      done: (done) => {
        mayHold(-this.#length);
        this.#done = this.#isTruncated ? { ...done, truncated: true } : done;
        end(this.#done);
      },
    });
  }

  /** What was put out so far; adjacent stream texts are joined, what a `clear` or `retract` removed is gone. */
  get outputs(): readonly Output[] {
    return this.#told.map(({ output }) => output);
  }

  /** Size of the outputs, UTF-16 code units of their texts. */
  get length(): number {
    return this.#length;
  }

  get state(): 'queued' | 'running' {
    return this.#state;
  }

  /** Executions before this one, while it waits and the bridge says so. */
  get position(): number | undefined {
    return this.#position;
  }

  /** The end, once it is known. */
  get done(): DoneFields | undefined {
    return this.#done;
  }

  start(): void {
    this.#run.start();
  }

  kill(): void {
    this.#run.kill();
  }

  /** Removes what `told` says is to be removed. */
  #remove(told: Told, mayHold: (length: number) => boolean): void {
    // What was put out last is not there for want of room.
    if (told.output.kind === 'retract' && this.#isTruncated) return;
    const left = [...this.#told];
    put(left, told);
    const length = left.reduce((sum, { output }) => sum + lengthOf(output), 0);
    mayHold(length - this.#length);
    this.#told = left;
    this.#length = length;
  }

  #add(told: Told, mayHold: (length: number) => boolean): void {
    const length = lengthOf(told.output);
    if (!mayHold(length)) {
      this.#isTruncated = true;
      return;
    }
    this.#length += length;
    append(this.#told, told);
  }
}

/** Runs executions for requests that wait for the whole result. */
export class Collector {
  readonly #bridges: Bridges;
  readonly #isDraining: () => boolean;
  readonly #metrics: Metrics;
  readonly #running = new Set<Collection>();
  #length = 0;

  constructor(bridges: Bridges, isDraining: () => boolean, metrics: Metrics) {
    this.#bridges = bridges;
    this.#metrics = metrics;
    this.#isDraining = isDraining;
  }

  /** Executions that have not ended. */
  get pending(): number {
    return this.#running.size;
  }

  /**
   * @param id of the HTTP request: the execution's name, so that all logs have it
   * @param onEnd called when it has ended, or at once if it can't begin
   * @throws RelayError `draining` or `too-many`, before anything has begun
   */
  start(request: Omit<ExecutionRequest, 'execution'>, id: string, onEnd: () => void): Collection {
    try {
      this.#checkRoom();
    } catch (error) {
      onEnd();
      throw error;
    }
    const execution = id as ExecutionId;
    const collection = new Collection(this.#bridges, { ...request, execution }, (length) => {
      if (length > 0 && this.#length + length > MAX_COLLECTED_LENGTH) return false;
      this.#length += length;
      return true;
    });
    this.#running.add(collection);
    const startedAt = performance.now();
    void collection.ended.then(({ status }) => {
      this.#running.delete(collection);
      this.#metrics.executed('http', status, (performance.now() - startedAt) / 1_000);
      onEnd();
    });
    collection.start();
    return collection;
  }

  /**
   * @param onStart is given a function that kills the execution, for a client that goes away
   * @throws RelayError when the system, not the code, failed: `unavailable`, `busy`, `too-many`, `draining`, …
   */
  async run(
    request: Omit<ExecutionRequest, 'execution'>,
    id: string,
    onStart: (kill: () => void) => void,
    onEnd: () => void,
  ): Promise<Collected> {
    const collection = this.start(request, id, onEnd);
    onStart(() => collection.kill());
    const done = await collection.ended;
    throwIfLost(done);
    return { outputs: collection.outputs, done };
  }

  #checkRoom(): void {
    if (this.#isDraining()) {
      throw new RelayError('draining', SENTENCES.draining, { retryAfterMs: 1_000 });
    }
    if (this.#running.size >= MAX_COLLECTING) {
      throw new RelayError('too-many', 'Too many requests are being computed.', { retryAfterMs: 1_000 });
    }
  }

  /** Kills what runs. */
  close(): void {
    for (const collection of this.#running) collection.kill();
  }
}

/** @throws RelayError when the execution never ran or its end is unknown */
export function throwIfLost(done: DoneFields): void {
  if (done.status !== 'lost') return;
  const { code = 'internal', retryAfterMs } = done.error ?? {};
  const detail = retryAfterMs === undefined ? {} : { retryAfterMs };
  throw new RelayError(code, done.message ?? 'The computation is lost.', detail);
}

function lengthOf(output: Output): number {
  switch (output.kind) {
    case 'stream':
    case 'prompt':
      return output.text.length;
    case 'display':
      return Object.values(output.data).reduce((sum, text) => sum + text.length, 0);
    case 'error':
      return output.message.length + output.traceback.length;
    case 'file':
      return output.data?.length ?? 0;
    case 'clear':
    case 'retract':
      return 0;
  }
}

function append(told: Told[], next: Told): void {
  const last = told.at(-1);
  const before = last?.output;
  const { output, frame } = next;
  const joins =
    output.kind === 'stream' &&
    before?.kind === 'stream' &&
    before.name === output.name &&
    last?.frame === frame &&
    before.text.length + output.text.length <= MAX_STREAM_LENGTH;
  if (joins) told[told.length - 1] = { frame, output: { ...before, text: before.text + output.text } };
  else told.push(next);
}
