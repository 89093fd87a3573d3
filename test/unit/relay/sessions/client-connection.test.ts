import { describe, expect, onTestFinished, test } from 'vitest';
import { connectGreeted } from '../../../support/raw-client.js';
import { startRelayOnFake } from '../../../support/relay.js';

describe('an execution without a session', () => {
  test('ends in one done after its output, without sequence numbers', async () => {
    const { relay } = await startRelayOnFake(onTestFinished);
    const client = await connectGreeted(relay.url, onTestFinished);
    client.send({ type: 'execute', execution: 'e1', code: 'print(2+2)' });
    const done = await client.done('e1');
    expect(done).toEqual({
      type: 'done',
      execution: 'e1',
      status: 'ok',
      wallMs: 1,
      cpuMs: 1,
      cached: false,
      truncated: false,
    });
    expect(client.stdout('e1')).toBe('4\n');
  });
});
