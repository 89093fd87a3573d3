import { afterAll, beforeAll, describe } from 'vitest';
import { startFakeBridge, type FakeBridge } from '../support/fake-bridge.js';
import { contractOfBridges } from './relay-bridge.contract.js';

describe('the fake bridge', () => {
  let bridge: FakeBridge;

  beforeAll(async () => {
    bridge = await startFakeBridge(afterAll);
  });

  contractOfBridges(() => bridge);
});
