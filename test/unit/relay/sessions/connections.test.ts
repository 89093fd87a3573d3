import { expect, test } from 'vitest';
import { Connections, type MovableConnection } from '../../../../relay/sessions/connections.js';

/** Connections that write down when they were told to go. */
function setUp() {
  const connections = new Connections();
  const startedAt = performance.now();
  const toldAt = new Map<string, number>();
  const add = (name: string, work: { pending: number; bound: number } = { pending: 0, bound: 0 }) => {
    const connection: MovableConnection = {
      sessions: 1,
      transport: 'websocket',
      get pending() {
        return work.pending;
      },
      get bound() {
        return work.bound;
      },
      drain: () => {
        toldAt.set(name, performance.now() - startedAt);
        connections.delete(connection);
      },
    };
    connections.add(connection);
    return connection;
  };
  return { connections, toldAt, add };
}

test('clients are sent away one after another over the time given', async () => {
  const { connections, toldAt, add } = setUp();
  for (let number = 0; number < 20; number += 1) add(String(number));
  await connections.move({ spreadMs: 600, graceMs: 5_000, handsOver: true });
  const times = [...toldAt.values()];
  expect(times).toHaveLength(20);
  expect(Math.max(...times)).toBeGreaterThanOrEqual(600 * (19 / 20));
  // However busy the machine is, nobody goes before its turn.
  [...times]
    .sort((a, b) => a - b)
    .forEach((at, turn) => expect(at).toBeGreaterThanOrEqual((600 * turn) / 20));
});

test('who has work that no other relay can take over goes when it has ended', async () => {
  const { connections, toldAt, add } = setUp();
  const work = { pending: 2, bound: 1 };
  add('busy', work);
  add('in a session', { pending: 1, bound: 0 });
  const moved = connections.move({ spreadMs: 0, graceMs: 60_000, handsOver: true });
  await expect.poll(() => toldAt.size).toBe(1);
  expect([...toldAt.keys()]).toEqual(['in a session']);
  work.bound = 0;
  await moved;
  expect(toldAt.size).toBe(2);
});

test('nobody takes sessions over of a relay that stands alone, and nobody is waited for longer than allowed', async () => {
  const { connections, toldAt, add } = setUp();
  add('in a session', { pending: 1, bound: 0 });
  await connections.move({ spreadMs: 0, graceMs: 200, handsOver: false });
  expect(toldAt.get('in a session')).toBeGreaterThanOrEqual(200);
});
