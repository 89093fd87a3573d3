import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  commandsOf,
  expectNoHoles,
  newStore,
  relayOn,
  runIn,
  setUp,
  slow,
  until,
} from '../../../support/cached-relay.js';
import { startFakeBridge } from '../../../support/fake-bridge.js';
import { connectGreeted } from '../../../support/raw-client.js';

const CELLS = ['a = 6', slow(0.6), 'b = 7'];

/** A reader of cells that another has run before, on a relay that shares its store with a second one. */
async function reader() {
  const store = newStore();
  const first = await setUp(store);
  first.client.send({ type: 'open', session: 's' });
  await runIn(first.client, CELLS);
  await first.cache.guarded?.settled(1_000);
  const client = await connectGreeted(first.relay.url, onTestFinished);
  client.send({ type: 'open', session: 's' });
  const { token } = await client.waitFor('opened');
  const ends = await runIn(client, CELLS, 'r');
  expect(ends.map(({ cached }) => cached)).toEqual(['memory', 'memory', 'memory']);
  await first.cache.guarded?.settled(1_000);
  const second = await relayOn([first.bridge], store);
  /** Goes on at one of the relays, and says again what has no end. */
  const goOnAt = async (url: string, again?: { readonly execution: string; readonly code: string }) => {
    const other = await connectGreeted(url, onTestFinished);
    other.send({ type: 'open', session: 's', token, after: ends.at(-1)?.seq });
    if (again) other.send({ type: 'execute', session: 's', ...again });
    return other;
  };
  return { ...first, client, second, goOnAt };
}

describe('a session that is moved to another relay', () => {
  test.each(['its relay sees', 'its relay dies before it sees'])(
    'while it is made real, as %s, has its whole state there',
    async (how) => {
      const { client, bridge, relay, second, goOnAt } = await reader();
      const begun = commandsOf(bridge, 'execute');
      client.send({ type: 'execute', execution: 'new', session: 's', code: 'print(b)' });
      await until(() => commandsOf(bridge, 'execute') === begun + 2);
      if (how === 'its relay sees') client.cut();
      else relay.close();
      const there = await goOnAt(second.relay.url, { execution: 'new', code: 'print(b)' });
      expect(await there.waitFor('opened')).toMatchObject({ resumed: true, missed: 0 });
      expect(await there.done('new')).toMatchObject({ status: 'ok' });
      expect(there.stdout('new')).toBe('7\n');
    },
  );

  test('when it was made real by a question alone goes on there as it was', async () => {
    const { client, second, goOnAt } = await reader();
    client.send({ type: 'complete', request: 'r1', session: 's', before: 'fac' });
    await client.waitFor('completions');
    client.cut();
    const there = await goOnAt(second.relay.url);
    expect(await there.waitFor('opened')).toMatchObject({ resumed: true, missed: 0 });
    const ends = await runIn(there, ['print(a)', 'print(b)'], 'on');
    expect(ends.map(({ text }) => text)).toEqual(['6\n', '7\n']);
  });

  test('after something new ran in it goes on there in the bridge', async () => {
    const { client, second, bridge } = await reader();
    const [end] = await runIn(client, ['c = 8'], 'new');
    const opens = commandsOf(bridge, 'open');
    const { token } = client.received.findLast((message) => message.type === 'opened') as { token: string };
    client.cut();
    const there = await connectGreeted(second.relay.url, onTestFinished);
    there.send({ type: 'open', session: 's', token, after: end?.seq });
    expect(await there.waitFor('opened')).toMatchObject({ resumed: true, missed: 0 });
    const ends = await runIn(there, ['print(b)', 'print(c)'], 'on');
    expect(ends.map(({ text }) => text)).toEqual(['7\n', '8\n']);
    expect(commandsOf(bridge, 'open')).toBe(opens);
  });

  test('stays with its relay when the link to the bridge breaks and comes back', async () => {
    const { client, bridge } = await reader();
    client.send({ type: 'complete', request: 'r1', session: 's', before: 'fac' });
    await client.waitFor('completions');
    bridge.breakLinks();
    await new Promise((resolve) => setTimeout(resolve, 600));
    const ends = await runIn(client, ['print(a)', 'print(b)'], 'on');
    expect(ends.map(({ text }) => text)).toEqual(['6\n', '7\n']);
  });
});

test('a session whose bridge dies under a broken connection runs nothing twice and says what is not known any more', async () => {
  const { client, bridge, relay } = await setUp(newStore());
  client.send({ type: 'open', session: 's' });
  const { token } = await client.waitFor('opened');
  const [first, second] = await runIn(client, ['a = 6', slow(0.02)]);
  client.cut();
  await until(() => relay.pool.list().length === 1);
  const back = bridge.crash(1_500);
  const again = await connectGreeted(relay.url, onTestFinished);
  again.send({ type: 'open', session: 's', token, after: first?.seq });
  // Its end was on its way when the connection broke.
  again.send({ type: 'execute', session: 's', execution: 'e1', code: slow(0.02) });
  const { missed } = await again.waitFor('opened', (message) => message.missed > 0);
  expect(missed).toBe((second?.seq ?? 0) - (first?.seq ?? 0));
  expect(await again.done('e1')).toMatchObject({ status: 'lost', error: { code: 'duplicate-id' } });
  await back;
  await until(() => relay.pool.pick() !== undefined);
  expect(await runIn(again, ['print(k)', 'print(a)'], 'on')).toMatchObject([
    { text: '1\n' },
    { text: '6\n' },
  ]);
});

test('a session that is ended because nobody used it for long goes on, if it was pure, when somebody does', async () => {
  const { client, bridge } = await setUp();
  client.send({ type: 'open', session: 's' });
  await runIn(client, ['a = 6', slow(0.02)]);
  bridge.endIdle();
  await until(() => bridge.sessions === 0);
  expect(await runIn(client, ['print(a)', 'print(k)'], 'on')).toMatchObject([
    { text: '6\n' },
    { text: '1\n' },
  ]);
  expectNoHoles(client);

  bridge.isPure = false;
  await runIn(client, ['b = 7'], 'impure');
  bridge.endIdle();
  expect(await client.waitFor('closed')).toMatchObject({ reason: 'idle' });
});

test('a page whose cells are asked for at once is recorded once, not with each of its answers', async () => {
  const store = newStore();
  const { client, cache, relay } = await setUp(store);
  const codes = Array.from({ length: 20 }, (_, number) => `a = ${String(number)}`);
  client.send({ type: 'open', session: 's' });
  await runIn(client, codes);
  await cache.guarded?.settled(1_000);
  const puts = vi.spyOn(store, 'put');
  const reader = await connectGreeted(relay.url, onTestFinished);
  reader.send({ type: 'open', session: 's' });
  const { token } = await reader.waitFor('opened');
  for (const [index, code] of codes.entries()) {
    reader.send({ type: 'execute', execution: `r${String(index)}`, session: 's', code });
  }
  const last = await reader.done(`r${String(codes.length - 1)}`);
  expect(last).toMatchObject({ cached: 'memory' });
  await cache.guarded?.settled(1_000);
  const records = puts.mock.calls.filter(([, key]) => key.startsWith('session-'));
  expect(records.length).toBeGreaterThan(0);
  expect(records.length).toBeLessThan(codes.length / 2);
  // What was recorded is all of it.
  reader.cut();
  const { relay: other } = await relayOn([await startFakeBridge(onTestFinished)], store);
  const there = await connectGreeted(other.url, onTestFinished);
  there.send({ type: 'open', session: 's', token, after: last.seq });
  expect(await there.waitFor('opened')).toMatchObject({ resumed: true, missed: 0 });
});
