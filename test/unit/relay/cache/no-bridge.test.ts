import { describe, expect, onTestFinished, test } from 'vitest';
import { expectNoHoles, newStore, relayOn, runIn, setUp, until } from '../../../support/cached-relay.js';
import type { FakeBridge } from '../../../support/fake-bridge.js';
import { connectGreeted } from '../../../support/raw-client.js';

const CELLS = ['a = 6', 'print(a)', 'b = 7', 'print(b)'];
const TEXTS = ['', '6\n', '', '7\n'];

/** A page of linked cells and one that is not, read once; then the bridge dies. */
async function warm() {
  const made = await setUp(newStore());
  made.client.send({ type: 'open', session: 's' });
  await runIn(made.client, CELLS);
  made.client.send({ type: 'execute', execution: 'alone', code: 'print(2+2)' });
  await made.client.done('alone');
  await made.cache.guarded?.settled(1_000);
  return made;
}

async function die(bridge: FakeBridge, { relay }: Awaited<ReturnType<typeof warm>>): Promise<void> {
  await bridge.close();
  await until(() => relay.pool.list().every(({ facts }) => facts === undefined));
}

describe('while no bridge can be reached', () => {
  test('a page that was read before is read again, its linked cells in order', async () => {
    const made = await warm();
    await die(made.bridge, made);
    const client = await connectGreeted(made.relay.url, onTestFinished);
    client.send({ type: 'execute', execution: 'alone', code: 'print(2+2)' });
    expect(await client.done('alone')).toMatchObject({ status: 'ok', cached: 'memory' });
    expect(client.stdout('alone')).toBe('4\n');
    client.send({ type: 'open', session: 's' });
    const ends = await runIn(client, CELLS);
    expect(ends.map(({ text }) => text)).toEqual(TEXTS);
    expect(ends.map(({ cached }) => cached)).toEqual(CELLS.map(() => 'memory'));
    expectNoHoles(client);
  });

  test('it is read over HTTP too', async () => {
    const made = await warm();
    await die(made.bridge, made);
    const response = await fetch(`${made.relay.url}/api/v1/execute`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: 'print(2+2)' }),
    });
    expect(await response.json()).toMatchObject({ status: 'ok', cached: 'memory' });
  });

  test('what is new ends at once with when to come again, and the session goes on', async () => {
    const made = await warm();
    await die(made.bridge, made);
    const client = await connectGreeted(made.relay.url, onTestFinished);
    const lost = {
      status: 'lost',
      error: { code: 'unavailable', retryAfterMs: expect.any(Number) as number },
    };
    client.send({ type: 'execute', execution: 'new', code: 'print(3+3)' });
    expect(await client.done('new')).toMatchObject(lost);
    client.send({ type: 'open', session: 's' });
    const ends = await runIn(client, ['a = 6', 'print("new")', 'print(a)'], 'mixed');
    expect(ends[0]).toMatchObject({ status: 'ok', cached: 'memory' });
    expect(ends[1]).toMatchObject(lost);
    expect(ends[2]).toMatchObject({ status: 'ok', cached: 'memory', text: '6\n' });
  });

  test('the relay says that it is no place for new work', async () => {
    const made = await warm();
    await die(made.bridge, made);
    expect((await fetch(`${made.relay.url}/readyz`)).status).toBe(503);
    expect(await (await fetch(`${made.relay.url}/status`)).json()).toMatchObject({
      bridges: [{ ready: false }],
    });
  });

  test('a session that needed no Sage is resumed, and what is new is computed when the bridge is back', async () => {
    const made = await warm();
    const client = await connectGreeted(made.relay.url, onTestFinished);
    client.send({ type: 'open', session: 's' });
    const { token } = await client.waitFor('opened');
    const ends = await runIn(client, CELLS.slice(0, 2));
    await made.cache.guarded?.settled(1_000);
    const downMs = 600;
    const back = made.bridge.crash(downMs);
    await until(() => made.relay.pool.list().every(({ facts }) => facts === undefined));
    client.cut();
    const again = await connectGreeted(made.relay.url, onTestFinished);
    again.send({ type: 'open', session: 's', token, after: ends.at(-1)?.seq });
    expect(await again.waitFor('opened')).toMatchObject({ resumed: true, missed: 0 });
    expect(await runIn(again, ['b = 7'], 'on')).toMatchObject([{ cached: 'memory' }]);
    await back;
    await until(() => made.relay.pool.pick() !== undefined);
    const [end] = await runIn(again, ['print("new")'], 'new');
    expect(end).toMatchObject({ status: 'ok', cached: false, text: 'new\n' });
  });
});

test('a session without Sage that went on at another relay is not taken up where this one left it', async () => {
  const store = newStore();
  const first = await setUp(store);
  first.client.send({ type: 'open', session: 's' });
  await runIn(first.client, ['a = 6', 'print(a)', 'a = 8', 'print(a)']);
  await first.cache.guarded?.settled(1_000);
  const second = await relayOn([first.bridge], store);

  const client = await connectGreeted(first.relay.url, onTestFinished);
  client.send({ type: 'open', session: 's' });
  const { token } = await client.waitFor('opened');
  const [here] = await runIn(client, ['a = 6'], 'here');
  await first.cache.guarded?.settled(1_000);
  client.cut();
  const there = await connectGreeted(second.relay.url, onTestFinished);
  there.send({ type: 'open', session: 's', token, after: here?.seq });
  await there.waitFor('opened');
  const ends = await runIn(there, ['print(a)', 'a = 8'], 'there');
  expect(ends.at(-1)).toMatchObject({ cached: 'memory' });
  await second.cache.guarded?.settled(1_000);
  there.cut();
  const again = await connectGreeted(first.relay.url, onTestFinished);
  again.send({ type: 'open', session: 's', token, after: ends.at(-1)?.seq });
  expect(await again.waitFor('opened')).toMatchObject({ resumed: true, missed: 0 });
  const [end] = await runIn(again, ['print(a)'], 'again');
  expect(end?.text).toBe('8\n');
});
