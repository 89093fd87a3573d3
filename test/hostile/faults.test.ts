/**
 * Relays and bridges that die, stop and leave while clients compute: nothing is lost, doubled or out of order.
 * Some deaths here; `npm run faults` brings hundreds, on the real Sage too.
 */
import { expect, onTestFinished, test } from 'vitest';
import { startFakeBridge } from '../support/fake-bridge.js';
import { fakeNode, sageNode, type BridgeNode } from '../support/faults/nodes.js';
import { quantile, storm, type StormReport } from '../support/faults/storm.js';

interface Extent {
  readonly kills: number;
  readonly bridges: 'sage' | 'fake';
  readonly clients: number;
}

const SHORT: Extent = { kills: 6, bridges: 'fake', clients: 8 };
const asked = process.env['FAULTS'];
const extent = asked === undefined ? SHORT : (JSON.parse(asked) as Extent);
const isFull = asked !== undefined;

const SCORE = { lines: 12, pauseMs: 25 };

/** A bridge on Sage takes seconds to come back, on a busy machine many. */
const TIMEOUT_MS = isFull ? 60_000 + extent.kills * 30_000 : 120_000;

const startBridges = (): Promise<BridgeNode[]> =>
  Promise.all(
    [0, 1, 2].map(async () =>
      extent.bridges === 'sage' ? sageNode(onTestFinished) : fakeNode(await startFakeBridge(onTestFinished)),
    ),
  );

function tell(what: string, { executions, ok, lost, resumedMs, toldMs, anomalies }: StormReport): void {
  const times = (ms: readonly number[]): string =>
    `median ${quantile(ms, 0.5).toFixed(0)}, p95 ${quantile(ms, 0.95).toFixed(0)}, longest ${quantile(ms, 1).toFixed(0)} ms of ${String(ms.length)}`;
  console.log(
    [
      `${what}: ${String(executions)} executions, ${String(ok)} well, told lost ${JSON.stringify(lost)}, ${String(anomalies.length)} anomalies`,
      `  resumed after the death of a relay: ${times(resumedMs)}`,
      ...(toldMs.length > 0 ? [`  told after the death of a bridge: ${times(toldMs)}`] : []),
    ].join('\n'),
  );
}

let faults = 0;
const onFault = (name: string): void => {
  faults += 1;
  if (isFull && faults % 10 === 0) console.log(`${String(faults)} faults, the latest: ${name}`);
};

test(
  'relays that are killed, told to end and stopped cost no client anything but a moment',
  async () => {
    const report = await storm(onTestFinished, {
      players: extent.clients,
      bridges: await startBridges(),
      score: SCORE,
      relayKills: extent.kills,
      relayTerminations: Math.ceil(extent.kills / 4),
      relayStops: Math.ceil(extent.kills / 10),
      bridgeStops: Math.ceil(extent.kills / 2),
      onFault,
    });
    tell('relays die', report);
    expect(report.anomalies).toEqual([]);
    expect(report.lost).toEqual({});
    expect(report.ok).toBe(report.executions);
    expect(new Set(report.exitCodes)).toEqual(new Set([0]));
    expect(report.resumedMs.length).toBeGreaterThan(0);
    expect(quantile(report.resumedMs, 0.95)).toBeLessThan(5_000);
  },
  TIMEOUT_MS,
);

test(
  'bridges that are killed cost their sessions, which is said, and nothing else',
  async () => {
    const report = await storm(onTestFinished, {
      players: extent.clients,
      bridges: await startBridges(),
      score: SCORE,
      relayKills: Math.ceil(extent.kills / 2),
      bridgeKills: isFull ? extent.kills : 2 * extent.kills,
      onFault,
    });
    tell('bridges and relays die', report);
    expect(report.anomalies).toEqual([]);
    expect(
      Object.keys(report.lost).filter((code) => !['session-lost', 'unavailable', 'busy'].includes(code)),
    ).toEqual([]);
    expect(report.ok).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);
