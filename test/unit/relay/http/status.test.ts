import { expect, test } from 'vitest';
import { BridgePool } from '../../../../relay/bridges/pool.js';
import { closeAfterAll } from '../../../support/cleanup.js';
import { startRelay, startRelayOnFake } from '../../../support/relay.js';

const cleanup = closeAfterAll();

test('tells what the relay and its bridges are, and no secret of either', async () => {
  const { relay, bridge } = await startRelayOnFake(cleanup);
  const text = await (await fetch(`${relay.url}/status`)).text();
  const status = JSON.parse(text) as { bridges: object[] };
  expect(status).toMatchObject({
    relay: { draining: false, connections: 0, executions: 0 },
    bridges: [{ ready: true, sessions: 0, languages: ['sage', 'python'] }],
  });
  expect(text).not.toContain(bridge.token);
});

test('tells that there is no bridge', async () => {
  const relay = await startRelay(cleanup, new BridgePool());
  expect(await (await fetch(`${relay.url}/status`)).json()).toMatchObject({ bridges: [] });
});
