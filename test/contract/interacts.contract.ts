/** What a relay with a cache does with interacts, whichever bridge runs them. */
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ResultCache } from '../../relay/cache/result-cache.js';
import type { InteractId, InteractView } from '../../relay/protocol/index.js';
import { closeAfterAll, type Cleanup } from '../support/cleanup.js';
import { SQUARE, SUM } from '../support/fake-interacts.js';
import { interactsIn, moveTo } from '../support/interacts.js';
import { connectGreeted, type RawClient } from '../support/raw-client.js';
import { linkTo, silentLog, startRelay, type RelayUnderTest } from '../support/relay.js';
import type { BridgeUnderTest } from './relay-bridge.contract.js';

/** @param start a bridge whose runs are measured to be pure */
export function contractOfInteracts(start: (cleanup: Cleanup) => Promise<BridgeUnderTest>): void {
  describe('interacts', () => {
    const cleanup = closeAfterAll();
    let relay: RelayUnderTest;

    beforeAll(async () => {
      const cache = new ResultCache({ memoryBytes: 64_000_000, log: silentLog });
      cleanup(() => cache.close());
      relay = await startRelay(cleanup, await linkTo(cleanup, [await start(cleanup)]), { cache });
    });

    /** Sessions that were given a process since the bridge began. */
    async function started(): Promise<number> {
      const status = (await (await fetch(`${relay.url}/status`)).json()) as {
        readonly bridges: readonly { readonly started: number }[];
      };
      return status.bridges[0]!.started;
    }

    async function run(client: RawClient, execution: string, code: string) {
      client.send({ type: 'execute', execution, session: 's', code });
      return { ...(await client.done(execution, 60_000)), text: client.stdout(execution) };
    }

    /** A reader who has run cells, the last of which makes an interact. */
    async function reader(...codes: string[]): Promise<{ client: RawClient; interact: InteractView }> {
      const client = await connectGreeted(relay.url, onTestFinished);
      client.send({ type: 'open', session: 's' });
      for (const [index, code] of codes.entries())
        expect(await run(client, `c${String(index)}`, code)).toMatchObject({ status: 'ok' });
      const interact = interactsIn(client).at(-1);
      expect(interact).toBeDefined();
      return { client, interact: interact! };
    }

    const move = async (
      { client, interact }: Awaited<ReturnType<typeof reader>>,
      values: readonly number[],
    ) => {
      const ends = [];
      for (const [step, n] of values.entries())
        ends.push(await moveTo(client, interact, n, `f${String(step)}`));
      return ends;
    };

    test('what the first call puts out comes with the cell and is marked as the interact’s', async () => {
      const { client, interact } = await reader(SQUARE);
      const marked = client.received.flatMap((message) =>
        message.type === 'output' && message.frame === interact.interact ? [message.output] : [],
      );
      expect(marked).toMatchObject([{ kind: 'stream', name: 'stdout', text: '1\n' }]);
    });

    test('a slider that is moved to and fro finds again what was computed', async () => {
      const ends = await move(await reader(SQUARE), [2, 3, 2]);
      expect(ends.map(({ text }) => text)).toEqual(['4\n', '9\n', '4\n']);
      expect(ends.map(({ unchanged }) => unchanged)).toEqual([true, true, true]);
      expect(ends[2]?.cached).toBe('memory');
    });

    test('a second reader moves it without any Sage', async () => {
      await move(await reader(SQUARE), [2, 3, 4]);
      const before = await started();
      const ends = await move(await reader(SQUARE), [4, 2, 3]);
      expect(ends.map(({ text }) => text)).toEqual(['16\n', '4\n', '9\n']);
      expect(ends.map(({ cached }) => cached)).toEqual(['memory', 'memory', 'memory']);
      expect(await started()).toBe(before);
    });

    test('one that is asked for what nobody has seen gets it from a session of its own', async () => {
      await move(await reader(SQUARE), [2]);
      const before = await started();
      const ends = await move(await reader(SQUARE), [2, 5]);
      expect(ends).toMatchObject([
        { text: '4\n', cached: 'memory' },
        { text: '25\n', cached: false },
      ]);
      expect(await started()).toBe(before + 1);
    });

    test('a function that changes its session counts, in its order, to what the session has run', async () => {
      const first = await reader('total = 0', SUM);
      expect((await move(first, [2, 3])).map(({ text }) => text)).toEqual(['3\n', '6\n']);
      expect(await run(first.client, 'after', 'print(total)')).toMatchObject({ text: '6\n' });
      const second = await reader('total = 0', SUM);
      expect(await move(second, [2])).toMatchObject([{ text: '3\n', cached: 'memory' }]);
      // The session is made real by the same calls.
      expect(await run(second.client, 'new', 'print(total)')).toMatchObject({ text: '3\n', cached: false });
    });

    test('a frame of an interact that there is not ends as an error', async () => {
      const { client, interact } = await reader(SQUARE);
      const other = { ...interact, interact: '9-nothing' as InteractId };
      expect(await moveTo(client, other, 2, 'f')).toMatchObject({ status: 'error' });
    });
  });
}
