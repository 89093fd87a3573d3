/** Bad networks between client and relay, and between relay and bridge: slower, but nothing lost, doubled or mixed up. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { BridgeAddress } from '../../relay/bridges/address.js';
import type { Cleanup } from '../support/cleanup.js';
import { startFakeBridge } from '../support/fake-bridge.js';
import { judge } from '../support/faults/checker.js';
import { Player } from '../support/faults/player.js';
import { nodeClient } from '../support/node-client.js';
import { linkTo, startRelay } from '../support/relay.js';
import { startToxicProxy, type Target, type Toxic } from '../support/toxic-proxy.js';

const SCORE = { lines: 10, pauseMs: 10 };

/** How long each is suffered, at least. */
const SUFFER_MS = 1_500;

/** How often those that break connections break one. */
const BREAKS = 2;

/** @param bytes that pass, more or less, before a connection breaks */
const toxics = (bytes: number): readonly Toxic[] => [
  { kind: 'none' },
  { kind: 'latency', ms: 100, jitterMs: 50 },
  { kind: 'slices', bytes: 1 },
  { kind: 'bandwidth', bytesPerSecond: 20_000 },
  { kind: 'hang' },
  { kind: 'reset', afterBytes: bytes },
  { kind: 'limit', afterBytes: bytes },
  { kind: 'corrupt', everyBytes: bytes },
];

const breaks = ({ kind }: Toxic): boolean => ['reset', 'limit', 'corrupt'].includes(kind);

const targetOf = (address: BridgeAddress): Target =>
  address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port };

/** Clients, a relay and a bridge, with a proxy before each of the two. */
async function setUp(cleanup: Cleanup) {
  const bridge = await startFakeBridge(cleanup);
  const toBridge = await startToxicProxy(cleanup, targetOf(bridge.address));
  const { token } = bridge;
  const pool = await linkTo(cleanup, [
    { token, address: { kind: 'tcp', host: '127.0.0.1', port: toBridge.port } },
  ]);
  const relay = await startRelay(cleanup, pool);
  const toRelay = await startToxicProxy(cleanup, {
    host: '127.0.0.1',
    port: Number(new URL(relay.url).port),
  });
  const url = `http://127.0.0.1:${String(toRelay.port)}`;
  const players = ['alpha', 'bravo', 'gamma'].map(
    (name) => new Player(name, nodeClient(cleanup, [url]), SCORE),
  );
  return { players, 'client and relay': toRelay, 'relay and bridge': toBridge };
}

describe.each([
  ['client and relay', 10_000],
  // One link carries everybody, and who is hit twice within one execution is told so.
  ['relay and bridge', 60_000],
] as const)('between %s', (place, bytes) => {
  test.concurrent.for(toxics(bytes))('$kind', async (toxic, { onTestFinished }) => {
    const { players, [place]: proxy } = await setUp(onTestFinished);
    const playing = players.map((player) => player.play());
    while (players.some(({ records }) => records.length < 2)) await sleep(10);
    proxy.toxic = toxic;
    const { connections } = proxy;
    await sleep(SUFFER_MS);
    while (breaks(toxic) && proxy.connections < connections + BREAKS) await sleep(10);
    const suffered = players.map(({ records }) => records.length);
    proxy.toxic = { kind: 'none' };
    // What comes after it is well again.
    while (players.some(({ records }, index) => records.length < suffered[index]! + 6)) await sleep(10);
    for (const player of players) player.stop();
    await Promise.all(playing);
    const verdict = judge(
      players.flatMap(({ records }) => records),
      SCORE,
    );
    expect(verdict.anomalies).toEqual([]);
    expect(verdict.lost).toEqual({});
  });
});
