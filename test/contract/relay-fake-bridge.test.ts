import { beforeAll, describe } from 'vitest';
import { closeAfterAll } from '../support/cleanup.js';
import { startFakeBridge, type FakeBridge } from '../support/fake-bridge.js';
import { contractOfBridges } from './relay-bridge.contract.js';

describe('the fake bridge', () => {
  let bridge: FakeBridge;

  const cleanup = closeAfterAll();

  beforeAll(async () => {
    bridge = await startFakeBridge(cleanup);
  });

  contractOfBridges(() => bridge);
});
