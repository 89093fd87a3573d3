import { describe } from 'vitest';
import { startFakeBridge } from '../support/fake-bridge.js';
import { startSageBridge } from '../support/sage-bridge.js';
import { contractOfInteracts } from './interacts.contract.js';

describe('the fake bridge', () => {
  contractOfInteracts(async (cleanup) => {
    const bridge = await startFakeBridge(cleanup);
    bridge.isPure = true;
    return bridge;
  });
});

describe('the bridge on Sage', () => {
  contractOfInteracts(startSageBridge);
});
