/** What a page has to load: sizes of the built SDK. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ROOT } from '../../../relay/launch/paths.mjs';

/** @param {string} file */
const gzippedKB = (file) => gzipSync(readFileSync(file), { level: 9 }).length / 1_024;

/** @param {import('../run.mjs').Context} context */
export function measure({ figures }) {
  const sdk = join(ROOT, 'dist/sdk');
  const entry = readFileSync(join(sdk, 'sage-embed.js'), 'utf8');
  const statics = [...entry.matchAll(/(?:from|import)\s*["']\.\/([^"']+)["']/g)].map(
    ([, file]) => file ?? '',
  );
  const total = ['sage-embed.js', ...statics].reduce((sum, file) => sum + gzippedKB(join(sdk, file)), 0);
  figures.add('entry and what it imports at once, gzip', total, 'kB', '≤ 25');
  for (const file of readdirSync(join(sdk, 'chunks')).filter((name) => name.endsWith('.js'))) {
    figures.add(`chunk ${file}, gzip`, gzippedKB(join(sdk, 'chunks', file)), 'kB');
  }
  return Promise.resolve();
}
