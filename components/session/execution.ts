/** One run of a piece of code, from the asking to its one end. */
import type {
  ErrorCode,
  ExecutionId,
  ExecutionLimits,
  Frame,
  InteractId,
  Language,
  OfType,
  Output,
  ServerMessage,
} from '../../relay/protocol/index.js';
import type { KeptExecution } from './kept-session.js';
import type { Session } from './session.js';

/** How an execution ended: status, times, whether cached, truncated, and why if not well. */
export type ExecutionResult = Omit<OfType<ServerMessage, 'done'>, 'type' | 'execution' | 'session' | 'seq'>;

/** Where an execution is: not with the server yet (or no longer), waiting there, running there, ended. */
export type ExecutionState = 'connecting' | 'queued' | 'running' | 'done';

/** What an execution tells. Each member is optional; whatever one throws is reported and goes no further. */
export interface ExecutionObserver {
  /** The state changed; `position` counts those before it in the queue. Not called for `done`. */
  status?(state: Exclude<ExecutionState, 'done'>, position: number | undefined): void;
  /** One increment of output, in order, each once; `frame` names the interact into whose output it belongs, if it is not the execution's own. */
  output?(output: Output, frame?: InteractId): void;
  /** The connection broke and the execution starts over: what it had put out does not count. */
  restarted?(): void;
  /** The end. Called exactly once, after everything else. */
  done?(result: ExecutionResult): void;
}

/** What to run code with. */
export interface ExecuteOptions {
  /** Session to run in; without one the code runs in a fresh process that is thrown away. */
  readonly session?: Session;
  readonly language?: Language;
  /** A frame of an interact of the session, in the place of code. */
  readonly frame?: Frame;
  /** Asks for `text/latex` of displayed values as well. */
  readonly typeset?: boolean;
  readonly limits?: ExecutionLimits;
  /** `bypass`: computed now, even if the server knows the result. */
  readonly cache?: 'use' | 'bypass';
  /** Observer from the first moment on. */
  readonly observer?: ExecutionObserver;
}

/** The means of an execution to reach the server; given by the client. */
export interface ExecutionRoute {
  answer(execution: Execution, text: string | undefined): void;
  interrupt(execution: Execution): void;
  kill(execution: Execution): void;
}

/** An end that the server did not tell: nothing ran, or nobody knows. */
export function lostResult(code: ErrorCode, message: string, retryAfterMs?: number): ExecutionResult {
  return {
    status: 'lost',
    wallMs: 0,
    cpuMs: 0,
    cached: false,
    truncated: false,
    message,
    error: { code, ...(retryAfterMs !== undefined && { retryAfterMs }) },
  };
}

/** Made by `Client.execute`. */
export class Execution {
  /** Fulfilled with the end, however bad; never rejected. */
  readonly result: Promise<ExecutionResult>;
  /** True once it was written to the present connection. */
  isSent = false;
  /** True once it was written to any connection. */
  wasSent = false;
  /** True once the server said anything about it that survives a lost connection. */
  isKnown = false;
  /** How it was asked to stop, if it was: asked for again on a new connection, since the first may have been lost. */
  stop: 'interrupt' | 'kill' | undefined;
  /** The answer to its latest prompt, if there was one: said again on a new connection for the same reason. */
  answered: { readonly text?: string; readonly prompt?: number } | undefined;
  /** How often it has asked; undefined when that is not known, since messages were missed. */
  prompts: number | undefined = 0;
  #state: ExecutionState = 'connecting';
  #position: number | undefined;
  #beforeLoss: ExecutionState = 'connecting';
  #putOut = false;
  #observers = new Set<ExecutionObserver>();
  #resolve!: (result: ExecutionResult) => void;

  constructor(
    readonly id: ExecutionId,
    readonly code: string,
    readonly options: ExecuteOptions,
    readonly route: ExecutionRoute,
  ) {
    this.result = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    if (options.observer) this.#observers.add(options.observer);
  }

  get state(): ExecutionState {
    return this.#state;
  }

  /** Adds an observer for what is still to come; the returned function removes it. */
  observe(observer: ExecutionObserver): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** Answers a `prompt` output; without text there is no answer, and the code's `input()` raises EOFError. */
  answer(text?: string): void {
    if (this.#state !== 'done') this.route.answer(this, text);
  }

  /** Asks the code to stop; a waiting execution leaves the queue. The end still comes as its result. */
  interrupt(): void {
    if (this.#state !== 'done') this.route.interrupt(this);
  }

  /** Ends the process at once; its session and the variables in it are lost. */
  kill(): void {
    if (this.#state !== 'done') this.route.kill(this);
  }

  /** What it takes to go on with it after the page is loaded again. */
  keep(): KeptExecution {
    const { language, frame, typeset, limits, cache } = this.options;
    return {
      id: this.id,
      code: this.code,
      options: {
        ...(language !== undefined && { language }),
        ...(frame !== undefined && { frame }),
        ...(typeset !== undefined && { typeset }),
        ...(limits !== undefined && { limits }),
        ...(cache !== undefined && { cache }),
      },
      state: this.#state === 'connecting' ? this.#beforeLoss : this.#state,
      isKnown: this.isKnown,
      ...(this.stop !== undefined && { stop: this.stop }),
      ...(this.answered !== undefined && { answered: this.answered }),
      ...(this.prompts !== undefined && { prompts: this.prompts }),
    };
  }

  /** Goes on with one that was kept, in the place of one that was never sent. */
  resume({ state, isKnown, stop, answered, prompts }: KeptExecution): void {
    this.wasSent = true;
    this.isKnown = isKnown;
    this.stop = stop;
    this.answered = answered;
    this.prompts = prompts;
    this.#beforeLoss = state;
  }

  /** Takes a state from the server. */
  progress(state: Exclude<ExecutionState, 'done'>, position?: number): void {
    if (this.#state === 'done' || (this.#state === state && this.#position === position)) return;
    this.#state = state;
    this.#position = position;
    this.#tell((observer) => observer.status?.(state, position));
  }

  /** Takes one increment of output. */
  putOut(output: Output, frame?: InteractId): void {
    if (this.#state === 'done') return;
    this.#putOut = true;
    if (output.kind === 'prompt') {
      this.answered = undefined;
      if (this.prompts !== undefined) this.prompts += 1;
    }
    this.#tell((observer) => observer.output?.(output, frame));
  }

  /** The connection is gone; what the server does meanwhile is unknown. */
  lostSight(): void {
    if (this.#state === 'done' || this.#state === 'connecting') return;
    this.#beforeLoss = this.#state;
    this.progress('connecting');
  }

  /** The connection is back and the server still has it. */
  backInSight(): void {
    if (this.#beforeLoss !== 'connecting' && this.#beforeLoss !== 'done') this.progress(this.#beforeLoss);
    this.#beforeLoss = 'connecting';
  }

  /** It will be sent again from the beginning. */
  restart(): void {
    this.#beforeLoss = 'connecting';
    this.isKnown = false;
    this.answered = undefined;
    this.prompts = 0;
    if (!this.#putOut) return;
    this.#putOut = false;
    this.#tell((observer) => observer.restarted?.());
  }

  /** Takes the end; every later one is ignored. */
  finish(result: ExecutionResult): void {
    if (this.#state === 'done') return;
    this.#state = 'done';
    this.#tell((observer) => observer.done?.(result));
    this.#observers.clear();
    this.#resolve(result);
  }

  #tell(say: (observer: ExecutionObserver) => void): void {
    for (const observer of [...this.#observers]) {
      try {
        say(observer);
      } catch (failure) {
        // Someone else's listener must not stop the stream for the others.
        console.error(failure);
      }
    }
  }
}
