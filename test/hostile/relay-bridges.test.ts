/** Bridges that break the rules, or break: the relay lives, and its clients are told. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { encodeJson } from '../../relay/bridges/framing.js';
import { connectGreeted } from '../support/raw-client.js';
import { startRelayOnFake } from '../support/relay.js';

async function setUp() {
  const { relay, bridge } = await startRelayOnFake(onTestFinished);
  const client = await connectGreeted(relay.url, onTestFinished);
  const expectHealthy = async (): Promise<void> => {
    while (!(await fetch(`${relay.url}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 5));
    client.send({ type: 'execute', execution: 'good', code: 'print(2+2)' });
    expect((await client.done('good')).status).toBe('ok');
  };
  return { relay, bridge, client, expectHealthy };
}

describe('a bridge', () => {
  test.each([
    ['a frame beyond the limit', Buffer.from('7fffffff', 'hex')],
    ['an empty frame', Buffer.from('00000000', 'hex')],
    ['an unknown frame type', Buffer.from('0000000178', 'hex')],
    ['broken UTF-8', Buffer.from('000000026aff', 'hex')],
  ])('that sends %s is connected to anew', async (_what, bytes) => {
    const { bridge, expectHealthy } = await setUp();
    bridge.sendRaw(bytes);
    await expectHealthy();
  });

  test.each([
    ['what is not JSON', 'x'],
    ['an unknown type', '{"type":"surprise"}'],
    ['an event of a session that nobody has', '{"type":"opened","session":"s","resumed":false,"missed":0}'],
    ['an answer that nobody asked for', '{"type":"completions","request":"q99","target":"","items":[]}'],
    ['an error about nothing', '{"type":"error","code":"internal","message":"oops"}'],
  ])('that sends %s harms nobody', async (_what, text) => {
    const { bridge, expectHealthy } = await setUp();
    bridge.sendRaw(encodeJson(text));
    await expectHealthy();
  });

  test('that tells an end nobody understands does not keep its client waiting', async () => {
    const { bridge, client, expectHealthy } = await setUp();
    bridge.isMute = true;
    client.send({ type: 'execute', execution: 'e1', code: 'print(2+2)' });
    while (!bridge.commands.some(({ type }) => type === 'execute')) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const [command] = bridge.commands;
    const session = command?.type === 'execute' ? command.session : undefined;
    bridge.sendRaw(encodeJson(JSON.stringify({ type: 'done', execution: 'e1', session, status: 'fine' })));
    expect(await client.done('e1')).toMatchObject({ status: 'lost', error: { code: 'internal' } });
    bridge.isMute = false;
    await expectHealthy();
  });

  test('whose links break again and again loses no session', async () => {
    const { bridge, client, expectHealthy } = await setUp();
    client.send({ type: 'open', session: 's' });
    client.send({ type: 'execute', execution: 'set', session: 's', code: 'x = 41' });
    await client.done('set');
    for (let index = 0; index < 20; index += 1) {
      bridge.breakLinks();
      const execution = `e${String(index)}`;
      client.send({ type: 'execute', execution, session: 's', code: 'print(x)' });
      await client.done(execution);
      expect(client.stdout(execution)).toBe('41\n');
    }
    const numbers = client.received.flatMap((message) => ('seq' in message ? [message.seq] : []));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    await expectHealthy();
  });
});
