import { expect, onTestFinished, test, vi } from 'vitest';
import { LocalBridge } from '../../../../relay/bridges/local-bridge.js';
import type { Log } from '../../../../relay/observe/log.js';

/** In the place of Sage's Python: says this on standard error and stays until it is stopped. */
const says = (lines: readonly string[]): string[] => [
  process.execPath,
  '-e',
  `console.error(${JSON.stringify(lines.join('\n'))}); setInterval(() => 1, 1_000);`,
  '--',
];

test('what a bridge says is logged as it is meant: an operator must not miss its warnings', async () => {
  const heard: [string, string][] = [];
  const hear =
    (level: string) =>
    ({ stderr }: { stderr?: string }): void => {
      if (stderr !== undefined) heard.push([level, stderr]);
    };
  const log = { debug: hear('debug'), info: hear('info'), warn: hear('warn'), error: hear('error') };
  const lines = [
    '{"time": 1.5, "level": "warn", "message": "no worker can be started"}',
    '{"time": 2, "level": "info", "message": "stopped"}',
    '{"time": 3, "level": "fatal", "message": "of somebody else"}',
    'RuntimeWarning: Sage is talking',
  ];
  const bridge = new LocalBridge({
    python: says(lines),
    packageDir: '/nowhere',
    env: {},
    sandbox: 'off',
    log: { ...log, child: () => log } as unknown as Log,
    onUp: () => undefined,
    onReady: () => undefined,
    onDown: () => undefined,
  });
  onTestFinished(() => bridge.close());
  await vi.waitFor(
    () => {
      expect(heard).toEqual([
        ['warn', lines[0]],
        ['info', lines[1]],
        ['debug', lines[2]],
        ['debug', lines[3]],
      ]);
    },
    { timeout: 10_000 },
  );
});
