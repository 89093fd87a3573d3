/** One run of a piece of code for a program: what it puts out as an async iterable, its end as a promise. */
import {
  put,
  type ErrorOutput,
  type Increment,
  type InteractId,
  type Output,
} from '../../relay/protocol/index.js';
import type { Execution, ExecutionResult, ExecutionState } from '../session/execution.js';

/** What a computation tells, by name. */
export interface ComputationEvents {
  /** One increment of output. `clear` says that everything before it does not count any more, `retract` that the last piece does not. */
  output: (output: Output) => void;
  /** It waits, with so many before it, or runs, or its connection is being made (again). */
  status: (state: Exclude<ExecutionState, 'done'>, position: number | undefined) => void;
  /** The end; nothing follows. */
  done: (result: ExecutionResult) => void;
}

type Listeners = { readonly [N in keyof ComputationEvents]: Set<ComputationEvents[N]> };

/** Ended by a status other than `ok`. */
export class ComputationError extends Error {
  override readonly name = 'ComputationError';
  constructor(
    message: string,
    readonly result: ExecutionResult,
    /** The exception, if the code raised one. */
    readonly raised: ErrorOutput | undefined,
  ) {
    super(message);
  }
}

/**
 * Made by `execute` of a client or a session. Keeps everything it put out, so that it can be iterated at any time,
 * from the beginning, as often as one likes; the server bounds that to 10 MiB.
 */
export class Computation implements AsyncIterable<Output> {
  /** Fulfilled with the end, however bad; never rejected. */
  readonly done: Promise<ExecutionResult>;
  readonly #execution: Execution;
  readonly #outputs: Increment[] = [];
  readonly #listeners: Listeners = { output: new Set(), status: new Set(), done: new Set() };
  #isDone = false;
  #wake: () => void = () => undefined;
  #more = this.#promiseOfMore();

  /** @param start begins the execution and tells it to the observer given */
  constructor(start: (observer: NonNullable<Execution['options']['observer']>) => Execution) {
    this.#execution = start({
      output: (output, frame) => {
        this.#put(output, frame);
      },
      // The connection broke and it begins anew: for who listens the same as output that is cleared.
      restarted: () => {
        this.#put({ kind: 'clear' });
      },
      status: (state, position) => {
        this.#tell('status', state, position);
      },
      done: (result) => {
        this.#isDone = true;
        this.#tell('done', result);
        this.#wake();
      },
    });
    this.done = this.#execution.result;
  }

  get code(): string {
    return this.#execution.code;
  }

  get state(): ExecutionState {
    return this.#execution.state;
  }

  /** Everything put out so far that was not removed since. */
  get outputs(): readonly Output[] {
    const left: Increment[] = [];
    for (const one of this.#outputs) put(left, one);
    return left.map(({ output }) => output);
  }

  /** Adds a listener for what is still to come; the returned function removes it. */
  on<N extends keyof ComputationEvents>(name: N, listener: ComputationEvents[N]): () => void {
    this.#listeners[name].add(listener);
    return () => this.#listeners[name].delete(listener);
  }

  /**
   * Standard output and the plain text of what was displayed, once it ended.
   * @throws ComputationError if the status is not `ok`
   */
  async text(): Promise<string> {
    const result = await this.done;
    if (result.status !== 'ok') {
      const raised = this.outputs.find((output): output is ErrorOutput => output.kind === 'error');
      const message = raised ? `${raised.name}: ${raised.message}` : (result.message ?? result.status);
      throw new ComputationError(message, result, raised);
    }
    return this.outputs
      .map((output) => {
        if (output.kind === 'stream') return output.name === 'stdout' ? output.text : '';
        return output.kind === 'display' ? `${output.data['text/plain'] ?? ''}\n` : '';
      })
      .join('');
  }

  /** Answers a `prompt` output; without text there is no answer, and the code's `input()` raises EOFError. */
  answer(text?: string): void {
    this.#execution.answer(text);
  }

  /** Asks the code to stop; one that waits leaves the queue. The end still comes. */
  interrupt(): void {
    this.#execution.interrupt();
  }

  /** Ends the process at once; its session and the variables in it are lost. */
  kill(): void {
    this.#execution.kill();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Output, ExecutionResult> {
    for (let next = 0; ;) {
      const one = this.#outputs[next];
      if (one !== undefined) {
        next += 1;
        yield one.output;
      } else if (this.#isDone) {
        return this.done;
      } else {
        await this.#more;
      }
    }
  }

  #put(output: Output, frame?: InteractId): void {
    this.#outputs.push({ output, frame });
    this.#tell('output', output);
    this.#wake();
    this.#more = this.#promiseOfMore();
  }

  #promiseOfMore(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #tell<N extends keyof ComputationEvents>(name: N, ...event: Parameters<ComputationEvents[N]>): void {
    for (const listener of [...this.#listeners[name]]) {
      // What a listener throws is told by the execution that calls, and stops nobody else.
      (listener as (...args: Parameters<ComputationEvents[N]>) => void)(...event);
    }
  }
}
