/** Two relays and three bridges on the real Sage, behind HAProxy: a relay dies amid the output of every session. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { judge } from '../support/faults/checker.js';
import { RelayNode, sageNode, settingsOf } from '../support/faults/nodes.js';
import { Player } from '../support/faults/player.js';
import { quantile } from '../support/faults/storm.js';
import { startHaproxy } from '../support/haproxy.js';
import { nodeClient } from '../support/node-client.js';

const program = process.env['HAPROXY_PATH'];

/** Output of some seconds, so that a death always falls into it. */
const SCORE = { lines: 30, pauseMs: 50 };
const PLAYERS = 8;

/** Three times Sage may take its time to start on a busy machine. */
const TIMEOUT_MS = 300_000;

if (program === undefined) console.log('The tests behind HAProxy are left out: HAPROXY_PATH is not set.');

test.skipIf(program === undefined)(
  'a relay that is killed amid the output of its sessions is replaced by the other within seconds',
  async () => {
    const bridges = await Promise.all([0, 1, 2].map(() => sageNode(onTestFinished)));
    const env = settingsOf(bridges);
    const relays = [await RelayNode.start(onTestFinished, env), await RelayNode.start(onTestFinished, env)];
    await Promise.all(relays.map((relay) => relay.ready()));
    const url = await startHaproxy(
      onTestFinished,
      program ?? '',
      relays.map((relay) => relay.url),
    );
    const players = Array.from(
      { length: PLAYERS },
      (_, index) => new Player(`p${String(index)}`, nodeClient(onTestFinished, [url]), SCORE),
    );
    const playing = players.map((player) => player.play());
    const isAmidOutput = ({ records }: Player): boolean =>
      records.some(
        ({ life, outputAt, ends }) => life !== undefined && outputAt.length > 0 && ends.length === 0,
      );
    while (!players.every(isAmidOutput)) await sleep(10);
    const states = await Promise.all(
      relays.map(
        async (relay) =>
          (await (await fetch(`${relay.url}/status`)).json()) as { relay: { connections: number } },
      ),
    );
    expect(states.map(({ relay }) => relay.connections > 0)).toEqual([true, true]);

    const killedAt = performance.now();
    const restarted = relays[0]!.kill();
    for (const player of players) player.stop();
    await Promise.all(playing);
    const records = players.flatMap((player) => player.records);
    const resumedMs = records
      .flatMap(({ outputAt, life }) => {
        const next = outputAt.find((at) => at > killedAt);
        return life === undefined || next === undefined || outputAt[0]! > killedAt ? [] : [next - killedAt];
      })
      .sort((a, b) => a - b);
    console.log(
      `resumed after the death of a relay: median ${quantile(resumedMs, 0.5).toFixed(0)} ms, p95 ${quantile(resumedMs, 0.95).toFixed(0)} ms of ${String(resumedMs.length)} sessions`,
    );
    expect(judge(records, SCORE)).toMatchObject({ anomalies: [], lost: {} });
    expect(resumedMs.length).toBeGreaterThanOrEqual(PLAYERS);
    expect(quantile(resumedMs, 0.95)).toBeLessThan(5_000);
    await restarted;
  },
  TIMEOUT_MS,
);
