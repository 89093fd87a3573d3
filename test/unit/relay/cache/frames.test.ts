import { describe, expect, onTestFinished, test } from 'vitest';
import type { InteractView } from '../../../../relay/protocol/index.js';
import { interactsIn, moveTo } from '../../../support/interacts.js';
import { commandsOf, expectNoHoles, newStore, relayOn, runIn, setUp } from '../../../support/cached-relay.js';
import { SQUARE, SUM } from '../../../support/fake-interacts.js';
import { connectGreeted, type RawClient } from '../../../support/raw-client.js';

/** Runs cells in a session of its own. @returns the interact that the last of them made */
async function read(client: RawClient, ...codes: string[]): Promise<InteractView> {
  client.send({ type: 'open', session: 's' });
  await client.waitFor('opened');
  const ends = await runIn(client, codes);
  expect(ends.map(({ status }) => status)).toEqual(codes.map(() => 'ok'));
  return interactsIn(client).at(-1)!;
}

describe('a slider', () => {
  /** The first reader of a page with a slider, who has moved it. */
  async function author(...codes: string[]) {
    const store = newStore();
    const made = await setUp(store);
    const interact = await read(made.client, ...codes);
    return { ...made, store, interact };
  }

  const reader = (made: { relay: { url: string } }): Promise<RawClient> =>
    connectGreeted(made.relay.url, onTestFinished);

  test('that is moved to and fro finds again what was computed, in a session that has a Sage', async () => {
    const { client, bridge, interact } = await author(SQUARE);
    const ends = [];
    for (const [step, n] of [1, 2, 3, 2, 1].entries())
      ends.push(await moveTo(client, interact, n, `f${String(step)}`));
    expect(ends.map(({ text }) => text)).toEqual(['1\n', '4\n', '9\n', '4\n', '1\n']);
    expect(ends.map(({ cached }) => cached)).toEqual([false, false, false, 'memory', 'memory']);
    expect(ends.every(({ unchanged }) => unchanged)).toBe(true);
    expect(commandsOf(bridge, 'execute')).toBe(4);
    expect((await runIn(client, ['a = 6', 'print(a)'], 'on'))[1]?.text).toBe('6\n');
  });

  test('is moved by a second reader without any Sage, and what is run behind it is known wherever it stands', async () => {
    const made = await author(SQUARE);
    for (const n of [2, 3]) await moveTo(made.client, made.interact, n, `f${String(n)}`);
    await runIn(made.client, ['print("behind")'], 'behind');
    const before = made.bridge.commands.length;
    for (const steps of [[3, 2, 3], [2], []]) {
      const client = await reader(made);
      const interact = await read(client, SQUARE);
      expect(client.received).toContainEqual(
        expect.objectContaining({
          type: 'output',
          frame: interact.interact,
          output: expect.anything() as unknown,
        }),
      );
      for (const [step, n] of steps.entries()) {
        const end = await moveTo(client, interact, n, `f${String(step)}`);
        expect(end).toMatchObject({ text: `${String(n * n)}\n`, cached: 'memory' });
      }
      expect(await runIn(client, ['print("behind")'], 'behind')).toMatchObject([{ cached: 'memory' }]);
      expectNoHoles(client);
    }
    expect(made.bridge.commands.slice(before).filter(({ type }) => type !== 'ack')).toEqual([]);
  });

  test('that changes its session counts to the history, which is built again with it', async () => {
    const made = await author('total = 0', SUM);
    await moveTo(made.client, made.interact, 2, 'f');
    await runIn(made.client, ['print(total)'], 'on');

    const second = await reader(made);
    const again = await read(second, 'total = 0', SUM);
    expect(await moveTo(second, again, 2, 'f')).toMatchObject({ text: '3\n', cached: 'memory' });
    expect(await runIn(second, ['print(total)'], 'on')).toMatchObject([{ text: '3\n', cached: 'memory' }]);

    const third = await reader(made);
    const other = await read(third, 'total = 0', SUM);
    expect(await moveTo(third, other, 2, 'f')).toMatchObject({ text: '3\n', cached: 'memory' });
    expect(await moveTo(third, other, 2, 'g')).toMatchObject({ text: '5\n', cached: false });
    expect(await runIn(third, ['print(total)'], 'on')).toMatchObject([{ text: '5\n', cached: false }]);
    expectNoHoles(third);
  });

  test('that was not pure ends the keeping, as any run does', async () => {
    const made = await author(SQUARE);
    made.bridge.isPure = false;
    await moveTo(made.client, made.interact, 2, 'f');
    made.bridge.isPure = true;
    expect(await moveTo(made.client, made.interact, 3, 'g')).toMatchObject({ cached: false });
    expect(await moveTo(made.client, made.interact, 3, 'h')).toMatchObject({ cached: false });
    const client = await reader(made);
    expect(await moveTo(client, await read(client, SQUARE), 3, 'f')).toMatchObject({ cached: false });
  });

  test('is computed anew for who asks for that', async () => {
    const { client, interact, bridge } = await author(SQUARE);
    await moveTo(client, interact, 2, 'f');
    const end = await moveTo(client, interact, 2, 'g', { cache: 'bypass' });
    expect(end).toMatchObject({ text: '4\n', cached: false });
    expect(commandsOf(bridge, 'execute')).toBe(3);
  });

  test('is moved on through another relay, which tells again what was on its way', async () => {
    const made = await author(SQUARE);
    for (const n of [2, 3]) await moveTo(made.client, made.interact, n, `f${String(n)}`);
    const client = await reader(made);
    const interact = await read(client, SQUARE);
    const { token } = await client.waitFor('opened');
    const [{ seq }] = [await moveTo(client, interact, 2, 'f2'), await moveTo(client, interact, 3, 'f3')];
    await made.cache.guarded?.settled(1_000);
    made.relay.close();
    const second = await relayOn([made.bridge], made.store);
    const again = await connectGreeted(second.relay.url, onTestFinished);
    again.send({ type: 'open', session: 's', token, after: seq });
    expect(await again.waitFor('opened')).toMatchObject({ resumed: true, missed: 0 });
    expect(await again.done('f3')).toMatchObject({ status: 'ok', unchanged: true });
    expect(again.stdout('f3')).toBe('9\n');
    expect(await moveTo(again, made.interact, 2, 'on')).toMatchObject({ text: '4\n', cached: 'memory' });
  });
});

test('what a run of code says of its leaving the session as it was is not believed', async () => {
  const { client, bridge, relay } = await setUp(newStore());
  bridge.saysUnchanged = true;
  client.send({ type: 'open', session: 's' });
  expect(await runIn(client, ['a = 6', 'print(a)'])).toMatchObject([{ unchanged: true }, { text: '6\n' }]);
  const other = await connectGreeted(relay.url, onTestFinished);
  other.send({ type: 'open', session: 's' });
  expect(await runIn(other, ['print(a)'])).toMatchObject([{ status: 'error', text: '' }]);
});
