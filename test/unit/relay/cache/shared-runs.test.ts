import { describe, expect, onTestFinished, test } from 'vitest';
import { commandsOf, expectNoHoles, newStore, runIn, setUp, slow } from '../../../support/cached-relay.js';
import { connectGreeted } from '../../../support/raw-client.js';

const FOREVER = 'while True: pass';

describe('readers who come to a cold page together', () => {
  async function readers(count: number) {
    const made = await setUp(newStore());
    const others = Array.from({ length: count - 1 }, () => connectGreeted(made.relay.url, onTestFinished));
    const clients = [made.client, ...(await Promise.all(others))];
    for (const client of clients) {
      client.send({ type: 'open', session: 's' });
      await client.waitFor('opened');
    }
    return { ...made, clients };
  }

  test('have each of its cells computed once', async () => {
    const { bridge, clients } = await readers(5);
    const codes = [slow(0.4), 'a = 6', slow(0.2), 'print(a)'];
    const told = await Promise.all(clients.map((client) => runIn(client, codes)));
    for (const ends of told) {
      expect(ends.map(({ text }) => text)).toEqual([
        'tick 1 0\ntick 1 1\n',
        '',
        'tick 2 0\ntick 2 1\n',
        '6\n',
      ]);
    }
    for (const client of clients) expectNoHoles(client);
    expect(commandsOf(bridge, 'open')).toBe(1);
    expect(commandsOf(bridge, 'execute')).toBe(codes.length);
  });

  test('have each of its cells computed once when they ask for all of them at once', async () => {
    const { bridge, clients } = await readers(3);
    const codes = [slow(0.3), 'a = 6', slow(0.2), 'print(a)'];
    for (const client of clients) {
      for (const [index, code] of codes.entries()) {
        client.send({ type: 'execute', execution: `e${String(index)}`, session: 's', code });
      }
    }
    for (const client of clients) {
      for (const index of codes.keys())
        expect(await client.done(`e${String(index)}`)).toMatchObject({ status: 'ok' });
      expect(client.stdout('e3')).toBe('6\n');
    }
    expect(commandsOf(bridge, 'execute')).toBe(codes.length);
  });

  test('compute it themselves when it was not pure, each in a state of their own', async () => {
    const { bridge, clients } = await readers(3);
    bridge.isPure = false;
    const ends = await Promise.all(clients.map((client) => runIn(client, [slow(0.3), 'print(k)'])));
    for (const told of ends) {
      expect(told.map(({ text }) => text)).toEqual(['tick 1 0\ntick 1 1\n', '1\n']);
      expect(told.map(({ cached }) => cached)).toEqual([false, false]);
    }
    expect(commandsOf(bridge, 'open')).toBe(3);
  });

  test('go on without the one who computes when that one leaves or stops it', async () => {
    for (const leave of ['cut', 'interrupt', 'kill'] as const) {
      const { bridge, clients } = await readers(2);
      const [first, second] = clients;
      first!.send({ type: 'execute', execution: 'e0', session: 's', code: FOREVER });
      await first!.waitFor('status', ({ state }) => state === 'running');
      second!.send({ type: 'execute', execution: 'e0', session: 's', code: FOREVER });
      await second!.waitFor('status');
      expect(commandsOf(bridge, 'execute')).toBe(1);
      if (leave === 'cut') first!.cut();
      else first!.send({ type: leave, execution: 'e0', session: 's' });
      while (commandsOf(bridge, 'execute') < 2) await new Promise((resolve) => setTimeout(resolve, 5));
      second!.send({ type: 'interrupt', execution: 'e0', session: 's' });
      expect(await second!.done('e0')).toMatchObject({ status: 'interrupted' });
    }
  });

  test('can stop waiting for another, who goes on', async () => {
    const { bridge, clients } = await readers(2);
    const [first, second] = clients;
    first!.send({ type: 'execute', execution: 'e0', session: 's', code: slow(1) });
    await first!.waitFor('status', ({ state }) => state === 'running');
    second!.send({ type: 'execute', execution: 'e0', session: 's', code: slow(1) });
    second!.send({ type: 'execute', execution: 'e1', session: 's', code: 'print("next")' });
    await second!.waitFor('status');
    second!.send({ type: 'interrupt', execution: 'e0', session: 's' });
    expect(await second!.done('e0')).toMatchObject({ status: 'interrupted' });
    // What follows is computed in a session that has not run the first.
    expect(await second!.done('e1')).toMatchObject({ status: 'ok', cached: false });
    expect(await first!.done('e0')).toMatchObject({ status: 'ok' });
    expect(commandsOf(bridge, 'open')).toBe(2);
  });
});
