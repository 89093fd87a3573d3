import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ResultCache } from '../../relay/cache/result-cache.js';
import { MemoryStore } from '../../relay/stores/memory.js';
import { closeAfterAll } from '../support/cleanup.js';
import { connectGreeted, type RawClient } from '../support/raw-client.js';
import { linkTo, silentLog, startRelay, type RelayUnderTest } from '../support/relay.js';
import { SageBridgeProcess } from '../support/sage-bridge.js';

/** A textbook page: each cell uses what those before it made. */
const CELLS = [
  'R.<x> = QQ[]',
  'p0 = x + 1',
  ...Array.from(
    { length: 26 },
    (_, index) =>
      `p${String(index + 1)} = p${String(index)} * (x + ${String(index + 2)}); p${String(index + 1)}.degree()`,
  ),
  'factor(p3)',
  'print(p26(0) == factorial(27))',
];

/** After which the bridge ends sessions that nobody uses: longer than any pause between cells here. */
const IDLE_SECONDS = 6;

const cleanup = closeAfterAll();
let relay: RelayUnderTest;
/** On the same bridge and the same store. */
let secondRelay: RelayUnderTest;

beforeAll(async () => {
  const store = new MemoryStore(64_000_000);
  cleanup(() => store.close());
  const dir = mkdtempSync(join(tmpdir(), 'cached-session-'));
  cleanup(() => rmSync(dir, { recursive: true, force: true }));
  const listen = ['--listen', `unix:${join(dir, 'bridge.sock')}`];
  const bridge = await SageBridgeProcess.start(cleanup, [...listen, '--idle', String(IDLE_SECONDS)]);
  const start = async (): Promise<RelayUnderTest> => {
    const cache = new ResultCache({ memoryBytes: 64_000_000, store, log: silentLog });
    cleanup(() => cache.close());
    return startRelay(cleanup, await linkTo(cleanup, [bridge]), { cache });
  };
  [relay, secondRelay] = [await start(), await start()];
});

interface Told {
  readonly status: string;
  readonly cached: string | false;
  readonly outputs: string;
}

/** Runs the cells in a session of their own, one after the other. */
async function read(client: RawClient, session: string, codes: readonly string[]): Promise<Told[]> {
  client.send({ type: 'open', session });
  const told: Told[] = [];
  for (const [index, code] of codes.entries()) {
    const execution = `${session}-${String(index)}`;
    client.send({ type: 'execute', execution, session, code });
    const { status, cached } = await client.done(execution, 60_000);
    const outputs = client.received.flatMap((message) =>
      message.type === 'output' && message.execution === execution ? [message.output] : [],
    );
    told.push({ status, cached, outputs: JSON.stringify(outputs) });
  }
  return told;
}

/** Sessions for which the bridge gave away a process since it began, as the relay's status tells it. */
async function started(): Promise<number> {
  const status = (await (await fetch(`${relay.url}/status`)).json()) as {
    readonly bridges: readonly { readonly started: number }[];
  };
  const [bridge] = status.bridges;
  expect(bridge?.started).toEqual(expect.any(Number));
  return bridge!.started;
}

describe('a page of thirty linked cells on a real Sage', () => {
  let first: Told[];

  test('is computed for its first reader', async () => {
    const before = await started();
    first = await read(await connectGreeted(relay.url, cleanup), 'first', CELLS);
    expect(await started()).toBe(before + 1);
    expect(first.map(({ status }) => status)).toEqual(CELLS.map(() => 'ok'));
    expect(first.map(({ cached }) => cached)).toEqual(CELLS.map(() => false));
    expect(first.at(-1)?.outputs).toContain('True');
  });

  test('starts no Sage for its second reader, who gets the same', async () => {
    const client = await connectGreeted(relay.url, cleanup);
    const before = await started();
    const second = await read(client, 'second', CELLS);
    expect(second.map(({ outputs }) => outputs)).toEqual(first.map(({ outputs }) => outputs));
    expect(second.map(({ cached }) => cached)).toEqual(CELLS.map(() => 'memory'));
    expect(await started()).toBe(before);
  });

  test('gives a third reader, who edits the twelfth cell, the right results from there on', async () => {
    const client = await connectGreeted(relay.url, cleanup);
    const before = await started();
    const edited = CELLS.with(11, 'p10 = p9 * (x - 1); p10.degree()');
    const third = await read(client, 'third', edited);
    expect(third.map(({ status }) => status)).toEqual(CELLS.map(() => 'ok'));
    expect(third.slice(0, 11).map(({ cached }) => cached)).toEqual(Array(11).fill('memory'));
    expect(third.slice(11).map(({ cached }) => cached)).toEqual(Array(19).fill(false));
    expect(await started()).toBe(before + 1);
    // One factor is −1 instead of 11.
    expect(third.at(-1)?.outputs).toContain('False');
    const numbers = client.received.flatMap((message) => ('seq' in message ? [message.seq] : []));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  test('starts no Sage for a fourth reader who makes the same edit', async () => {
    const client = await connectGreeted(relay.url, cleanup);
    const before = await started();
    const edited = CELLS.with(11, 'p10 = p9 * (x - 1); p10.degree()');
    const fourth = await read(client, 'fourth', edited);
    expect(fourth.every(({ cached }) => cached === 'memory')).toBe(true);
    expect(await started()).toBe(before);
  });
});

describe('on a real Sage', () => {
  test('a session that is being made real when its reader goes to another relay has its whole state there', async () => {
    const cells = ['a = 6', 'print(sum(1 for i in range(3*10^6)))', 'b = 7'];
    await read(await connectGreeted(relay.url, cleanup), 'author', cells);
    const client = await connectGreeted(relay.url, cleanup);
    expect((await read(client, 'moving', cells)).map(({ cached }) => cached)).toEqual(
      Array(3).fill('memory'),
    );
    const { token } = await client.waitFor('opened');
    const { seq } = await client.done('moving-2');
    const code = 'print(a * b)';
    client.send({ type: 'execute', execution: 'new', session: 'moving', code });
    await client.waitFor('status', ({ execution }) => execution === 'new');
    await new Promise((resolve) => setTimeout(resolve, 50));
    client.cut();
    const there = await connectGreeted(secondRelay.url, cleanup);
    there.send({ type: 'open', session: 'moving', token, after: seq });
    there.send({ type: 'execute', execution: 'new', session: 'moving', code });
    expect(await there.done('new', 60_000)).toMatchObject({ status: 'ok' });
    expect(there.stdout('new')).toBe('42\n');
  });

  test('a session that nobody used for long goes on when somebody does, if it was pure', async () => {
    const client = await connectGreeted(relay.url, cleanup);
    await read(client, 'idle', ['c = 20', 'print("no reader before ran this")']);
    const inUse = async (): Promise<number> => {
      const status = (await (await fetch(`${relay.url}/status`)).json()) as {
        readonly bridges: readonly { readonly inUse: number }[];
      };
      return status.bridges[0]!.inUse;
    };
    await expect.poll(inUse, { timeout: 60_000, interval: 500 }).toBe(0);
    client.send({ type: 'execute', execution: 'on', session: 'idle', code: 'print(c + 1)' });
    expect(await client.done('on', 60_000)).toMatchObject({ status: 'ok' });
    expect(client.stdout('on')).toBe('21\n');
    expect(client.received.filter(({ type }) => type === 'closed')).toEqual([]);
  }, 90_000);

  test('random numbers, the clock and an answer of the reader’s are computed each time', async () => {
    const client = await connectGreeted(relay.url, cleanup);
    const draws = await read(client, 'r1', ['random()', '1+1']);
    const again = await read(client, 'r2', ['random()', '1+1']);
    expect([...draws, ...again].map(({ cached }) => cached)).toEqual([false, false, false, false]);
    expect(draws[0]?.outputs).not.toBe(again[0]?.outputs);
  });

  test('2^3 is another result in Sage than in Python', async () => {
    const client = await connectGreeted(relay.url, cleanup);
    for (const [execution, language] of [
      ['a', 'sage'],
      ['b', 'python'],
      ['c', 'sage'],
      ['d', 'python'],
    ] as const) {
      client.send({ type: 'execute', execution, code: 'print(2^3)', language });
      await client.done(execution, 60_000);
    }
    expect(['a', 'b', 'c', 'd'].map((execution) => client.stdout(execution))).toEqual([
      '8\n',
      '1\n',
      '8\n',
      '1\n',
    ]);
  });
});
