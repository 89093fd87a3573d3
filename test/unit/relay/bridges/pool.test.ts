import { describe, expect, onTestFinished, test } from 'vitest';
import type { Bridge } from '../../../../relay/bridges/bridge.js';
import { BridgePool } from '../../../../relay/bridges/pool.js';
import { RemoteBridges } from '../../../../relay/bridges/remote-bridges.js';
import type { SessionId } from '../../../../relay/protocol/index.js';
import { startFakeBridge } from '../../../support/fake-bridge.js';
import { linkTo, silentLog } from '../../../support/relay.js';

const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
};

/** A bridge of which only its figures matter. */
function bridgeOf(id: string, latencyMs: number, load: number): Bridge {
  return { id, latencyMs, load, facts: {} } as Bridge;
}

/** How often each is picked. */
function shares(pool: BridgePool, picks = 3_000): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let index = 0; index < picks; index += 1) {
    const { id } = pool.pick()!;
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(counts).map(([id, count]) => [id, count / picks]));
}

const listener = {
  event: () => undefined,
  refused: () => undefined,
  down: () => undefined,
  back: () => undefined,
  takenOver: () => undefined,
};

describe('the choice among bridges', () => {
  test('is even among equals', () => {
    const pool = new BridgePool();
    for (const id of ['a', 'b', 'c']) pool.add(bridgeOf(id, 5, 0));
    for (const share of Object.values(shares(pool))) expect(share).toBeCloseTo(1 / 3, 1);
  });

  test('never falls on the worst of three, by latency times load', () => {
    const pool = new BridgePool();
    pool.add(bridgeOf('quick but full', 2, 100));
    pool.add(bridgeOf('slow', 30, 1));
    pool.add(bridgeOf('good', 5, 2));
    const found = shares(pool);
    expect(found['quick but full']).toBeUndefined();
    expect(found['good']).toBeGreaterThan(0.6);
  });

  test('falls on no bridge that was tried already, and on none when all were', () => {
    const pool = new BridgePool();
    const [a, b] = [bridgeOf('a', 1, 0), bridgeOf('b', 500, 9)];
    pool.add(a);
    pool.add(b);
    expect(pool.pick(new Set([a]))).toBe(b);
    expect(pool.pick(new Set([a, b]))).toBeUndefined();
  });

  test('leaves a bridge out whose link breaks again and again, but takes it when there is no other', () => {
    const pool = new BridgePool();
    const [a, b] = [bridgeOf('a', 1, 0), bridgeOf('b', 500, 9)];
    pool.add(a);
    pool.add(b);
    for (let index = 0; index < 3; index += 1) pool.announceLost(a);
    expect(shares(pool, 50)).toEqual({ b: 1 });
    expect(pool.report()[0]).toMatchObject({
      failures: 3,
      ejectedForMs: expect.closeTo(30_000, -3) as number,
    });
    // Not both of two.
    for (let index = 0; index < 5; index += 1) pool.announceLost(b);
    expect(shares(pool, 50)).toEqual({ b: 1 });
    pool.remove(b);
    expect(pool.pick()).toBe(a);
  });

  test('shifts away from a bridge that hangs', async () => {
    const [first, second] = [await startFakeBridge(onTestFinished), await startFakeBridge(onTestFinished)];
    const pool = await linkTo(onTestFinished, [first, second]);
    const [hanging, healthy] = pool.list();
    first.isMute = true;
    const session = '00000000-0000-0000-0000-000000000000' as SessionId;
    hanging!.listen(session, listener);
    hanging!.send({ type: 'execute', session, execution: 'e' as never, code: 'print(2+2)', stateless: true });
    await until(() => hanging!.latencyMs > 20 * healthy!.latencyMs);
    expect(shares(pool, 50)).toEqual({ [healthy!.id]: 1 });
  });
});

describe('a probe', () => {
  test('finds a bridge good that adds up and plots', async () => {
    const bridge = await startFakeBridge(onTestFinished);
    const pool = await linkTo(onTestFinished, [bridge], { probeEveryMs: 20 });
    await until(() => pool.report()[0]?.probe?.verdict === 'good');
    expect(bridge.sessions).toBe(0);
  });

  test('ejects a bridge that does not, and takes it back when its time is over', async () => {
    const [good, bad] = [await startFakeBridge(onTestFinished), await startFakeBridge(onTestFinished)];
    bad.cannotPlot = true;
    const pool = await linkTo(onTestFinished, [good, bad], { probeEveryMs: 20 });
    await until(() => pool.report()[1]!.ejectedForMs > 0);
    expect(pool.report()[1]!.probe).toMatchObject({ verdict: 'bad', reason: 'the probe ended as error' });
    expect(pool.pick()).toBe(pool.list()[0]);
    bad.cannotPlot = false;
    await until(() => pool.report()[1]!.failures === 0);
  });
});

describe('a list of bridges', () => {
  test('can change: new ones are used, those not named get no new work and keep their sessions', async () => {
    const [first, second] = [await startFakeBridge(onTestFinished), await startFakeBridge(onTestFinished)];
    const pool = new BridgePool();
    const token = first.token;
    const remote = new RemoteBridges({ pool, token, tls: {}, graceMs: 100, log: silentLog });
    onTestFinished(() => remote.close());
    remote.use([first.address]);
    const old = await pool.whenReady(5_000);
    const session = '00000000-0000-0000-0000-000000000001' as SessionId;
    old!.listen(session, listener);
    old!.send({ type: 'open', session });
    await until(() => first.sessions === 1);
    remote.use([second.address]);
    await until(() => pool.pick() !== undefined);
    expect(pool.pick()?.id).not.toBe(old?.id);
    expect(pool.find(old!.id)).toBe(old);
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect(pool.find(old!.id)).toBe(old);
    old!.unlisten(session, listener);
    await until(() => pool.list().length === 1);
    expect(pool.find(old!.id)).toBeUndefined();
  });

  test('takes a bridge back whose name returns', async () => {
    const bridge = await startFakeBridge(onTestFinished);
    const pool = new BridgePool();
    const remote = new RemoteBridges({ pool, token: bridge.token, tls: {}, graceMs: 60_000, log: silentLog });
    onTestFinished(() => remote.close());
    remote.use([bridge.address]);
    const before = await pool.whenReady(5_000);
    remote.use([]);
    expect(pool.pick()).toBeUndefined();
    remote.use([bridge.address]);
    expect(pool.pick()).toBe(before);
  });
});
