import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from '../../../relay/config.js';

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
      allowedOrigins: 'local',
      logLevel: 'info',
    });
    expect(config.bridges).toMatchObject({ kind: 'local', python: ['/usr/bin/python3'] });
    expect(config.sessionKeys[0]!.length).toBeGreaterThanOrEqual(32);
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
      addresses: [
        { kind: 'tcp', host: 'sage-1', port: 6_000 },
        { kind: 'tcp', host: '::1', port: 6_001 },
        { kind: 'unix', path: '/run/bridge.sock' },
      ],
    });
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
    expect(readConfig({ ...good, HOST: '0.0.0.0', ALLOWED_ORIGINS: '*' }).allowedOrigins).toBe('*');
  });
});
