import type { Output } from '../../relay/protocol/index.js';
import type { ExecutionObserver } from '../session/execution.js';

/** Output with the reader's own line numbers: a line put before the code does not count. */
function shifted(output: Output, addedLines: number): Output {
  if (output.kind !== 'error' || output.line === undefined || addedLines === 0) return output;
  return { ...output, line: Math.max(1, output.line - addedLines) };
}

/** Sees the output of code before which so many lines were put. */
export function shiftedObserver(observer: ExecutionObserver, addedLines: number): ExecutionObserver {
  return {
    ...observer,
    output: (output, frame) => {
      observer.output?.(shifted(output, addedLines), frame);
    },
  };
}
