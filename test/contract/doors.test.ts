/** Every door over one real Sage. */
import { beforeAll } from 'vitest';
import { closeAfterAll } from '../support/cleanup.js';
import { linkTo, startRelay, type RelayUnderTest } from '../support/relay.js';
import { startSageBridge } from '../support/sage-bridge.js';
import { testClientLibrary } from './doors/client-library.js';
import { testCommandLine } from './doors/command-line.js';
import { testJsonApi } from './doors/json-api.js';
import { testPrerender } from './doors/prerender.js';

const cleanup = closeAfterAll();
let relay: RelayUnderTest;

beforeAll(async () => {
  const pool = await linkTo(cleanup, [await startSageBridge(cleanup)]);
  const tcp = { host: '127.0.0.1', port: 0, token: undefined, tls: undefined };
  relay = await startRelay(cleanup, pool, { tcp });
});

testJsonApi(() => relay);
testClientLibrary(() => relay);
testCommandLine(() => relay);
testPrerender(() => relay);
