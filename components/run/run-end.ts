/** How a run ended, in the reader's words. */
import type { CellStatus } from '../events.js';
import type { ExecutionResult } from '../session/execution.js';
import { duration } from '../strings/duration.js';
import type { Strings } from '../strings/index.js';

/** The result of a run that never began. */
export const NOTHING_RAN = { wallMs: 0, cpuMs: 0, cached: false, truncated: false } as const;

/** What is said of a run that has ended. */
export interface RunEnd {
  readonly status: CellStatus;
  /** For the status line. */
  readonly summary: string;
  /** What went wrong with the system, not the code, and what can be done about it; empty if nothing did. */
  readonly notice: string;
  /** The failure of the system by itself; undefined if the code is to blame, or nobody. */
  readonly failure?: string;
}

/** What to say of `result`. @param isShared the run was part of a session, which may be gone with it */
export function runEnd(result: ExecutionResult, isShared: boolean, strings: Strings): RunEnd {
  const end = endOf(result, isShared, strings);
  return result.truncated ? { ...end, notice: `${end.notice} ${strings.truncated}`.trim() } : end;
}

function endOf(result: ExecutionResult, isShared: boolean, strings: Strings): RunEnd {
  const time = duration(result.wallMs, strings);
  switch (result.status) {
    case 'ok': {
      const summary = result.cached === false ? strings.done(time) : strings.cached(time);
      return { status: 'done', summary, notice: '' };
    }
    case 'interrupted':
      return { status: 'done', summary: strings.stopped(time), notice: '' };
    case 'error':
      return { status: 'error', summary: strings.failed, notice: '' };
    case 'timeout':
      return { status: 'error', summary: strings.stopped(time), notice: result.message ?? strings.timeout };
    case 'killed':
    case 'lost':
      return systemFailure(result, isShared, strings);
  }
}

function systemFailure(result: ExecutionResult, isShared: boolean, strings: Strings): RunEnd {
  const failure = result.message ?? strings.systemFailure;
  const retryAfterMs = result.error?.retryAfterMs;
  const isSessionGone = isShared && (result.status === 'killed' || result.error?.code === 'session-lost');
  const advice = isSessionGone
    ? strings.deadHelp
    : retryAfterMs === undefined
      ? ''
      : strings.retryIn(Math.ceil(retryAfterMs / 1_000));
  return {
    status: isSessionGone ? 'dead' : 'error',
    summary: isSessionGone ? strings.dead : strings.failed,
    notice: `${failure} ${advice}`.trim(),
    failure,
  };
}
