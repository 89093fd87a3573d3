import type { Output } from '../../relay/protocol/index.js';

/** Output with the reader's own line numbers: a line put before the code does not count. */
export function shifted(output: Output, addedLines: number): Output {
  if (output.kind !== 'error' || output.line === undefined || addedLines === 0) return output;
  return { ...output, line: Math.max(1, output.line - addedLines) };
}
