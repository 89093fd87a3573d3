import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { bridgeEvent, clientMessage } from '../../../../relay/protocol/index.js';
import { isUsualEvent, isUsualMessage } from '../../../../relay/protocol/usual.js';

const EVENTS = [
  { type: 'output', execution: 'e1', output: { kind: 'stream', name: 'stdout', text: '4\n' } },
  {
    type: 'output',
    execution: 'e1',
    output: { kind: 'stream', name: 'stdout', text: '4\n' },
    frame: '1-3fa9',
  },
  {
    type: 'done',
    execution: 'e1',
    status: 'ok',
    wallMs: 0.5,
    cpuMs: 0.2,
    cached: false,
    truncated: false,
    pure: true,
    unchanged: true,
  },
  {
    type: 'output',
    execution: 'e1',
    output: { kind: 'stream', name: 'stderr', text: 'é' },
    session: 's',
    seq: 7,
  },
  { type: 'done', execution: 'e1', status: 'ok', wallMs: 0.5, cpuMs: 0.2, cached: false, truncated: false },
  {
    type: 'done',
    execution: 'e1',
    status: 'error',
    wallMs: 1,
    cpuMs: 0,
    cached: false,
    truncated: true,
    pure: true,
    session: 's',
    seq: 8,
  },
];

const MESSAGES = [
  { type: 'execute', execution: 'e1', code: 'print(2+2)' },
  { type: 'execute', execution: 'e1', session: 's', code: '', language: 'sage', typeset: true },
  { type: 'execute', execution: 'e1', session: 's', code: 'é', language: 'python', typeset: false },
  { type: 'ack', session: 's', seq: 0 },
];

/** Values at and beyond every edge of the schemas. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(
    null, true, false, 0, -0, 1, -1, 0.5, 2 ** 53, 2 ** 53 - 1, 1e300, '', 'a', 'a b', 'a\n', 'x'.repeat(64),
    'x'.repeat(65), 'x'.repeat(32_768), 'x'.repeat(32_769), 'x'.repeat(65_536), 'x'.repeat(65_537), 'ok', 'error',
    'lost', 'stdout', 'stderr', 'stream', 'display', 'output', 'done', 'execute', 'ack', 'sage', 'python', 'gap', [],
    {}, [[]],
  ),
  fc.jsonValue(),
); // prettier-ignore

type Fields = Record<string, unknown>;

/** One of the examples with a field changed, added or left out, at the top or within its output. */
const nearly = (examples: readonly Fields[]): fc.Arbitrary<Fields> => {
  const names = ['type', 'execution', 'session', 'seq', 'output', 'code', 'language', 'typeset', 'limits', 'cache',
    'status', 'wallMs', 'cpuMs', 'cached', 'truncated', 'pure', 'key', 'message', 'error', 'limit', 'ageMs', 'kind',
    'name', 'text', 'expressions', '__proto__', 'constructor', 'other']; // prettier-ignore
  const change = fc.record({
    name: fc.constantFrom(...names),
    value: anything,
    act: fc.constantFrom('set', 'remove', 'within'),
  });
  return fc
    .tuple(fc.constantFrom(...examples), fc.array(change, { maxLength: 3 }))
    .map(([example, changes]) => {
      const fields = JSON.parse(JSON.stringify(example)) as Fields;
      for (const { name, value, act } of changes) {
        const inner = fields['output'];
        const into =
          act === 'within' && typeof inner === 'object' && inner !== null ? (inner as Fields) : fields;
        if (act === 'remove') Reflect.deleteProperty(into, name);
        else
          Object.defineProperty(into, name, {
            value: structuredClone(value),
            enumerable: true,
            configurable: true,
            writable: true,
          });
      }
      // As it would come: what JSON can't say is gone.
      return JSON.parse(JSON.stringify(fields)) as Fields;
    });
};

describe.each([
  { what: 'an event', examples: EVENTS, isUsual: isUsualEvent, schema: bridgeEvent },
  { what: 'a message', examples: MESSAGES, isUsual: isUsualMessage, schema: clientMessage },
])('$what that passes the quick check', ({ examples, isUsual, schema }) => {
  test('is any of the usual ones', () => {
    for (const example of examples) expect(isUsual(example)).toBe(true);
  });

  test('is accepted by its schema, which changes nothing in it', () => {
    let passed = 0;
    fc.assert(
      fc.property(nearly(examples), (fields) => {
        if (!isUsual(fields)) return;
        passed += 1;
        const result = v.safeParse(schema, fields);
        expect(result.success).toBe(true);
        expect(result.output).toEqual(fields);
      }),
      { numRuns: 2_000 },
    );
    expect(passed).toBeGreaterThan(50);
  });
});
