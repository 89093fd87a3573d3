/** Relays with a cache before fake bridges, within one test. */
import { expect, onTestFinished } from 'vitest';
import { ResultCache } from '../../relay/cache/result-cache.js';
import { MemoryStore } from '../../relay/stores/memory.js';
import type { Store } from '../../relay/stores/store.js';
import { startFakeBridge, type FakeBridge } from './fake-bridge.js';
import { connectGreeted, type RawClient } from './raw-client.js';
import { linkTo, silentLog, startRelay } from './relay.js';

export const newStore = (): MemoryStore => {
  const store = new MemoryStore(16_000_000);
  onTestFinished(() => store.close());
  return store;
};

export async function relayOn(bridges: readonly FakeBridge[], store?: Store) {
  const cache = new ResultCache({ memoryBytes: 1_000_000, store, log: silentLog });
  onTestFinished(() => cache.close());
  const relay = await startRelay(onTestFinished, await linkTo(onTestFinished, bridges), { cache });
  return { relay, cache };
}

export async function setUp(store?: Store) {
  const bridge = await startFakeBridge(onTestFinished);
  bridge.isPure = true;
  const { relay, cache } = await relayOn([bridge], store);
  return { bridge, relay, cache, client: await connectGreeted(relay.url, onTestFinished) };
}

export const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
};

export const commandsOf = (bridge: FakeBridge, type: string): number =>
  bridge.commands.filter((command) => command.type === type).length;

/** Takes `seconds`, and prints two lines. */
export const slow = (seconds: number): string =>
  `k = globals().get("k", 0) + 1\nfrom time import sleep\nfor i in range(2):\n    print("tick", k, i, flush=True); sleep(float(${String(seconds / 2)}))`;

/** Runs texts in the session `s`, each when the one before has ended. */
export async function runIn(client: RawClient, codes: readonly string[], prefix = 'e') {
  const ends = [];
  for (const [index, code] of codes.entries()) {
    const execution = `${prefix}${String(index)}`;
    client.send({ type: 'execute', execution, session: 's', code });
    ends.push({ ...(await client.done(execution)), text: client.stdout(execution) });
  }
  return ends;
}

const numbersOf = (client: RawClient): number[] =>
  client.received.flatMap((message) => ('seq' in message ? [message.seq ?? 0] : []));

export const expectNoHoles = (client: RawClient): void => {
  const numbers = numbersOf(client);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
};
