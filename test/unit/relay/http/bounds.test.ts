import { beforeAll, describe, expect, test, vi } from 'vitest';
import { Collector, type Collection } from '../../../../relay/http/collect.js';
import { Metrics } from '../../../../relay/observe/metrics.js';
import type { Bridge, Bridges, SessionListener } from '../../../../relay/bridges/bridge.js';
import type { ExecutionId, Output, SessionId } from '../../../../relay/protocol/index.js';
import { closeAfterAll } from '../../../support/cleanup.js';
import { startRelayOnFake, type RelayUnderTest } from '../../../support/relay.js';

/** Executions of requests at a time. */
const MOST_RUNNING = 256;

/** What all that run may hold of output, UTF-16 code units. */
const MOST_HELD = 134_217_728;

/** What jobs that ended may hold of it. */
const MOST_KEPT = 33_554_432;

const MEBI = 1_048_576;

const cleanup = closeAfterAll();
let relay: RelayUnderTest;

beforeAll(async () => {
  ({ relay } = await startRelayOnFake(cleanup));
});

const begin = (code: string, wait = 0): Promise<Response> =>
  fetch(`${relay.url}/api/v1/execute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, wait }),
  });

const ask = (path: string): Promise<Response> => fetch(relay.url + path);

const urlOf = async (answer: Response): Promise<string> => ((await answer.json()) as { url: string }).url;

describe('what runs for requests', { timeout: 60_000 }, () => {
  test('is so much at a time and no more, and who comes later is told when', async () => {
    const answers = await Promise.all(Array.from({ length: MOST_RUNNING }, () => begin('while True: pass')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    const refused = await begin('print(2+2)');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await refused.json()).toMatchObject({ error: { code: 'too-many' } });
    // What ends makes room.
    const urls = await Promise.all(answers.map(urlOf));
    await fetch(relay.url + urls[0]!, { method: 'DELETE' });
    await vi.waitFor(async () => {
      expect((await begin('print(2+2)', 5)).status).toBe(200);
    });
    await Promise.all(urls.slice(1).map((url) => fetch(relay.url + url, { method: 'DELETE' })));
  });

  test('may be waited for by eight at a time', async () => {
    const url = await urlOf(await begin('while True: pass'));
    const waiting = Array.from({ length: 8 }, () => ask(`${url}?wait=20`));
    await vi.waitFor(async () => {
      const ninth = await ask(`${url}?wait=20`);
      expect(ninth.status).toBe(429);
      expect(await ninth.json()).toMatchObject({
        error: { message: expect.stringContaining('8 requests wait') as string },
      });
    });
    await fetch(`${relay.url}${url}/stop`, { method: 'POST' });
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(Array(8).fill(200));
  });
});

describe('what jobs put out', { timeout: 60_000 }, () => {
  test('is kept up to a size of all together, and the oldest make room', async () => {
    const each = 300 * 30_001;
    const fit = Math.floor(MOST_KEPT / each);
    const urls: string[] = [];
    for (let number = 0; number <= fit; number += 1) {
      const url = await urlOf(await begin('for i in range(300): print("x" * 30000)'));
      urls.push(url);
      await vi.waitFor(async () => {
        expect(await (await ask(`${url}?wait=10`)).json()).toMatchObject({ status: 'ok' });
      });
    }
    expect((await ask(urls[0]!)).status).toBe(404);
    const kept = (await (await ask(urls[1]!)).json()) as { outputs: { text: string }[] };
    expect(kept.outputs.reduce((sum, { text }) => sum + text.length, 0)).toBe(each);
    expect((await ask(urls.at(-1)!)).status).toBe(200);
  });
});

/** A bridge that says what it is told to. */
class ToldBridge implements Pick<Bridge, 'send' | 'listen' | 'unlisten'> {
  readonly #listeners: SessionListener[] = [];
  #sessions: SessionId[] = [];

  listen(session: SessionId, listener: SessionListener): void {
    this.#listeners.push(listener);
    this.#sessions.push(session);
  }

  unlisten(): void {
    // It is told what to say.
  }

  send(): boolean {
    return true;
  }

  puts(number: number, output: Output): void {
    const session = this.#sessions[number]!;
    this.#listeners[number]!.event({ type: 'output', session, seq: 1, execution, output });
  }

  ends(number: number): void {
    const session = this.#sessions[number]!;
    const times = { wallMs: 1, cpuMs: 1, cached: false, truncated: false } as const;
    this.#listeners[number]!.event({ type: 'done', session, seq: 2, execution, status: 'ok', ...times });
  }
}

const execution = 'e' as ExecutionId;

describe('what runs for requests and has put out much', () => {
  const start = (): { bridge: ToldBridge; begin: () => Collection } => {
    const bridge = new ToldBridge();
    const bridges = { pick: () => bridge } as unknown as Bridges;
    const collector = new Collector(bridges, () => false, new Metrics({ version: '0' }));
    return { bridge, begin: () => collector.start({ code: '' }, 'e', () => undefined) };
  };
  /** A mebi of characters, all in the same memory. */
  const mebi: Output = { kind: 'display', data: { 'text/plain': 'x'.repeat(MEBI) }, result: false };
  const held = (collections: readonly Collection[]): number =>
    collections.reduce((sum, { length }) => sum + length, 0);

  test('holds so much of it together; what is more is left out, and told', async () => {
    const { bridge, begin } = start();
    const both = [begin(), begin()] as const;
    for (let number = 0; number < 100; number += 1) bridge.puts(0, mebi);
    for (let number = 0; number < 100; number += 1) bridge.puts(1, mebi);
    expect(held(both)).toBe(MOST_HELD);
    bridge.ends(1);
    expect(await both[1].ended).toMatchObject({ status: 'ok', truncated: true });
    expect(both[1].outputs).toHaveLength(28);
    // What ended is no burden of what runs, and what was whole is not said to be cut.
    const third = begin();
    for (let number = 0; number < 28; number += 1) bridge.puts(2, mebi);
    bridge.ends(2);
    expect(await third.ended).toMatchObject({ truncated: false });
    bridge.ends(0);
    expect(await both[0].ended).toMatchObject({ truncated: false });
  });

  test('has room again for what it cleared', async () => {
    const { bridge, begin } = start();
    const one = begin();
    for (let number = 0; number < 128; number += 1) bridge.puts(0, mebi);
    bridge.puts(0, { kind: 'clear' });
    for (let number = 0; number < 128; number += 1) bridge.puts(0, mebi);
    bridge.ends(0);
    expect(await one.ended).toMatchObject({ truncated: false });
    expect(one.length).toBe(MOST_HELD);
  });
});
