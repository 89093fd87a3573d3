import { describe, expect, test } from 'vitest';
import { LatencyMeter } from '../../../../relay/bridges/latency.js';

function setUp() {
  let now = 1_000;
  const meter = new LatencyMeter(() => now);
  const answer = (name: string, ms: number): void => {
    meter.asked(name);
    now += ms;
    meter.answered(name);
  };
  return { meter, answer, wait: (ms: number) => void (now += ms) };
}

describe('the latency of a bridge', () => {
  test('jumps up with one slow answer and comes down slowly', () => {
    const { meter, answer, wait } = setUp();
    for (let index = 0; index < 20; index += 1) answer('a', 5);
    expect(meter.ms).toBeLessThan(6);
    answer('b', 800);
    expect(meter.ms).toBe(800);
    wait(10_000);
    expect(meter.ms).toBeCloseTo(800 / Math.E, 0);
    wait(60_000);
    expect(meter.ms).toBe(1);
  });

  test('is the age of what is still not answered, so that a bridge that hangs shows at once', () => {
    const { meter, answer, wait } = setUp();
    answer('a', 5);
    meter.asked('b');
    wait(3_000);
    expect(meter.ms).toBe(3_000);
    meter.forget('b');
    expect(meter.ms).toBeLessThan(6);
  });

  test('counts the first word of an answer only', () => {
    const { meter, answer, wait } = setUp();
    answer('a', 5);
    wait(5_000);
    meter.answered('a');
    expect(meter.ms).toBeLessThan(6);
  });
});
