/** What a run is asked with, and who is told what becomes of it. */
import type { InteractId, Output } from '../../relay/protocol/index.js';
import type { CellFailure, CellStatus } from '../events.js';
import type { LanguageName } from '../languages.js';
import type { ExecutionResult } from '../session/execution.js';
import type { SetupCode } from './session-setup.js';

/** Where a cell runs its code. */
export interface RunPlace {
  readonly server: string;
  /** Name of the session; without one the code runs in a fresh process. */
  readonly session: string | undefined;
  /** Embed key, where the server asks for one. */
  readonly key: string | undefined;
  /** What tells the cell from the others of its page, from one load to the next; undefined if nothing does. */
  readonly cell: string | undefined;
}

/** What a run is asked with. */
export interface RunRequest extends RunPlace {
  readonly code: string;
  readonly language: LanguageName;
  /** False if the server is to compute afresh what it may know. */
  readonly mayCache: boolean;
  /** Asks for formulas of displayed values. */
  readonly isTypeset: boolean;
  /** Longest the code may run, milliseconds; the server's own limit may be shorter. */
  readonly timeLimitMs: number | undefined;
  /** Code that must have run in the session before. */
  readonly setup: readonly SetupCode[];
}

/** Whoever shows what a run does. */
export interface RunListener {
  statusChanged(status: CellStatus, previous: CellStatus): void;
  /** @param frame the interact into whose output it belongs, if it is not the run's own */
  outputCame(output: Output, frame?: InteractId): void;
  /** The run begins anew: what it has put out does not count. */
  runRestarted(): void;
  runFailed(failure: CellFailure): void;
  /** The run ended; the status has changed already. */
  runDone(result: ExecutionResult): void;
}
