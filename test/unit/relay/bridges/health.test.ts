import { describe, expect, test } from 'vitest';
import {
  BridgeHealth,
  EJECTION_MS,
  FAILURES_TO_EJECT,
  MAX_EJECTION_MS,
} from '../../../../relay/bridges/health.js';

function setUp() {
  let now = 1_000;
  const health = new BridgeHealth(() => now);
  const failUntilEjected = (): number => {
    for (;;) {
      const forMs = health.failed(true);
      if (forMs > 0) return forMs;
    }
  };
  return { health, failUntilEjected, wait: (ms: number) => void (now += ms) };
}

describe('a bridge', () => {
  test('is ejected by failures in a row, not by as many among successes', () => {
    const { health } = setUp();
    for (let index = 0; index < 20; index += 1) {
      for (let failures = 1; failures < FAILURES_TO_EJECT; failures += 1) expect(health.failed(true)).toBe(0);
      health.succeeded();
    }
    expect(health.ejectedForMs).toBe(0);
  });

  test('is ejected for longer each time, up to a limit', () => {
    const { failUntilEjected, wait } = setUp();
    const times = Array.from({ length: 12 }, () => {
      const forMs = failUntilEjected();
      wait(forMs);
      return forMs;
    });
    expect(times.slice(0, 3)).toEqual([EJECTION_MS, 2 * EJECTION_MS, 3 * EJECTION_MS]);
    expect(times.at(-1)).toBe(MAX_EJECTION_MS);
  });

  test('that was ejected and fails again is ejected again at once', () => {
    const { health, failUntilEjected, wait } = setUp();
    wait(failUntilEjected());
    expect(health.ejectedForMs).toBe(0);
    expect(health.failed(true)).toBe(2 * EJECTION_MS);
  });

  test('is judged anew after it did well for long', () => {
    const { health, failUntilEjected, wait } = setUp();
    wait(failUntilEjected());
    wait(600_001);
    health.succeeded();
    expect(failUntilEjected()).toBe(EJECTION_MS);
  });

  test('stays when too many others are out', () => {
    const { health } = setUp();
    for (let index = 0; index < 10; index += 1) expect(health.failed(false)).toBe(0);
    expect(health.ejectedForMs).toBe(0);
  });
});
