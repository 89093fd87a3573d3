/** Outputs as they are kept with a cell: what a run put out in the end, not how it came. */
import {
  INTERACT_CHANGE_TYPE,
  INTERACT_TYPE,
  put,
  type Increment,
  type Output,
} from '../../relay/protocol/index.js';
import { MAX_STORED_OUTPUTS, type StoredOutput } from './schema.js';

/** Characters of output kept with one cell; what follows is left out, with a line that says so. */
export const MAX_STORED_CHARACTERS = 2_097_152;

const sizeOf = (output: StoredOutput): number =>
  output.kind === 'stream' ? output.text.length : JSON.stringify(output).length;

/** An interact without its process is its plain form; what is nothing besides is left out. */
function withoutInteract(output: StoredOutput): StoredOutput | undefined {
  if (output.kind !== 'display') return output;
  const { [INTERACT_TYPE]: view, [INTERACT_CHANGE_TYPE]: change, ...data } = output.data;
  if (view === undefined && change === undefined) return output;
  return Object.keys(data).length === 0 || change !== undefined ? undefined : { ...output, data };
}

/**
 * Makes one list of what came in pieces: adjacent text of a stream is joined, `clear` and `retract` obeyed, prompts dropped.
 * Of an interact its plain form stays.
 */
export function storedOutputs(outputs: readonly Output[]): StoredOutput[] {
  const increments: Increment[] = [];
  for (const output of outputs) put(increments, { output });
  const kept: StoredOutput[] = [];
  let characters = 0;
  let isFull = false;
  for (const { output: one } of increments) {
    if (one.kind === 'prompt' || one.kind === 'clear' || one.kind === 'retract' || isFull) continue;
    const output = withoutInteract(one);
    if (output === undefined) continue;
    const last = kept.at(-1);
    const size = sizeOf(output);
    if (characters + size > MAX_STORED_CHARACTERS || kept.length >= MAX_STORED_OUTPUTS - 1) {
      isFull = true;
      kept.push({
        kind: 'stream',
        name: 'stderr',
        text: '… The rest of this output was too long to be kept.\n',
      });
      continue;
    }
    characters += size;
    if (output.kind === 'stream' && last?.kind === 'stream' && last.name === output.name) {
      kept[kept.length - 1] = { ...last, text: last.text + output.text };
    } else kept.push(output);
  }
  return kept;
}

/** The output as plain text, for copying and for formats that know nothing else. */
export function outputText(outputs: readonly StoredOutput[]): string {
  let text = '';
  for (const output of outputs) {
    const piece = textOf(output);
    if (piece === '') continue;
    if (text !== '' && !text.endsWith('\n')) text += '\n';
    text += piece;
  }
  return text;
}

function textOf(output: StoredOutput): string {
  switch (output.kind) {
    case 'stream':
      return output.text;
    case 'display':
      return output.data['text/plain'] ?? '';
    case 'error':
      return output.traceback === '' ? `${output.name}: ${output.message}` : output.traceback;
    case 'file':
      return `[file ${output.name}, ${String(output.size)} bytes]`;
  }
}
