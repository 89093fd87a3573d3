import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from '../../../../relay/bridges/backoff.js';

const times = { baseMs: 50, capMs: 2_000 };

test('the first retry is at once', () => {
  expect(backoffMs(0, times, 0.99)).toBe(0);
});

test('waits grow from the base by doubling', () => {
  expect([1, 2, 3].map((failures) => backoffMs(failures, times, 0.5))).toEqual([25, 50, 100]);
});

test('no wait is longer than the cap, however many failures', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.nat(), random, (failures, value) => {
      const waitMs = backoffMs(failures, times, value);
      expect(waitMs >= 0 && waitMs <= times.capMs).toBe(true);
    }),
  );
});
