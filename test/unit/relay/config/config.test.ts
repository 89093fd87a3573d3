import { fileURLToPath } from 'node:url';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  ConfigError,
  ConfigSource,
  describeConfig,
  loadConfig,
  readConfig as read,
  settingsTables,
  type Config,
} from '../../../../relay/config/index.js';
import { nearest } from '../../../../relay/config/nearest.js';
import { SETTINGS } from '../../../../relay/config/settings/index.js';

/** With these variables and no file. */
const readConfig = (env: Record<string, string>): Config => read({ env });

const good = { SAGE_PYTHON: '/usr/bin/python3' };

function problemsOf(env: Record<string, string>): readonly { setting: string; value: string | undefined }[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('The settings were accepted.');
}

describe('settings', () => {
  test('need nothing but a Sage', () => {
    const config = readConfig(good);
    expect(config).toMatchObject({
      port: 8_080,
      host: '127.0.0.1',
      admission: { allowedOrigins: 'local' },
      logLevel: 'info',
    });
    expect(config.bridges).toMatchObject({ kind: 'local', python: ['/usr/bin/python3'] });
    expect(config.sessionKeys[0]!.length).toBeGreaterThanOrEqual(32);
  });

  test('open the door for programs to this machine, or to who knows a token', () => {
    expect(readConfig(good).tcp).toBeUndefined();
    expect(readConfig({ ...good, TCP_PORT: '0' }).tcp).toEqual({
      host: '127.0.0.1',
      port: 0,
      token: undefined,
      tls: undefined,
    });
    expect(problemsOf({ ...good, TCP_PORT: '0', TCP_HOST: '0.0.0.0' })).toMatchObject([
      { setting: 'TCP_TOKEN', value: undefined },
    ]);
    expect(problemsOf({ ...good, TCP_PORT: '0', TCP_TLS_CERT: '/a.pem' })).toMatchObject([
      { setting: 'TCP_TLS_KEY', value: undefined },
    ]);
  });

  test('cannot be changed afterwards', () => {
    expect(Object.isFrozen(readConfig(good))).toBe(true);
  });

  test('take an empty variable for one that is not set', () => {
    expect(readConfig({ ...good, PORT: '', BRIDGES: '' }).port).toBe(8_080);
  });

  test('name bridges by TCP or Unix address', () => {
    const { bridges } = readConfig({
      BRIDGES: 'tcp://sage-1:6000, tcp://[::1]:6001,unix:///run/bridge.sock',
      BRIDGE_TOKEN: 'a shared secret of the bridges',
    });
    expect(bridges).toEqual({
      kind: 'remote',
      token: 'a shared secret of the bridges',
      tls: {},
      addresses: [
        { kind: 'tcp', host: 'sage-1', port: 6_000 },
        { kind: 'tcp', host: '::1', port: 6_001 },
        { kind: 'unix', path: '/run/bridge.sock' },
      ],
    });
  });

  test('hold what the files for TLS to the bridges hold', () => {
    const fixture = (name: string): string =>
      fileURLToPath(new URL(`../../../fixtures/tls/${name}`, import.meta.url));
    const { bridges } = readConfig({
      BRIDGES: 'tls://sage-1:6000',
      BRIDGE_TOKEN: 'a shared secret of the bridges',
      BRIDGE_CA: fixture('ca.pem'),
      BRIDGE_CERT: fixture('relay.pem'),
      BRIDGE_KEY: fixture('relay.key'),
    });
    expect(bridges).toMatchObject({
      addresses: [{ kind: 'tls', host: 'sage-1', port: 6_000 }],
      tls: {
        ca: expect.stringContaining('BEGIN CERTIFICATE') as string,
        cert: expect.stringContaining('BEGIN CERTIFICATE') as string,
        key: expect.stringContaining('PRIVATE KEY') as string,
      },
    });
  });

  test('refuse a certificate without its key, and a file that is not there', () => {
    const named = (env: Record<string, string>) =>
      problemsOf({ ...good, ...env }).map(({ setting }) => setting);
    expect(named({ BRIDGE_CERT: '/nowhere' })).toEqual(['BRIDGE_KEY', 'BRIDGE_CERT']);
    expect(named({ BRIDGE_CA: '/nowhere' })).toEqual(['BRIDGE_CA']);
  });

  test('take a command line of several words for Sage', () => {
    const { bridges } = readConfig({ SAGE_PYTHON: '["sage","--python"]' });
    expect(bridges).toMatchObject({ python: ['sage', '--python'] });
  });

  test('keep the secrets of the relay from the bridge it starts', () => {
    const { bridges } = readConfig({ ...good, SESSION_KEYS: 'k'.repeat(32), LANG: 'C' });
    expect(bridges).toMatchObject({ env: { LANG: 'C' } });
    expect(JSON.stringify(bridges)).not.toContain('kkkk');
  });

  test('are read in a shell that is set up to talk to another relay, whose secret goes no further', () => {
    const { bridges, port } = readConfig({
      ...good,
      PORT: '7',
      SAGE_EMBED_SERVER: 'tls://sage.example.org:9090',
      SAGE_EMBED_TOKEN: 'said to that relay',
    });
    expect(port).toBe(7);
    expect(JSON.stringify(bridges)).not.toContain('said to that relay');
  });

  test.each([
    ['PORT', 'eighty'],
    ['PORT', '-1'],
    ['PORT', '65536'],
    ['PORT', '80.5'],
    ['HOST', 'not a host'],
    ['BRIDGES', 'sage-1:6000'],
    ['BRIDGES', 'tcp://sage-1'],
    ['BRIDGES', 'tcp://sage-1:0'],
    ['BRIDGES', 'tcp://sage-1:6000,http://x'],
    ['BRIDGES', ','],
    ['BRIDGE_TOKEN', 'short'],
    ['SAGE_PYTHON', '["unfinished"'],
    ['SAGE_PYTHON', '[]'],
    ['SAGE_PYTHON', '[1]'],
    ['SAGE_POOL', '0'],
    ['SESSION_KEYS', 'short'],
    ['SESSION_KEYS', `${'k'.repeat(32)},short`],
    ['ALLOWED_ORIGINS', 'book.example.org'],
    ['ALLOWED_ORIGINS', 'https://book.example.org/'],
    ['ALLOWED_ORIGINS', '*,https://book.example.org'],
    ['LOG_LEVEL', 'loud'],
  ])('refuse %s=%s and name it', (setting, value) => {
    const problems = problemsOf({ ...good, [setting]: value });
    expect(problems.map((problem) => problem.setting)).toContain(setting);
  });

  test('tell all problems at once, each with its value and what is allowed', () => {
    expect(() => readConfig({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(
      /PORT is "x"; it must be a whole number[^]*LOG_LEVEL is "y"; it must be one of[^]*SAGE_PYTHON is not set/,
    );
  });

  test('need not name a Sage where somebody finds one', () => {
    expect(loadConfig({ env: {}, findsSage: true }).values.sagePython).toBeUndefined();
  });

  test('never show a secret', () => {
    const problems = problemsOf({ ...good, BRIDGE_TOKEN: 'secret', SESSION_KEYS: 'secret' });
    expect(JSON.stringify(problems)).not.toContain('secret"');
  });

  test('ask for the token of bridges that are named', () => {
    expect(problemsOf({ BRIDGES: 'tcp://sage-1:6000' }).map(({ setting }) => setting)).toEqual([
      'BRIDGE_TOKEN',
    ]);
  });

  test('require every layer of the sandbox where strangers can connect, unless told otherwise', () => {
    const sandboxOf = (env: Record<string, string>): unknown => {
      const { bridges } = readConfig({ ...good, ...env });
      return bridges.kind === 'local' ? bridges.sandbox : undefined;
    };
    const open = { HOST: '0.0.0.0', ALLOWED_ORIGINS: '*' };
    expect(sandboxOf({})).toBe('best-effort');
    expect(sandboxOf(open)).toBe('require');
    expect(sandboxOf({ ...open, SAGE_SANDBOX: 'best-effort' })).toBe('best-effort');
    expect(problemsOf({ ...good, SAGE_SANDBOX: 'maybe' }).map(({ setting }) => setting)).toEqual([
      'SAGE_SANDBOX',
    ]);
  });

  test('ask which origins are allowed where strangers can connect', () => {
    expect(problemsOf({ ...good, HOST: '0.0.0.0' }).map(({ setting }) => setting)).toEqual([
      'ALLOWED_ORIGINS',
    ]);
    expect(readConfig({ ...good, HOST: '0.0.0.0', ALLOWED_ORIGINS: '*' }).admission.allowedOrigins).toBe('*');
  });
});

describe('a configuration file', () => {
  const fileOf = (held: unknown): string => {
    const folder = mkdtempSync(join(tmpdir(), 'relay-config-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    const file = join(folder, 'relay.json');
    writeFileSync(file, typeof held === 'string' ? held : JSON.stringify(held));
    return file;
  };
  const failure = (read: () => unknown): string => {
    try {
      read();
    } catch (error) {
      if (error instanceof ConfigError) return error.message;
      throw error;
    }
    throw new Error('The settings were accepted.');
  };

  test('is named by a variable or by the caller, and the environment is stronger', () => {
    const file = fileOf({ port: 1, logLevel: 'warn', sagePython: ['sage', '--python'] });
    expect(read({ env: { SAGE_EMBED_CONFIG: file, PORT: '2' } })).toMatchObject({
      port: 2,
      logLevel: 'warn',
      bridges: { python: ['sage', '--python'] },
    });
    expect(read({ env: {}, file })).toMatchObject({ port: 1 });
  });

  test('holds lists as lists, and paths that begin at its own folder', () => {
    const file = fileOf({
      bridges: ['tcp://sage-1:6000'],
      bridgeToken: 'a shared secret of the bridges',
      allowedOrigins: ['https://a.example', 'null'],
      sdkDir: 'sdk',
    });
    const config = read({ env: {}, file });
    expect(config.bridges).toMatchObject({ addresses: [{ host: 'sage-1' }] });
    expect(config.admission.allowedOrigins).toEqual(['https://a.example', 'null']);
    expect(config.sdkDir).toBe(join(file, '..', 'sdk'));
  });

  test('has its mistakes told all at once, with those of the environment', () => {
    const file = fileOf({ port: '80', bridgeTokn: 'x', allowedOrigins: ['*', 'x'], colour: 1 });
    const told = failure(() =>
      read({ env: { ...good, LOG_LEVEL: 'loud', SAGE_EMBED_PROT: '1', SAGE_EMBED_CONFIG: file } }),
    );
    expect(told.split('\n')).toEqual([
      `bridgeTokn in ${file} is no setting; bridgeToken is the nearest there is.`,
      `colour in ${file} is no setting.`,
      'SAGE_EMBED_PROT is no setting; SAGE_EMBED_PORT is the nearest there is.',
      `port in ${file} is "80"; it must be a whole number from 0 to 65535.`,
      expect.stringMatching(/^allowedOrigins in .* is \["\*","x"\]; it must be \* or a list/),
      'LOG_LEVEL is "loud"; it must be one of trace, debug, info, warn, error, silent.',
    ]);
  });

  test.each([
    ['nothing at that place', undefined, /ENOENT/],
    ['no JSON', '{"port": 1', /not JSON/],
    ['another value', [], /holds another value/],
  ])('is refused when it is %s', (_, held, reason) => {
    const file = held === undefined ? '/nowhere/relay.json' : fileOf(held);
    expect(failure(() => read({ env: good, file }))).toMatch(reason);
  });

  test('never has its secrets shown, even when it is no JSON', () => {
    const broken = fileOf('{"bridgeToken": "the secret" "port": 1}');
    expect(failure(() => read({ env: good, file: broken }))).not.toContain('secret"');
    const wrong = fileOf({ sessionKeys: ['the secret'] });
    expect(failure(() => read({ env: good, file: wrong }))).toMatch(
      /sessionKeys\.0 in .* is \(hidden\); it must be a secret of at least 32/,
    );
  });

  test('can be read again: what changed, and what of it needs a restart', () => {
    const bridgeToken = 'a shared secret of the bridges';
    const file = fileOf({ bridges: ['tcp://a:1'], bridgeToken });
    const source = new ConfigSource({ env: {}, file });
    const [key] = source.config.sessionKeys;
    writeFileSync(file, JSON.stringify({ bridges: ['tcp://a:1', 'tcp://b:1'], bridgeToken, port: 1 }));
    expect(source.reload()).toMatchObject({ changed: ['bridges'], needRestart: ['port'] });
    expect(source.config.bridges).toMatchObject({ addresses: [{ host: 'a' }, { host: 'b' }] });
    expect(source.config.sessionKeys).toEqual([key]);
    writeFileSync(file, '{');
    expect(() => source.reload()).toThrow(ConfigError);
    expect(source.config.port).toBe(1);
  });
});

describe('the effective configuration', () => {
  test('tells each setting with its source and hides what is secret', () => {
    const told = describeConfig(
      loadConfig({
        env: { PORT: '7', BRIDGES: 'tcp://a:1', BRIDGE_TOKEN: 'a shared secret of the bridges' },
      }),
    );
    const of = (name: string) => told.find((setting) => setting.name === name);
    expect(of('port')).toMatchObject({ variable: 'PORT', value: 7, source: 'environment' });
    expect(of('bridges')).toMatchObject({ value: ['tcp://a:1'] });
    expect(of('bridgeToken')).toMatchObject({ value: '(hidden)' });
    expect(of('host')).toMatchObject({ value: '127.0.0.1', source: 'default' });
    expect(of('sessionKeys')).toMatchObject({ value: undefined, source: 'default' });
    expect(JSON.stringify(told)).not.toContain('shared secret of the bridges"');
    expect(told.map(({ name }) => name).sort()).toEqual(Object.keys(SETTINGS).sort());
  });

  test('is what README has in its tables', () => {
    const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8');
    expect(readme).toContain(settingsTables());
  });
});

test.each([
  ['port', ['port', 'host'], 'port'],
  ['PRT', ['PORT', 'HOST'], 'PORT'],
  ['alowed_origins', ['allowedOrigins', 'host'], 'allowedOrigins'],
  ['sessoinKeys', ['sessionKeys'], 'sessionKeys'],
  ['colour', ['port', 'host'], undefined],
])('a mistyped name (%s) is taken for the nearest', (word, known, meant) => {
  expect(nearest(word, known)).toBe(meant);
});

describe('embed keys', () => {
  const keys = (...list: object[]): string => JSON.stringify(list);
  const key = { id: 'book', origins: ['https://book.example.org'] };

  test('are a list in JSON', () => {
    expect(readConfig({ ...good, EMBED_KEYS: keys(key) }).admission.embedKeys).toEqual([key]);
  });

  test.each([
    ['no list', '{}'],
    ['no JSON', 'book'],
    ['two with one id', keys(key, key)],
    ['an unknown field', keys({ ...key, colour: 1 })],
    ['an origin with a path', keys({ ...key, origins: ['https://book.example.org/'] })],
    ['a limit below 0', keys({ ...key, total: { sessions: -1 } })],
    ['a signature that nobody fixed', keys({ ...key, token: { secret: 'x'.repeat(32) } })],
    ['a short secret', keys({ ...key, token: { algorithm: 'HS256', secret: 'short' } })],
    [
      'a secret where a public key belongs',
      keys({ ...key, token: { algorithm: 'ES256', secret: 'x'.repeat(32) } }),
    ],
    [
      'a public key that is none',
      keys({
        ...key,
        token: { algorithm: 'ES256', publicKey: '-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----' },
      }),
    ],
  ])('can not be %s', (_, written) => {
    const [problem] = problemsOf({ ...good, EMBED_KEYS: written });
    expect(problem).toMatchObject({ setting: 'EMBED_KEYS', value: '(hidden)' });
  });
});
