import { expect, test } from 'vitest';
import { BridgePool } from '../../../../relay/bridges/pool.js';
import { closeAfterAll } from '../../../support/cleanup.js';
import { connectGreeted } from '../../../support/raw-client.js';
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

test('tells how many sessions have a client and how many wait for theirs to come back', async () => {
  const { relay } = await startRelayOnFake(cleanup);
  const told = async (): Promise<unknown> =>
    ((await (await fetch(`${relay.url}/status`)).json()) as { relay: unknown }).relay;
  const client = await connectGreeted(relay.url, cleanup);
  for (const session of ['a', 'b']) client.send({ type: 'open', session });
  await client.waitFor('opened', ({ session }) => session === 'b');
  expect(await told()).toMatchObject({ sessions: 2, orphanedSessions: 0, queuedBytes: 0, jobs: 0 });
  await client.close();
  await expect.poll(told).toMatchObject({ connections: 0, sessions: 0, orphanedSessions: 2 });
  expect(await page(relay.url)).toContain('<td>0, and 2 whose page may come back</td>');
});

test('tells that there is no bridge', async () => {
  const relay = await startRelay(cleanup, new BridgePool());
  expect(await (await fetch(`${relay.url}/status`)).json()).toMatchObject({ bridges: [] });
});

const page = async (url: string): Promise<string> =>
  (await fetch(`${url}/status`, { headers: { accept: 'text/html,*/*;q=0.8' } })).text();

test('is a page without scripts for people', async () => {
  const { relay } = await startRelayOnFake(cleanup);
  const html = await page(relay.url);
  expect(html).toContain('<h1 class="state">Working</h1>');
  expect(html).toMatch(/<th scope="row">Sage<\/th><td>fake 0 on Python 3<\/td>/);
  expect(html).not.toContain('<script');
});

test('says at first sight that nothing can be computed', async () => {
  const relay = await startRelay(cleanup, new BridgePool());
  expect(await page(relay.url)).toContain('<h1 class="state bad">Nothing can be computed at the moment</h1>');
});
