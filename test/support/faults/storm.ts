/** Clients that play while relays and bridges are killed, stopped and told to leave under them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cleanup } from '../cleanup.js';
import { nodeClient } from '../node-client.js';
import { judge, type Verdict } from './checker.js';
import { RelayNode, settingsOf, type BridgeNode } from './nodes.js';
import { Player, type Score } from './player.js';

/** What is to happen. */
export interface StormOptions {
  readonly players: number;
  readonly bridges: readonly BridgeNode[];
  readonly score: Score;
  /** How often each is done, to one of them. */
  readonly relayKills?: number;
  readonly relayTerminations?: number;
  readonly relayStops?: number;
  readonly bridgeKills?: number;
  readonly bridgeStops?: number;
  /** Said after each fault. */
  readonly onFault?: (name: string) => void;
}

/** What came of it. */
export interface StormReport extends Verdict {
  /** From a relay's death to the next word of each execution that was under way, milliseconds, ascending; not if the other was stopped meanwhile. */
  readonly resumedMs: readonly number[];
  /** From a bridge's death to each client's being told that its session is lost, milliseconds, ascending. */
  readonly toldMs: readonly number[];
  /** Exit codes of relays that were told to end. */
  readonly exitCodes: readonly (number | null)[];
}

/** How long a relay stands still: longer than clients wait for a heartbeat. */
const RELAY_STOP_MS = 5_000;

/** How long a bridge stands still: shorter than relays wait. */
const BRIDGE_STOP_MS = 1_000;

/** Until everybody has ended what was under way when the last fault was over. */
const SETTLE_MS = 60_000;

/** Two relays over the bridges; closed at the test's end. */
export async function storm(cleanup: Cleanup, options: StormOptions): Promise<StormReport> {
  const { bridges, score } = options;
  const env = settingsOf(bridges);
  const relays = await Promise.all([RelayNode.start(cleanup, env), RelayNode.start(cleanup, env)]);
  await Promise.all(relays.map((relay) => relay.ready()));
  const servers = relays.map(({ url }) => url);
  const players = Array.from(
    { length: options.players },
    (_, index) => new Player(`p${String(index)}`, nodeClient(cleanup, servers), score),
  );
  const playing = players.map((player) => player.play());
  await sleep(500);

  const relayDeaths: number[] = [];
  const relayStops: number[] = [];
  const bridgeDeaths: number[] = [];
  const exitCodes: (number | null)[] = [];
  type Strike<Node> = (node: Node) => Promise<void>;
  const faults = <Node>(
    ...kinds: readonly (readonly [string, number | undefined, Strike<Node>])[]
  ): Strike<Node>[] =>
    shuffled(
      kinds.flatMap(([name, times = 0, strike]) =>
        Array.from({ length: times }, () => async (node: Node) => {
          await strike(node);
          options.onFault?.(name);
        }),
      ),
    );
  const one = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!;
  /** Until none is left, at most so many at a time, each on a node that stands. */
  const strikeAll = async <Node>(
    strikes: Strike<Node>[],
    nodes: readonly Node[],
    most: number,
  ): Promise<void> => {
    const standing = new Set(nodes);
    const inTurn = async (): Promise<void> => {
      for (let strike = strikes.pop(); strike !== undefined; strike = strikes.pop()) {
        const node = one([...standing]);
        standing.delete(node);
        await strike(node);
        standing.add(node);
        await sleep(50 + Math.random() * 250);
      }
    };
    await Promise.all(Array.from({ length: most }, inTurn));
  };
  const relayFaults = faults<RelayNode>(
    [
      'relay killed',
      options.relayKills,
      async (relay) => {
        relayDeaths.push(performance.now());
        await relay.kill();
      },
    ],
    [
      'relay terminated',
      options.relayTerminations,
      async (relay) => {
        exitCodes.push(await relay.terminate());
      },
    ],
    [
      'relay stopped',
      options.relayStops,
      async (relay) => {
        relayStops.push(performance.now());
        await relay.stop(RELAY_STOP_MS);
      },
    ],
  );
  const bridgeFaults = faults<BridgeNode>(
    [
      'bridge killed',
      options.bridgeKills,
      async (bridge) => {
        bridgeDeaths.push(performance.now());
        await bridge.kill();
      },
    ],
    ['bridge stopped', options.bridgeStops, (bridge) => bridge.stop(BRIDGE_STOP_MS)],
  );
  await Promise.all([
    // One of each is always there; bridges on Sage take long to come back.
    strikeAll(relayFaults, relays, 1),
    strikeAll(bridgeFaults, bridges, bridges.length - 1),
  ]);
  for (const player of players) player.stop();
  await Promise.race([Promise.all(playing), sleep(SETTLE_MS, undefined, { ref: false })]);

  const records = players.flatMap((player) => player.records);
  const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
  return {
    ...judge(records, score),
    resumedMs: ascending(
      relayDeaths
        .flatMap((at) => records.flatMap(({ outputAt }) => gapAt(outputAt, at).map((gap) => ({ at, gap }))))
        // Who goes to the other relay, and finds that it has been stopped since, waits for that one.
        .filter(({ at, gap }) => !relayStops.some((stop) => stop > at && stop < at + gap))
        .map(({ gap }) => gap),
    ),
    toldMs: ascending(
      players
        .flatMap(({ lostAt }) => lostAt)
        .flatMap((at) => {
          const before = bridgeDeaths.filter((death) => death <= at).at(-1);
          return before === undefined ? [] : [at - before];
        }),
    ),
    exitCodes,
  };
}

/** From `at` to the next of `times`, if there is one before it and one after. */
function gapAt(times: readonly number[], at: number): number[] {
  const next = times.find((time) => time > at);
  return next === undefined || times[0]! > at ? [] : [next - at];
}

function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((value) => ({ value, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ value }) => value);
}

/** The value below which that share of `ascending` lies; 0 for none. */
export function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? 0;
}
