/** What a session's bridge runs at the moment, and what that has put out so far. */
import type { SessionEvent } from '../bridges/bridge.js';
import { put, type ExecutionId, type OfType } from '../protocol/index.js';
import type { Told } from './entry.js';
import type { ExecuteCommand } from './flight.js';

/** Output of one execution that is collected to be kept, UTF-16 code units; longer output is no result to keep. */
const MAX_COLLECTED_LENGTH = 8_388_608;

/** One execution. */
export interface Run {
  readonly command: ExecuteCommand;
  /** Undefined when it was too much to keep. */
  readonly told: readonly Told[] | undefined;
  /** True if its reader has seen something of it. */
  readonly hasOutput: boolean;
}

interface Collected {
  readonly command: ExecuteCommand;
  readonly told: Told[];
  length: number;
}

/** In the order in which they were asked for. */
export class Running {
  readonly #runs = new Map<ExecutionId, Collected>();

  begin(command: ExecuteCommand): void {
    this.#runs.set(command.execution, { command, told: [], length: 0 });
  }

  has(execution: ExecutionId): boolean {
    return this.#runs.has(execution);
  }

  collect({ execution, output, frame }: OfType<SessionEvent, 'output'>): void {
    const run = this.#runs.get(execution);
    if (run === undefined) return;
    run.length += JSON.stringify(output).length;
    if (run.length > MAX_COLLECTED_LENGTH) run.told.length = 0;
    else put(run.told, { output, ...(frame !== undefined && { frame }) });
  }

  /** It has ended. */
  take(execution: ExecutionId): Run | undefined {
    const run = this.#runs.get(execution);
    this.#runs.delete(execution);
    return run && seen(run);
  }

  /** All of them, which are none of this one's any more. */
  takeAll(): Run[] {
    const all = [...this.#runs.values()].map(seen);
    this.#runs.clear();
    return all;
  }

  /** What was asked for first, and runs now unless it waits for a worker. */
  get first(): ExecuteCommand | undefined {
    const [first] = this.#runs.values();
    return first?.command;
  }

  commands(): ExecuteCommand[] {
    return [...this.#runs.values()].map(({ command }) => command);
  }

  clear(): void {
    this.#runs.clear();
  }
}

const seen = ({ command, told, length }: Collected): Run => ({
  command,
  told: length <= MAX_COLLECTED_LENGTH ? told : undefined,
  hasOutput: length > 0,
});
