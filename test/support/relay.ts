/** A relay in this process, on a free port, over any bridges. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BridgeLink } from '../../relay/bridges/bridge-link.js';
import { BridgePool, type BridgePoolOptions } from '../../relay/bridges/pool.js';
import { createLog } from '../../relay/observe/log.js';
import { startRelay as start, type Relay, type RelayOptions } from '../../relay/server.js';
import type { Cleanup } from './cleanup.js';
import { startFakeBridge, type FakeBridge } from './fake-bridge.js';

/** Says nothing: a failing test tells what it saw. */
export const silentLog = createLog('silent');

/** A relay and the pool it takes its bridges from. */
export interface RelayUnderTest extends Relay {
  readonly pool: BridgePool;
}

/** A pool that holds one link to each bridge, each of them ready; closed at the test's end. */
export async function linkTo(
  cleanup: Cleanup,
  bridges: readonly Pick<FakeBridge, 'address' | 'token'>[],
  options: BridgePoolOptions = {},
): Promise<BridgePool> {
  const pool = new BridgePool(options);
  const links = bridges.map(
    ({ address, token }) =>
      new BridgeLink({
        address,
        token,
        log: silentLog,
        onReady: () => pool.announceReady(),
        onLost: (bridge) => pool.announceLost(bridge),
      }),
  );
  for (const link of links) pool.add(link);
  cleanup(() => {
    pool.close();
    for (const link of links) link.close();
  });
  while (links.some((link) => link.facts === undefined)) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return pool;
}

/** Starts a relay on port 0; closed at the test's end. */
export async function startRelay(
  cleanup: Cleanup,
  pool: BridgePool,
  options: Partial<RelayOptions> = {},
): Promise<RelayUnderTest> {
  const empty = mkdtempSync(join(tmpdir(), 'relay-test-'));
  const relay = await start({
    host: '127.0.0.1',
    port: 0,
    bridges: pool,
    sessionKeys: ['a key for tests that is long enough to pass'],
    admission: { allowedOrigins: '*' },
    sdkDir: empty,
    demoDir: empty,
    version: '0.0.0-test',
    log: silentLog,
    ...options,
  });
  cleanup(() => {
    relay.close();
    rmSync(empty, { recursive: true, force: true });
  });
  return { ...relay, pool };
}

/** A relay over one fake bridge. */
export async function startRelayOnFake(
  cleanup: Cleanup,
  options: Partial<RelayOptions> = {},
): Promise<{ relay: RelayUnderTest; bridge: FakeBridge }> {
  const bridge = await startFakeBridge(cleanup);
  const relay = await startRelay(cleanup, await linkTo(cleanup, [bridge]), options);
  return { relay, bridge };
}
