import { afterAll, beforeAll, describe } from 'vitest';
import type { BridgeUnderTest } from './relay-bridge.contract.js';
import { contractOfBridges } from './relay-bridge.contract.js';
import { startSageBridge } from '../support/sage-bridge.js';

describe('the bridge on Sage', () => {
  let bridge: BridgeUnderTest;

  beforeAll(async () => {
    bridge = await startSageBridge(afterAll);
  });

  contractOfBridges(() => bridge);
});
