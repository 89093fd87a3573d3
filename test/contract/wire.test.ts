import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  bridgeCommand,
  bridgeEvent,
  clientMessage,
  ERROR_CODES,
  parseBridgeCommand,
  parseBridgeEvent,
  parseClientMessage,
  parseServerMessage,
  serverMessage,
} from '../../relay/protocol/index.js';
import { sagePython } from '../support/sage-python.js';

const path = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const read = (relative: string): string => readFileSync(path(relative), 'utf8');

const UNIONS = {
  clientMessage: { schema: clientMessage, parse: parseClientMessage },
  serverMessage: { schema: serverMessage, parse: parseServerMessage },
  bridgeCommand: { schema: bridgeCommand, parse: parseBridgeCommand },
  bridgeEvent: { schema: bridgeEvent, parse: parseBridgeEvent },
} as const;
type UnionName = keyof typeof UNIONS;
const NAMES = Object.keys(UNIONS) as UnionName[];

interface Fixtures {
  readonly valid: readonly { readonly type: string }[];
  readonly invalid: readonly { readonly why: string; readonly message?: unknown; readonly text?: string }[];
}

interface Case {
  readonly union: UnionName;
  readonly title: string;
  readonly text: string;
  readonly valid: boolean;
}

const fixtures = Object.fromEntries(
  NAMES.map((name) => [name, JSON.parse(read(`test/fixtures/wire/${name}.json`)) as Fixtures]),
) as Record<UnionName, Fixtures>;

const cases: Case[] = NAMES.flatMap((union) => [
  ...fixtures[union].valid.map((message) => ({
    union,
    title: `accepts ${JSON.stringify(message).slice(0, 90)}`,
    text: JSON.stringify(message),
    valid: true,
  })),
  ...fixtures[union].invalid.map(({ why, message, text }) => ({
    union,
    title: `refuses ${why}`,
    text: text ?? JSON.stringify(message),
    valid: false,
  })),
]);

const schemas = JSON.parse(read('sage-bridge/sage_bridge/protocol.schema.json')) as Record<
  UnionName,
  object
> & {
  readonly limits: Readonly<Record<string, number>>;
};
const typesOf = (name: UnionName): string[] =>
  UNIONS[name].schema.options.map((option) => option.entries.type.literal).sort();

describe.each(NAMES)('%s in TypeScript', (union) => {
  it.each(cases.filter((each) => each.union === union))('$title', ({ text, valid }) => {
    const parsed = UNIONS[union].parse(text);
    expect(parsed.ok).toBe(valid);
    if (parsed.ok) expect(JSON.parse(text)).toEqual(parsed.message);
    else expect(parsed.problem.message).toMatch(/^.{10,}\.$/);
  });
});

describe.each(NAMES)('%s in JSON Schema', (union) => {
  const validate = new Ajv({ strict: false }).compile(schemas[union]);
  it.each(cases.filter((each) => each.union === union))('$title', ({ text, valid }) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      expect(valid).toBe(false);
      return;
    }
    expect(validate(value)).toBe(valid);
  });
});

describe('the Python side', () => {
  let verdicts: { ok: boolean; problem?: unknown }[] = [];

  beforeAll(() => {
    const [python = '', ...args] = sagePython();
    const input = cases.map(({ union, text }) => JSON.stringify({ schema: union, text })).join('\n');
    const result = spawnSync(python, [...args, '-m', 'sage_bridge', 'validate'], {
      input: `${input}\n`,
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: path('sage-bridge') },
    });
    expect(result.stderr).toBe('');
    verdicts = result.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { ok: boolean });
  });

  it('gives one verdict for every fixture', () => {
    expect(verdicts).toHaveLength(cases.length);
  });

  it.each(cases.map((each, index) => ({ ...each, index })))('$union: $title', ({ index, valid }) => {
    expect(verdicts[index]?.ok, JSON.stringify(verdicts[index])).toBe(valid);
  });
});

describe('the figures on the Python side', () => {
  const figures = [...read('sage-bridge/sage_bridge/limits.py').matchAll(/^([A-Z_]+) = ([\d_.]+)$/gm)].map(
    ([, name = '', value = '']) => ({ name, value: Number(value.replaceAll('_', '')) }),
  );
  const shared = figures.filter(({ name }) => name in schemas.limits);

  it.each(shared)('$name is what the contract says', ({ name, value }) => {
    expect(value).toBe(schemas.limits[name]);
  });

  it('include the limits that a bridge must keep', () => {
    expect(shared.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'PROTOCOL_VERSION',
        'MAX_FRAME_BYTES',
        'MAX_EXECUTION_OUTPUT_BYTES',
        'SESSION_GRACE_MS',
      ]),
    );
  });
});

describe('the prose', () => {
  const prose = read('relay/protocol/PROTOCOL.md');
  const [client = '', server = ''] = prose.split('## Relay ⇄ bridge');
  const rowsIn = (text: string): Set<string> =>
    new Set([...text.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, name]) => name ?? ''));

  it('lists exactly the messages of the page link', () => {
    const declared = new Set([...typesOf('clientMessage'), ...typesOf('serverMessage')]);
    const sections = client.split(/^### /m).filter((part) => part.startsWith('Messages from'));
    expect(rowsIn(sections.join('\n'))).toEqual(declared);
  });

  it('lists exactly the messages that only the bridge link has', () => {
    const page = new Set([...typesOf('clientMessage'), ...typesOf('serverMessage')]);
    const own = [...typesOf('bridgeCommand'), ...typesOf('bridgeEvent')].filter((type) => !page.has(type));
    expect(rowsIn(server)).toEqual(new Set(own));
  });

  it('lists exactly the error codes, with the sentence of the table', () => {
    const section = prose.split('### Error codes')[1]?.split('### Close codes')[0] ?? '';
    const rows = [...section.matchAll(/^\| `([a-z-]+)` +\| (.*?) +\|$/gm)].map(([, code, text]) => [
      code,
      text,
    ]);
    expect(Object.fromEntries(rows)).toEqual(ERROR_CODES);
  });
});

describe.each(NAMES)('the fixtures of %s', (union) => {
  it('hold a valid message of every type and no other', () => {
    expect([...new Set(fixtures[union].valid.map(({ type }) => type))].sort()).toEqual(typesOf(union));
  });
});
