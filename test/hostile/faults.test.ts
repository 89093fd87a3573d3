/** Relays and bridges that die, stop and leave while clients compute: nothing is lost, doubled or out of order. */
import { expect, onTestFinished, test } from 'vitest';
import { startFakeBridge } from '../support/fake-bridge.js';
import { fakeNode } from '../support/faults/nodes.js';
import { quantile, storm } from '../support/faults/storm.js';

const SCORE = { lines: 12, pauseMs: 25 };

const fakes = (count: number) =>
  Promise.all(Array.from({ length: count }, async () => fakeNode(await startFakeBridge(onTestFinished))));

test('relays that are killed, told to end and stopped cost no client anything but a moment', async () => {
  const report = await storm(onTestFinished, {
    players: 8,
    bridges: await fakes(3),
    score: SCORE,
    relayKills: 6,
    relayTerminations: 2,
    relayStops: 1,
    bridgeStops: 4,
  });
  console.log(
    `executions ${report.executions}, resumed p95 ${quantile(report.resumedMs, 0.95).toFixed(0)} ms`,
  );
  expect(report.anomalies).toEqual([]);
  expect(report.lost).toEqual({});
  expect(report.ok).toBe(report.executions);
  expect(report.executions).toBeGreaterThan(50);
  expect(report.exitCodes).toEqual([0, 0]);
  expect(quantile(report.resumedMs, 0.95)).toBeLessThan(5_000);
});

test('bridges that are killed cost their sessions, which is said, and nothing else', async () => {
  const report = await storm(onTestFinished, {
    players: 8,
    bridges: await fakes(3),
    score: SCORE,
    relayKills: 4,
    bridgeKills: 12,
  });
  console.log(`executions ${report.executions}, lost ${JSON.stringify(report.lost)}`);
  expect(report.anomalies).toEqual([]);
  expect(Object.keys(report.lost).every((code) => ['session-lost', 'unavailable'].includes(code))).toBe(true);
  expect(report.ok).toBeGreaterThan(report.executions / 2);
});
