/**
 * `npm run check`: everything that can be told without Sage or a browser, in under a minute.
 * Runs all parts even if one fails, two at a time, and prints the output of those that failed.
 * `--without PART` leaves a part out, for who runs that one by itself.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../relay/launch/paths.mjs';
import { findRuff } from '../relay/launch/python-tools.mjs';
import { launch, say } from '../relay/launch/step.mjs';

/** @param {string} name */
const bin = (name) => join(ROOT, 'node_modules', '.bin', name);

/** Parts that build come first; those of one group run side by side. @param {string} ruff @returns {Record<string, string[]>[]} */
const groups = (ruff) => [
  {
    types: [bin('tsc'), '-b'],
    format: [bin('prettier'), '--check', '--log-level=warn', '.'],
  },
  {
    lint: [
      bin('eslint'),
      '--config',
      '.config/eslint.config.mjs',
      '--max-warnings=0',
      '--cache',
      '--cache-location',
      '.cache/eslint',
      '.',
    ],
    'dependency rules': [
      bin('depcruise'),
      '--config',
      '.config/dependency-cruiser.cjs',
      '--output-type',
      'err',
      'relay',
      'components',
    ],
    knip: [bin('knip'), '--config', '.config/knip.json', '--no-progress'],
    'schema fresh': [process.execPath, 'dist/relay/write-schema.js', '--check'],
    sizes: [process.execPath, 'components/packaging/check-sizes.mjs'],
    'manifest fresh': [process.execPath, 'components/packaging/write-manifest.mjs', '--check'],
    'python lint': [
      ruff,
      'check',
      '--quiet',
      '--config',
      'sage-bridge/pyproject.toml',
      'sage-bridge',
      'test/bridge',
      'test/bench',
    ],
    'python format': [
      ruff,
      'format',
      '--quiet',
      '--check',
      '--config',
      'sage-bridge/pyproject.toml',
      'sage-bridge',
      'test/bridge',
      'test/bench',
    ],
    unit: [bin('vitest'), 'run', '--config', 'test/vitest.config.ts', '--project', 'unit', '--reporter=dot'],
  },
];

/** At most this many at a time: the machines this runs on have two cores. */
const PARALLEL = 2;

/** @param {string} name @param {string[]} argv @returns {Promise<boolean>} */
function part(name, [command = '', ...args]) {
  const start = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    /** @param {Buffer} chunk */
    const collect = (chunk) => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => {
      output += error.message;
    });
    child.once('close', (code) => {
      const seconds = ((performance.now() - start) / 1_000).toFixed(1);
      say(`${code === 0 ? '✓' : '✗'} ${name} (${seconds} s)`);
      if (code !== 0) say(output.replace(/^/gm, '    '));
      resolve(code === 0);
    });
  });
}

launch(async () => {
  const { values } = parseArgs({ options: { without: { type: 'string', multiple: true, default: [] } } });
  const ruff = await findRuff();
  let good = true;
  for (const group of groups(ruff)) {
    const waiting = Object.entries(group).filter(([name]) => !values.without.includes(name));
    const lane = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) good = (await part(...next)) && good;
    };
    await Promise.all(Array.from({ length: PARALLEL }, lane));
  }
  return good ? 0 : 1;
});
