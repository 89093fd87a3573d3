/** Moves the sliders that tests make. */
import * as v from 'valibot';
import { INTERACT_TYPE, interactView, type InteractView } from '../../relay/protocol/index.js';
import type { RawClient } from './raw-client.js';

/** The interacts that a client was told of, in order. */
export const interactsIn = (client: RawClient): InteractView[] =>
  client.received.flatMap((message) => {
    const text =
      message.type === 'output' && message.output.kind === 'display'
        ? message.output.data[INTERACT_TYPE]
        : undefined;
    return text === undefined ? [] : [v.parse(interactView, JSON.parse(text))];
  });

/** What a slider named `n` holds when it stands at that number. */
function positionOf(view: InteractView, n: number): number {
  const slider = view.controls.find(({ name }) => name === 'n');
  if (slider?.control !== 'slider') throw new Error('There is no slider n.');
  return slider.labels === undefined ? n : slider.labels.indexOf(String(n));
}

/** Moves the slider `n` of an interact in the session `s`. @returns how that ended, and what was printed */
export async function moveTo(
  client: RawClient,
  view: InteractView,
  n: number,
  execution: string,
  more: { readonly cache?: 'bypass' } = {},
) {
  const frame = { interact: view.interact, values: { n: positionOf(view, n) }, changed: ['n'] };
  client.send({ type: 'execute', execution, session: 's', code: '', frame, ...more });
  return { ...(await client.done(execution, 60_000)), text: client.stdout(execution) };
}
