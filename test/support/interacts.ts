/** Moves the sliders that tests make. */
import * as v from 'valibot';
import { INTERACT_TYPE, interactView, type InteractId } from '../../relay/protocol/index.js';
import type { RawClient } from './raw-client.js';

/** The interacts that a client was told of, in order. */
export const interactsIn = (client: RawClient): InteractId[] =>
  client.received.flatMap((message) => {
    const text =
      message.type === 'output' && message.output.kind === 'display'
        ? message.output.data[INTERACT_TYPE]
        : undefined;
    return text === undefined ? [] : [v.parse(interactView, JSON.parse(text)).interact];
  });

/** Moves the slider `n` of an interact in the session `s`. @returns how that ended, and what was printed */
export async function moveTo(
  client: RawClient,
  interact: InteractId,
  n: number,
  execution: string,
  more: { readonly session?: string; readonly cache?: 'bypass' } = {},
) {
  const frame = { interact, values: { n }, changed: ['n'] };
  client.send({ type: 'execute', execution, session: 's', code: '', frame, ...more });
  return { ...(await client.done(execution, 60_000)), text: client.stdout(execution) };
}
