/** Messages near the right ones: every answer is one of the protocol, and the relay lives. */
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { parseServerMessage } from '../../relay/protocol/index.js';
import { connectClient, connectGreeted } from '../support/raw-client.js';
import { startRelayOnFake } from '../support/relay.js';

const id = fc.oneof(fc.constantFrom('s', 'e', '__proto__', 'constructor'), fc.string({ maxLength: 70 }));

const message = fc.record(
  {
    type: fc.oneof(
      fc.constantFrom(
        'hello',
        'open',
        'execute',
        'interrupt',
        'kill',
        'close',
        'complete',
        'inspect',
        'budget',
        'ack',
        'ping',
      ),
      fc.string(),
    ),
    version: fc.oneof(fc.constant(1), fc.anything()),
    session: id,
    execution: id,
    request: id,
    code: fc.constantFrom('print(2+2)', '1/0', 'while True: pass', ''),
    before: fc.string(),
    seq: fc.oneof(fc.integer(), fc.double()),
    nonce: fc.integer(),
    after: fc.integer(),
    token: fc.string(),
    detail: fc.constantFrom('docstring', 'source', 'x'),
    limits: fc.anything(),
  },
  { requiredKeys: ['type'] },
);

test('whatever a client says, it is answered by the protocol', { timeout: 60_000 }, async () => {
  const { relay } = await startRelayOnFake(onTestFinished);
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 30 }), fc.boolean(), async (messages, greets) => {
      const attacker = await connectClient(relay.url, onTestFinished);
      if (greets) attacker.hello();
      for (const text of messages.map((value) => JSON.stringify(value))) attacker.sendText(text);
      attacker.sendText('the end');
      expect([4_400, 4_406, 4_429]).toContain((await attacker.waitForClose()).code);
      for (const answer of attacker.received) {
        expect(parseServerMessage(JSON.stringify(answer))).toMatchObject({ ok: true });
      }
    }),
    { numRuns: 200 },
  );
  const client = await connectGreeted(relay.url, onTestFinished);
  client.send({ type: 'execute', execution: 'good', code: 'print(2+2)' });
  expect((await client.done('good')).status).toBe('ok');
});

test('whatever a form says, it is answered', { timeout: 60_000 }, async () => {
  const { relay } = await startRelayOnFake(onTestFinished);
  const type = fc.constantFrom(
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=b',
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'text/plain',
  );
  const piece = fc.oneof(
    fc.constantFrom(
      '--b',
      '\r\n',
      '--b--',
      'Content-Disposition: form-data; name="code"',
      '\r\n\r\n',
      'code=',
      '%',
    ),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(type, fc.array(piece), async (contentType, pieces) => {
      const answer = await fetch(`${relay.url}/service`, {
        method: 'POST',
        headers: { 'content-type': contentType },
        body: pieces.join(''),
      });
      await answer.text();
      expect([200, 400]).toContain(answer.status);
    }),
    { numRuns: 300 },
  );
});
