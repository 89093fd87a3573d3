import { expect, onTestFinished, test, vi } from 'vitest';
import type { Visit } from '../../../../relay/admission/visit.js';
import { createLog } from '../../../../relay/observe/log.js';
import { CLOSE } from '../../../../relay/protocol/index.js';
import { Handshake, type Greeter } from '../../../../relay/sessions/handshake.js';
import { connectGreeted } from '../../../support/raw-client.js';
import { startRelayOnFake } from '../../../support/relay.js';

/** A connection that notes what is done to it. */
function greeter(identify: () => Promise<void> | undefined): Greeter & { readonly told: unknown[] } {
  const told: unknown[] = [];
  return {
    told,
    log: createLog('silent'),
    visit: { identify } as unknown as Visit,
    refuse: (code) => told.push(code),
    welcome: (client, early) => told.push({ client, early }),
    failed: () => told.push('failed'),
    close: (code) => told.push(code),
  };
}

const hello = { type: 'hello', version: 1 } as const;

test('a client that never says hello is sent away after ten seconds', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const silent = greeter(() => undefined);
  new Handshake(silent);
  vi.advanceTimersByTime(9_999);
  expect(silent.told).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(silent.told).toEqual(['hello-expected', CLOSE.UNSUPPORTED]);
});

test('what is said while a key is checked is heard after the welcome; of one that has gone there is none', async () => {
  const known = greeter(() => Promise.resolve());
  const handshake = new Handshake(known);
  expect(handshake.defer('before hello')).toBe(false);
  handshake.hello({ ...hello, client: 'a client' });
  expect(handshake.defer('early')).toBe(true);
  const gone = greeter(() => Promise.resolve());
  const other = new Handshake(gone);
  other.hello(hello);
  other.cancel();
  await Promise.resolve();
  await Promise.resolve();
  expect(known.told).toEqual([{ client: 'a client', early: ['early'] }]);
  expect(gone.told).toEqual([]);
});

test('a client has 64 questions under way and no more', async () => {
  const { relay, bridge } = await startRelayOnFake(onTestFinished);
  const client = await connectGreeted(relay.url, onTestFinished);
  const thaw = bridge.freeze(500);
  for (let index = 0; index <= 64; index += 1) {
    client.send({ type: 'complete', request: `r${String(index)}`, before: 'fac' });
  }
  expect(await client.waitFor('error')).toMatchObject({ code: 'too-many', about: 'r64' });
  await thaw;
  await client.waitFor('completions', ({ request }) => request === 'r63');
  client.send({ type: 'complete', request: 'again', before: 'fac' });
  await client.waitFor('completions', ({ request }) => request === 'again');
});

test('a client that is refused a hundred times is sent away', async () => {
  const { relay } = await startRelayOnFake(onTestFinished);
  const client = await connectGreeted(relay.url, onTestFinished);
  for (let index = 0; index < 100; index += 1) {
    client.send({ type: 'kill', execution: `e${String(index)}` });
  }
  expect((await client.waitForClose()).code).toBe(CLOSE.TOO_MANY);
  expect(client.received.filter(({ type }) => type === 'error')).toHaveLength(100);
});
