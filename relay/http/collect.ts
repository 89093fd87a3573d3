/** Runs one stateless execution to its end and collects what it put out, for doors that answer once. */
import { randomUUID } from 'node:crypto';
import { MAX_STREAM_LENGTH, type ExecutionId, type Output } from '../protocol/index.js';
import type { Bridges } from '../bridges/bridge.js';
import { RelayError } from '../errors.js';
import type { DoneFields } from '../sessions/done.js';
import { StatelessExecution, type ExecutionRequest } from '../sessions/stateless-execution.js';

/** Executions of HTTP requests at a time; more are refused as `too-many`. */
const MAX_COLLECTING = 256;

/** What an execution came to. */
export interface Collected {
  /** Adjacent stream texts are joined; what a `clear` removed is gone. */
  readonly outputs: readonly Output[];
  readonly done: DoneFields;
}

/** Runs executions for requests that wait for the whole result. */
export class Collector {
  readonly #bridges: Bridges;
  readonly #isDraining: () => boolean;
  readonly #running = new Set<StatelessExecution>();

  constructor(bridges: Bridges, isDraining: () => boolean) {
    this.#bridges = bridges;
    this.#isDraining = isDraining;
  }

  /** Executions that have not ended. */
  get pending(): number {
    return this.#running.size;
  }

  /**
   * @param onStart is given a function that kills the execution, for a client that goes away
   * @throws RelayError when the system, not the code, failed: `unavailable`, `busy`, `too-many`, `draining`, …
   */
  run(request: Omit<ExecutionRequest, 'execution'>, onStart: (kill: () => void) => void): Promise<Collected> {
    if (this.#isDraining()) {
      return Promise.reject(
        new RelayError('draining', 'This relay is shutting down.', { retryAfterMs: 1_000 }),
      );
    }
    if (this.#running.size >= MAX_COLLECTING) {
      const detail = { retryAfterMs: 1_000 };
      return Promise.reject(new RelayError('too-many', 'Too many requests are being computed.', detail));
    }
    return new Promise((resolve, reject) => {
      let outputs: Output[] = [];
      const execution = randomUUID() as string as ExecutionId;
      const run = new StatelessExecution(
        this.#bridges,
        { ...request, execution },
        {
          status: () => undefined,
          output: (output) => {
            if (output.kind === 'clear') outputs = [];
            // Nobody is there to be asked.
            else if (output.kind === 'prompt') run.answer(undefined);
            else append(outputs, output);
          },
          done: (done) => {
            this.#running.delete(run);
            if (done.status !== 'lost') {
              resolve({ outputs, done });
              return;
            }
            const { code = 'internal', retryAfterMs } = done.error ?? {};
            const detail = retryAfterMs === undefined ? {} : { retryAfterMs };
            reject(new RelayError(code, done.message ?? 'The computation is lost.', detail));
          },
        },
      );
      this.#running.add(run);
      run.start();
      onStart(() => run.kill());
    });
  }

  /** Kills what runs. */
  close(): void {
    for (const run of this.#running) run.kill();
  }
}

function append(outputs: Output[], output: Output): void {
  const last = outputs.at(-1);
  const joins =
    output.kind === 'stream' &&
    last?.kind === 'stream' &&
    last.name === output.name &&
    last.text.length + output.text.length <= MAX_STREAM_LENGTH;
  if (joins) outputs[outputs.length - 1] = { ...last, text: last.text + output.text };
  else outputs.push(output);
}
