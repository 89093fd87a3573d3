import { beforeAll, describe } from 'vitest';
import { closeAfterAll } from '../support/cleanup.js';
import type { BridgeUnderTest } from './relay-bridge.contract.js';
import { contractOfBridges } from './relay-bridge.contract.js';
import { startSageBridge } from '../support/sage-bridge.js';

describe('the bridge on Sage', () => {
  let bridge: BridgeUnderTest;

  const cleanup = closeAfterAll();

  beforeAll(async () => {
    bridge = await startSageBridge(cleanup);
  });

  contractOfBridges(() => bridge);
});
