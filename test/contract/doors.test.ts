/** Every door over one real Sage. */
import { beforeAll } from 'vitest';
import { closeAfterAll } from '../support/cleanup.js';
import { linkTo, startRelay, type RelayUnderTest } from '../support/relay.js';
import { startSageBridge } from '../support/sage-bridge.js';
import { testJsonApi } from './doors/json-api.js';

const cleanup = closeAfterAll();
let relay: RelayUnderTest;

beforeAll(async () => {
  relay = await startRelay(cleanup, await linkTo(cleanup, [await startSageBridge(cleanup)]));
});

testJsonApi(() => relay);
