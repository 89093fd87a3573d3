/** A relay and a bridge on Sage with TLS between them, each proving to the other who it is. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { BridgeAddress, BridgeTls } from '../../relay/bridges/address.js';
import { BridgeLink } from '../../relay/bridges/bridge-link.js';
import { BridgePool } from '../../relay/bridges/pool.js';
import { closeAfterAll } from '../support/cleanup.js';
import { connectGreeted } from '../support/raw-client.js';
import { silentLog, startRelay } from '../support/relay.js';
import { SageBridgeProcess } from '../support/sage-bridge.js';

const file = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
const read = (name: string): string => readFileSync(file(name), 'utf8');

const GOOD: BridgeTls = { ca: read('ca.pem'), cert: read('relay.pem'), key: read('relay.key') };

describe('a bridge behind TLS', () => {
  let bridge: SageBridgeProcess;
  const cleanup = closeAfterAll();

  beforeAll(async () => {
    bridge = await SageBridgeProcess.start(cleanup, [
      ...['--listen', 'tls:127.0.0.1:0', '--tls-client-ca', file('ca.pem')],
      ...['--tls-cert', file('bridge.pem'), '--tls-key', file('bridge.key')],
    ]);
  });

  /** @returns true if a link there is ready by the time one that must be has had twice the time for it */
  const links = async (address: BridgeAddress, tls: BridgeTls): Promise<boolean> => {
    const open = (where: BridgeAddress, how: BridgeTls, onReady: () => void): void => {
      const link = new BridgeLink({ address: where, tls: how, token: bridge.token, log: silentLog, onReady });
      onTestFinished(() => link.close());
    };
    let isReady = false;
    open(address, tls, () => (isReady = true));
    for (let round = 0; round < 2; round += 1) {
      await new Promise<void>((resolve) => {
        open(bridge.address, GOOD, resolve);
      });
    }
    return isReady;
  };

  test('computes for a relay that knows it and that it knows', async () => {
    const pool = new BridgePool();
    const link = new BridgeLink({
      address: bridge.address,
      tls: GOOD,
      token: bridge.token,
      log: silentLog,
      onReady: () => pool.announceReady(),
    });
    onTestFinished(() => link.close());
    pool.add(link);
    await pool.whenReady(30_000);
    const relay = await startRelay(onTestFinished, pool);
    const client = await connectGreeted(relay.url, onTestFinished);
    client.send({ type: 'execute', execution: 'e1', code: 'print(2+2)' });
    expect((await client.done('e1', 30_000)).status).toBe('ok');
    expect(client.stdout('e1')).toBe('4\n');
  });

  test.each<[string, BridgeTls]>([
    ['without a certificate', { ca: read('ca.pem') }],
    [
      'with a certificate of somebody else',
      { ...GOOD, cert: read('stranger.pem'), key: read('stranger.key') },
    ],
    ['that trusts somebody else', { ...GOOD, ca: read('other-ca.pem') }],
  ])('is no bridge for a relay %s', async (_who, tls) => {
    expect(await links(bridge.address, tls)).toBe(false);
  });

  test('is no bridge for a relay that expects another host', async () => {
    const { port } = bridge.address as Extract<BridgeAddress, { kind: 'tls' }>;
    expect(await links({ kind: 'tls', host: '127.0.0.2', port }, GOOD)).toBe(false);
    expect(await links({ kind: 'tls', host: 'localhost', port }, GOOD)).toBe(true);
  });

  test('is no bridge for a relay that speaks in the clear', async () => {
    const { host, port } = bridge.address as Extract<BridgeAddress, { kind: 'tls' }>;
    expect(await links({ kind: 'tcp', host, port }, {})).toBe(false);
  });
});
