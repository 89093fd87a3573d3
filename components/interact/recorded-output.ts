/** Output of a run that has interacts in it, as a list: what of it belongs to which interact, and what a new frame leaves of it. */
import { INTERACT_TYPE, type Increment, type InteractId, type Output } from '../../relay/protocol/index.js';

/** One increment, and the interact into whose output it belongs, if it is not the run's own. */
export type RecordedOutput = Increment;

/** Name of the interact that is displayed, if it is one. */
export function interactOf(output: Output): string | undefined {
  const view = output.kind === 'display' ? output.data[INTERACT_TYPE] : undefined;
  return view === undefined ? undefined : /"interact"\s*:\s*"([^"]*)"/.exec(view)?.[1];
}

/** Names of `interact` and of all interacts that were made within its output. */
function within(outputs: readonly RecordedOutput[], interact: string): Set<string> {
  const names = new Set([interact]);
  // What is made within another comes after it.
  for (const { output, frame } of outputs) {
    const made = frame !== undefined && names.has(frame) ? interactOf(output) : undefined;
    if (made !== undefined) names.add(made);
  }
  return names;
}

/**
 * The same output after another frame of `interact`.
 * @param view the interact as a display would bring it now: with the values it has
 * @param fresh what the frame put out; what has no name there is the interact's own
 */
export function withFrame(
  outputs: readonly RecordedOutput[],
  interact: string,
  view: string,
  fresh: readonly RecordedOutput[],
): RecordedOutput[] {
  const gone = within(outputs, interact);
  return outputs.flatMap(({ output, frame }): RecordedOutput[] => {
    if (frame !== undefined && gone.has(frame)) return [];
    if (output.kind !== 'display' || interactOf(output) !== interact) return [{ output, frame }];
    const own = fresh.map((one) => ({ output: one.output, frame: one.frame ?? (interact as InteractId) }));
    return [{ output: { ...output, data: { ...output.data, [INTERACT_TYPE]: view } }, frame }, ...own];
  });
}
