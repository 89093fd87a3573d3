import { describe, expect, onTestFinished, test } from 'vitest';
import type { Store } from '../../../../relay/stores/store.js';
import {
  commandsOf,
  expectNoHoles,
  newStore,
  relayOn,
  runIn,
  setUp,
  until,
} from '../../../support/cached-relay.js';
import { startFakeBridge } from '../../../support/fake-bridge.js';
import { connectGreeted } from '../../../support/raw-client.js';

const FOREVER = 'while True: pass';

describe('a stateless execution', () => {
  test('that was pure is answered the next time from memory, and says so', async () => {
    const { client, bridge } = await setUp();
    client.send({ type: 'execute', execution: 'e1', code: 'print(2+2)' });
    expect(await client.done('e1')).toMatchObject({ status: 'ok', cached: false });
    client.send({ type: 'execute', execution: 'e2', code: 'print(2+2)' });
    const done = await client.done('e2');
    expect(done).toMatchObject({ status: 'ok', cached: 'memory', pure: true });
    expect(done.ageMs).toBeGreaterThanOrEqual(0);
    expect(client.stdout('e2')).toBe('4\n');
    expect(commandsOf(bridge, 'execute')).toBe(1);
  });

  test('is run again when the bridge has other packages than before', async () => {
    const { client, bridge, relay } = await setUp();
    client.send({ type: 'execute', execution: 'e1', code: 'print(2+2)' });
    await client.done('e1');
    bridge.becomes('another');
    // What comes over the same link afterwards is told afterwards.
    client.send({ type: 'execute', execution: 'e2', code: 'print(6*7)' });
    await client.done('e2');
    client.send({ type: 'execute', execution: 'e3', code: 'print(2+2)' });
    expect(await client.done('e3')).toMatchObject({ status: 'ok', cached: false });
    const late = await connectGreeted(relay.url, onTestFinished);
    late.send({ type: 'execute', execution: 'e4', code: 'print(2+2)' });
    expect(await late.done('e4')).toMatchObject({ cached: 'memory' });
    expect(commandsOf(bridge, 'execute')).toBe(3);
  });

  test('that was not pure is run each time', async () => {
    const { client, bridge } = await setUp();
    bridge.isPure = false;
    for (const execution of ['e1', 'e2', 'e3']) {
      client.send({ type: 'execute', execution, code: 'print(2+2)' });
      expect(await client.done(execution)).toMatchObject({ cached: false });
    }
    expect(commandsOf(bridge, 'execute')).toBe(3);
  });

  test('is computed anew when its sender wants that, and the new result is kept', async () => {
    const { client, bridge } = await setUp();
    for (const execution of ['e1', 'e2']) {
      client.send({ type: 'execute', execution, code: 'print(2+2)', cache: 'bypass' });
      expect(await client.done(execution)).toMatchObject({ cached: false });
    }
    client.send({ type: 'execute', execution: 'e3', code: 'print(2+2)' });
    expect(await client.done('e3')).toMatchObject({ cached: 'memory' });
    expect(commandsOf(bridge, 'execute')).toBe(2);
  });

  test.each([
    { what: 'language', other: { language: 'python' } },
    { what: 'typesetting', other: { typeset: true } },
    { what: 'limits', other: { limits: { wallMs: 1_000 } } },
    { what: 'expressions', other: { expressions: { a: '1' } } },
  ])('of another $what is another result', async ({ other }) => {
    const { client, bridge } = await setUp();
    client.send({ type: 'execute', execution: 'e1', code: 'print(2+2)' });
    await client.done('e1');
    client.send({ type: 'execute', execution: 'e2', code: 'print(2+2)', ...other });
    expect(await client.done('e2')).toMatchObject({ cached: false });
    expect(commandsOf(bridge, 'execute')).toBe(2);
  });

  test('a failure of the code is kept, a stop is not', async () => {
    const { client, bridge } = await setUp();
    for (const execution of ['e1', 'e2']) {
      client.send({ type: 'execute', execution, code: '1/0' });
      await client.done(execution);
    }
    expect(await client.done('e2')).toMatchObject({ status: 'error', cached: 'memory' });
    for (const execution of ['e3', 'e4']) {
      client.send({ type: 'execute', execution, code: FOREVER });
      await client.waitFor('status', (message) => message.execution === execution);
      client.send({ type: 'interrupt', execution });
      expect(await client.done(execution)).toMatchObject({ status: 'interrupted', cached: false });
    }
    expect(commandsOf(bridge, 'execute')).toBe(3);
  });

  test('runs once for a hundred who ask at the same time, each of whom gets all of it', async () => {
    const { client, bridge } = await setUp(newStore());
    for (let index = 0; index < 100; index += 1) {
      client.send({ type: 'execute', execution: `e${String(index)}`, code: 'print(20+22)' });
    }
    for (let index = 0; index < 100; index += 1) {
      expect(await client.done(`e${String(index)}`)).toMatchObject({ status: 'ok' });
      expect(client.stdout(`e${String(index)}`)).toBe('42\n');
    }
    expect(commandsOf(bridge, 'execute')).toBe(1);
  });

  test.each([
    ['hangs', (): Promise<never> => new Promise(() => undefined)],
    ['fails', (): Promise<never> => Promise.reject(new Error('down'))],
  ])('runs once for a hundred who ask at the same time while the store %s', async (_, get) => {
    const store = newStore();
    Object.assign(store, { get, put: get });
    const { client, bridge } = await setUp(store);
    for (let round = 0; round < 8; round += 1) {
      // More rounds than failures after which the store is left alone.
      const code = `print(${String(round)}+1)`;
      const names = Array.from({ length: 100 }, (_, index) => `e${String(round)}-${String(index)}`);
      const startedAt = performance.now();
      for (const execution of names) client.send({ type: 'execute', execution, code });
      for (const execution of names) {
        expect(await client.done(execution)).toMatchObject({ status: 'ok' });
        expect(client.stdout(execution)).toBe(`${String(round + 1)}\n`);
      }
      expect(performance.now() - startedAt).toBeLessThan(1_000);
      expect(commandsOf(bridge, 'execute')).toBe(round + 1);
    }
  });

  test('goes on for those who stay when the one who asked first leaves, and ends with the last', async () => {
    const { client, relay, bridge } = await setUp();
    const other = await connectGreeted(relay.url, onTestFinished);
    client.send({ type: 'execute', execution: 'e1', code: FOREVER });
    await client.waitFor('status');
    other.send({ type: 'execute', execution: 'e2', code: FOREVER });
    await other.waitFor('status');
    client.send({ type: 'kill', execution: 'e1' });
    expect(await client.done('e1')).toMatchObject({ status: 'killed' });
    expect(bridge.sessions).toBe(1);
    expect(commandsOf(bridge, 'kill')).toBe(0);
    other.cut();
    await until(() => bridge.sessions === 0);
  });

  test('that turns out not to be pure is run by each who waited for it', async () => {
    const { client, bridge } = await setUp();
    bridge.isPure = false;
    for (const execution of ['e1', 'e2', 'e3'])
      client.send({ type: 'execute', execution, code: 'print(1+1)' });
    for (const execution of ['e1', 'e2', 'e3']) {
      expect(await client.done(execution)).toMatchObject({ status: 'ok', cached: false });
      expect(client.stdout(execution)).toBe('2\n');
    }
    expect(commandsOf(bridge, 'execute')).toBe(3);
  });

  test('that asks its reader asks each who waited for it', async () => {
    const { client, bridge } = await setUp();
    for (const execution of ['e1', 'e2']) client.send({ type: 'execute', execution, code: 'print(input())' });
    for (const execution of ['e1', 'e2']) {
      await client.waitFor(
        'output',
        (message) => message.execution === execution && message.output.kind === 'prompt',
      );
      client.send({ type: 'answer', execution, text: `said by ${execution}` });
      await client.done(execution);
      expect(client.stdout(execution)).toBe(`said by ${execution}\n`);
    }
    expect(commandsOf(bridge, 'execute')).toBe(2);
  });

  test('is run anew by those who shared it when its bridge dies', async () => {
    const first = await startFakeBridge(onTestFinished);
    const second = await startFakeBridge(onTestFinished);
    for (const each of [first, second]) each.isPure = true;
    const { relay } = await relayOn([first, second]);
    const client = await connectGreeted(relay.url, onTestFinished);
    for (const each of [first, second]) each.isMute = true;
    for (const execution of ['e1', 'e2']) client.send({ type: 'execute', execution, code: 'print(2+2)' });
    await until(() => first.sessions + second.sessions === 1);
    const [dying, left] = first.sessions === 1 ? [first, second] : [second, first];
    left.isMute = false;
    await dying.close();
    for (const execution of ['e1', 'e2']) {
      expect(await client.done(execution)).toMatchObject({ status: 'ok' });
      expect(client.stdout(execution)).toBe('4\n');
    }
    expect(commandsOf(left, 'execute')).toBe(1);
  });

  test('is answered from the store by another relay', async () => {
    const store = newStore();
    const { client, bridge, cache } = await setUp(store);
    client.send({ type: 'execute', execution: 'e1', code: 'print(2+2)' });
    await client.done('e1');
    await cache.guarded?.settled(1_000);
    const other = await relayOn([bridge], store);
    const reader = await connectGreeted(other.relay.url, onTestFinished);
    reader.send({ type: 'execute', execution: 'e2', code: 'print(2+2)' });
    await reader.done('e2');
    expect(reader.stdout('e2')).toBe('4\n');
    expect(commandsOf(bridge, 'execute')).toBe(1);
  });
});

describe('a session', () => {
  const CELLS = ['a = 6', 'print(a)', 'b = 7', 'print(b)', '1/0', 'print(b)'];
  const TEXTS = ['', '6\n', '', '7\n', '', '7\n'];

  async function author(store: Store) {
    const first = await setUp(store);
    first.client.send({ type: 'open', session: 's' });
    const ends = await runIn(first.client, CELLS);
    expect(ends.map(({ cached }) => cached)).toEqual(CELLS.map(() => false));
    await first.cache.guarded?.settled(1_000);
    return first;
  }

  async function reader(first: { relay: { url: string } }) {
    const client = await connectGreeted(first.relay.url, onTestFinished);
    client.send({ type: 'open', session: 's' });
    await client.waitFor('opened');
    return client;
  }

  test('that runs what another ran, in the same order, is answered without any bridge', async () => {
    const first = await author(newStore());
    const before = first.bridge.commands.length;
    const client = await reader(first);
    const ends = await runIn(client, CELLS);
    expect(ends.map(({ text }) => text)).toEqual(TEXTS);
    expect(ends.map(({ cached }) => cached)).toEqual(CELLS.map(() => 'memory'));
    expect(first.bridge.commands.slice(before).filter(({ type }) => type !== 'ack')).toEqual([]);
    expectNoHoles(client);
  });

  test('becomes real with the right state when something new is run, and its messages are numbered on', async () => {
    const first = await author(newStore());
    const client = await reader(first);
    await runIn(client, CELLS.slice(0, 3));
    const ends = await runIn(client, ['print(a)', 'c = 8', 'print(c)'], 'new');
    expect(ends.map(({ text }) => text)).toEqual(['6\n', '', '8\n']);
    expect(ends.map(({ cached }) => cached)).toEqual([false, false, false]);
    expectNoHoles(client);
    const opens = first.bridge.commands.filter(({ type }) => type === 'open');
    expect(opens).toHaveLength(2);
  });

  test('of another order has other results', async () => {
    const first = await author(newStore());
    const client = await reader(first);
    const [end] = await runIn(client, ['print(a)']);
    expect(end).toMatchObject({ status: 'error', cached: false });
  });

  test('keeps nothing from the first run on that was not pure', async () => {
    const first = await setUp(newStore());
    first.client.send({ type: 'open', session: 's' });
    await runIn(first.client, ['a = 1']);
    first.bridge.isPure = false;
    await runIn(first.client, ['a = 2'], 'impure');
    first.bridge.isPure = true;
    await runIn(first.client, ['b = 3', 'print(b)'], 'after');
    await first.cache.guarded?.settled(1_000);
    const client = await reader(first);
    const ends = await runIn(client, ['a = 1', 'a = 2', 'b = 3', 'print(b)']);
    expect(ends.map(({ cached }) => cached)).toEqual(['memory', false, false, false]);
  });

  test('that is virtual is resumed by its token on the same relay, and what was missed is told once', async () => {
    const first = await author(newStore());
    const client = await reader(first);
    const { token } = await client.waitFor('opened');
    const [end] = await runIn(client, CELLS.slice(0, 2));
    client.cut();
    const again = await connectGreeted(first.relay.url, onTestFinished);
    again.send({ type: 'open', session: 's', token, after: end?.seq });
    expect(await again.waitFor('opened')).toMatchObject({ resumed: true, missed: 0 });
    expect(await again.done('e1')).toMatchObject({ status: 'ok' });
    expect(again.stdout('e1')).toBe('6\n');
    const ends = await runIn(again, ['b = 7', 'print(b)', 'print(a)'], 'on');
    expect(ends.map(({ text }) => text)).toEqual(['', '7\n', '6\n']);
  });

  test('that is virtual is resumed by its token on another relay', async () => {
    const store = newStore();
    const first = await author(store);
    const client = await reader(first);
    const { token } = await client.waitFor('opened');
    const ends = await runIn(client, CELLS.slice(0, 2));
    await first.cache.guarded?.settled(1_000);
    first.relay.close();
    const second = await relayOn([first.bridge], store);
    const again = await connectGreeted(second.relay.url, onTestFinished);
    again.send({ type: 'open', session: 's', token, after: ends[0]?.seq });
    expect(await again.waitFor('opened')).toMatchObject({ resumed: true, missed: 0 });
    await again.done('e1');
    expect(again.stdout('e1')).toBe('6\n');
    const more = await runIn(again, ['print(a)'], 'on');
    expect(more[0]).toMatchObject({ text: '6\n', status: 'ok', cached: false });
  });

  test('that is virtual runs nothing twice that its client says again to another relay', async () => {
    const store = newStore();
    const first = await setUp(store);
    first.client.send({ type: 'open', session: 's' });
    await runIn(first.client, ['a = 6', 'a = 7', 'print(a)', 'a = 6', 'a = 6']);
    await first.cache.guarded?.settled(1_000);
    const client = await reader(first);
    const { token } = await client.waitFor('opened');
    const [end] = await runIn(client, ['a = 6', 'a = 7']);
    await first.cache.guarded?.settled(1_000);
    first.relay.close();
    const second = await relayOn([first.bridge], store);
    const again = await connectGreeted(second.relay.url, onTestFinished);
    again.send({ type: 'open', session: 's', token, after: end?.seq });
    // The end of it was on its way when the connection broke.
    again.send({ type: 'execute', execution: 'e1', session: 's', code: 'a = 7' });
    const [next] = await runIn(again, ['print(a)'], 'on');
    expect(next).toMatchObject({ text: '7\n', cached: 'memory' });
    expect(again.received.filter(({ type }) => type === 'done')).toHaveLength(2);
  });

  test('that is virtual tells the end of what is said again and not known any more, and does not run it a second time', async () => {
    const store = newStore();
    const first = await author(store);
    const client = await reader(first);
    const { token } = await client.waitFor('opened');
    const ends = await runIn(client, CELLS.slice(0, 2));
    await first.cache.guarded?.settled(1_000);
    await store.delete('result', ends[1]?.key ?? '');
    first.relay.close();
    const second = await relayOn([first.bridge], store);
    const again = await connectGreeted(second.relay.url, onTestFinished);
    again.send({ type: 'open', session: 's', token, after: ends[0]?.seq });
    again.send({ type: 'execute', execution: 'e1', session: 's', code: CELLS[1]! });
    expect(await again.waitFor('opened')).toMatchObject({ resumed: true, missed: 2 });
    expect(await again.done('e1')).toMatchObject({ status: 'lost', error: { code: 'duplicate-id' } });
    expect(await runIn(again, CELLS.slice(2, 3), 'on')).toMatchObject([{ status: 'ok', cached: 'memory' }]);
  });

  test('that was real is lost to a relay that only knows what it was before', async () => {
    const store = newStore();
    const first = await author(store);
    const client = await reader(first);
    const { token } = await client.waitFor('opened');
    await runIn(client, CELLS.slice(0, 2));
    await first.cache.guarded?.settled(1_000);
    const ends = await runIn(client, ['c = 1'], 'real');
    const other = await startFakeBridge(onTestFinished);
    const second = await relayOn([other], store);
    const again = await connectGreeted(second.relay.url, onTestFinished);
    again.send({ type: 'open', session: 's', token, after: ends[0]?.seq });
    expect(await again.waitFor('closed')).toMatchObject({ reason: 'lost', code: 'session-lost' });
  });

  test('that was pure lives on when its bridge dies', async () => {
    const first = await startFakeBridge(onTestFinished);
    const second = await startFakeBridge(onTestFinished);
    for (const each of [first, second]) each.isPure = true;
    const { relay } = await relayOn([first, second]);
    const client = await connectGreeted(relay.url, onTestFinished);
    client.send({ type: 'open', session: 's' });
    await runIn(client, ['a = 6', 'print(a)']);
    await (first.sessions === 1 ? first : second).close();
    const ends = await runIn(client, ['b = 7', 'print(a)', 'print(b)'], 'on');
    expect(ends.map(({ text }) => text)).toEqual(['', '6\n', '7\n']);
    expectNoHoles(client);
  });

  test('is opened where there is room when it becomes real', async () => {
    const first = await startFakeBridge(onTestFinished);
    const second = await startFakeBridge(onTestFinished);
    for (const each of [first, second]) each.isPure = true;
    first.isFull = true;
    const { relay } = await relayOn([first, second]);
    const client = await connectGreeted(relay.url, onTestFinished);
    for (let index = 0; index < 4; index += 1) {
      client.send({ type: 'open', session: `s${String(index)}` });
      client.send({
        type: 'execute',
        execution: 'e',
        session: `s${String(index)}`,
        code: `a = ${String(index)}`,
      });
      await client.waitFor(
        'done',
        ({ session, status }) => session === `s${String(index)}` && status === 'ok',
      );
    }
    expect(second.sessions).toBe(4);
  });

  test('computes anew what its reader wants computed, in the state that its history left, and keeps that', async () => {
    const first = await author(newStore());
    const client = await reader(first);
    await runIn(client, CELLS.slice(0, 3));
    client.send({ type: 'execute', execution: 'anew', session: 's', code: 'print(b)', cache: 'bypass' });
    expect(await client.done('anew')).toMatchObject({ status: 'ok', cached: false });
    expect(client.stdout('anew')).toBe('7\n');
    expect(commandsOf(first.bridge, 'open')).toBe(2);
    const next = await runIn(await reader(first), CELLS);
    expect(next.map(({ cached }) => cached)).toEqual(CELLS.map(() => 'memory'));
    // It was computed later than the others.
    expect(next[3]?.ageMs).toBeLessThan(next[0]?.ageMs ?? 0);
  });

  test('that finds no room says so for each execution and keeps its history', async () => {
    const first = await author(newStore());
    const client = await reader(first);
    await runIn(client, CELLS.slice(0, 2));
    first.bridge.isFull = true;
    const [lost] = await runIn(client, ['c = 8'], 'busy');
    expect(lost).toMatchObject({ status: 'lost', error: { code: 'busy' } });
    first.bridge.isFull = false;
    const ends = await runIn(client, ['c = 8', 'print(a)', 'print(c)'], 'again');
    expect(ends.map(({ text }) => text)).toEqual(['', '6\n', '8\n']);
    expectNoHoles(client);
  });

  test('becomes real when its reader begins to write, and answers in it', async () => {
    const first = await author(newStore());
    const client = await reader(first);
    await runIn(client, CELLS.slice(0, 2));
    client.send({ type: 'complete', request: 'r1', session: 's', before: 'fac' });
    await client.waitFor('completions');
    expect(commandsOf(first.bridge, 'open')).toBe(2);
    const ends = await runIn(client, ['print(a)'], 'then');
    expect(ends[0]?.text).toBe('6\n');
  });

  test('ends at the word of its client whether it is real or not', async () => {
    const first = await author(newStore());
    const client = await reader(first);
    await runIn(client, CELLS.slice(0, 2));
    client.send({ type: 'close', session: 's' });
    expect(await client.waitFor('closed')).toMatchObject({ reason: 'closed' });
    client.send({ type: 'open', session: 's' });
    await client.waitFor('opened');
    expect((await runIn(client, ['print(a)'], 'fresh'))[0]).toMatchObject({ status: 'error' });
  });
});
