/** Output as a list of what came of it: what is added, and what takes back what was there. */
import type { InteractId } from './ids.js';
import { INTERACT_CHANGE_TYPE } from './interact.js';
import type { Output, StreamOutput } from './output.js';

/** One increment, and the interact into whose output it belongs, if it is not the run's own. */
export interface Increment {
  readonly output: Output;
  readonly frame?: InteractId | undefined;
}

/** The stream that it is text of, if it is text. A question is asked where text is written. */
export function streamOf(output: Output): StreamOutput['name'] | undefined {
  if (output.kind === 'prompt') return 'stdout';
  return output.kind === 'stream' ? output.name : undefined;
}

/** False for what only changes controls. */
export const isPiece = (output: Output): boolean =>
  output.kind !== 'display' || !(INTERACT_CHANGE_TYPE in output.data);

/** Adds `next` to the list, or removes what it says is to be removed. */
export function put(increments: Increment[], next: Increment): void {
  const { output, frame } = next;
  if (output.kind === 'retract') {
    retract(increments, frame);
  } else if (output.kind === 'clear') {
    const left = frame === undefined ? [] : increments.filter((one) => one.frame !== frame);
    increments.splice(0, increments.length, ...left);
  } else {
    increments.push(next);
  }
}

function retract(increments: Increment[], frame: InteractId | undefined): void {
  let stream: StreamOutput['name'] | undefined;
  for (let index = increments.length - 1; index >= 0; index -= 1) {
    const one = increments[index];
    if (one === undefined || one.frame !== frame || !isPiece(one.output)) continue;
    const own = streamOf(one.output);
    if (stream !== undefined && own !== stream) return;
    increments.splice(index, 1);
    if (own === undefined) return;
    stream = own;
  }
}
