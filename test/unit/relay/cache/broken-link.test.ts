import { expect, test } from 'vitest';
import { commandsOf, runIn, setUp, until } from '../../../support/cached-relay.js';

test('what is asked of a session while the link to its bridge is broken for a moment runs once it is back', async () => {
  const { bridge, relay, client } = await setUp();
  client.send({ type: 'open', session: 's' });
  await runIn(client, ['a = 6', 'print(a)']);
  const begun = commandsOf(bridge, 'execute');
  const link = relay.pool.list()[0]!;
  const thawed = bridge.freeze(400);
  bridge.breakLinks();
  await until(() => link.facts === undefined);
  client.send({ type: 'execute', execution: 'meanwhile', session: 's', code: 'print(a)' });
  client.send({ type: 'execute', execution: 'after', session: 's', code: 'a = 7' });
  await thawed;
  expect(await client.done('meanwhile')).toMatchObject({ status: 'ok' });
  expect(client.stdout('meanwhile')).toBe('6\n');
  expect(await client.done('after')).toMatchObject({ status: 'ok' });
  expect(commandsOf(bridge, 'execute')).toBe(begun + 2);
  const ends = client.received.flatMap((message) => (message.type === 'done' ? [message.execution] : []));
  expect(ends).toEqual(['e0', 'e1', 'meanwhile', 'after']);
});
