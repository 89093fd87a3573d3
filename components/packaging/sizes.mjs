/** How much a page loads for each purpose, and how much it may. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/**
 * @typedef {{ type: string, name: string, code: string, fileName: string, isEntry: boolean, imports: string[], dynamicImports: string[] }} Chunk
 * @typedef {Record<string, Chunk>} Bundle
 * @typedef {Record<string, number>} Sizes in kibibytes, gzipped
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MEMORY = join(ROOT, '.cache', 'sdk-sizes.json');

/** Most kibibytes, gzipped, that a page loads for each purpose, everything it imports statically included. */
const BUDGETS = {
  'sage-embed': 25,
  client: 12,
  'output-view': 14,
  sockjs: 18,
  worksheet: 50,
  'interact-panel': 25,
  editor: 140,
  typesetter: 160,
  sanitizer: 15,
};

/** Chunks that are always loaded with another, which counts for itself. @type {Record<string, string>} */
const BESIDE = { 'output-view': 'client' };

/** Purposes that are nearly all libraries: long in building, seldom changed. By their modules, relative to `dist/components`. */
export const HEAVY = {
  sockjs: 'session/sockjs.js',
  editor: 'lazy/editor.js',
  typesetter: 'lazy/typesetter.js',
  sanitizer: 'lazy/sanitizer.js',
};

/** Everything `name` imports statically, itself included. @param {Bundle} bundle @param {string} name @param {Set<string>} [seen] */
function closure(bundle, name, seen = new Set()) {
  const chunk = bundle[name];
  if (seen.has(name) || chunk?.type !== 'chunk') return seen;
  seen.add(name);
  for (const imported of chunk.imports) closure(bundle, imported, seen);
  return seen;
}

/** @param {Bundle} bundle @returns {Sizes} those of its purposes */
export function measure(bundle) {
  const chunks = Object.values(bundle).filter(({ type }) => type === 'chunk');
  const entry = chunks.find(({ isEntry }) => isEntry);
  if (entry === undefined) throw new Error('the bundle has no entry');
  const inEntry = closure(bundle, entry.fileName);
  /** @type {Sizes} */
  const sizes = {};
  for (const purpose of Object.keys(BUDGETS)) {
    const chunk = chunks.find(({ name }) => name === purpose);
    if (chunk === undefined) continue;
    // A lazy chunk costs what the page does not have already: the entry, and whatever asks for the chunk.
    const [first = inEntry, ...others] = chunks
      .filter(({ dynamicImports }) => dynamicImports.includes(chunk.fileName))
      .map(({ fileName }) => closure(bundle, fileName));
    const beside = chunks.find(({ name }) => name === BESIDE[purpose]);
    const isBeside = beside === undefined ? new Set() : closure(bundle, beside.fileName);
    /** @param {string} name */
    const isThere = (name) =>
      inEntry.has(name) ||
      isBeside.has(name) ||
      (first.has(name) && others.every((files) => files.has(name)));
    const files = [...closure(bundle, chunk.fileName)].filter((name) => chunk === entry || !isThere(name));
    const bytes = files.map((name) => gzipSync(bundle[name]?.code ?? '', { level: 9 }).length);
    sizes[purpose] = bytes.reduce((sum, size) => sum + size, 0) / 1_024;
  }
  return sizes;
}

/** Says the sizes. @param {Sizes} sizes @param {(line: string) => void} say @returns {boolean} true if each is known and within its budget */
export function report(sizes, say) {
  let isGood = true;
  say('\n  chunk          gzip KiB   budget');
  for (const [purpose, budget] of Object.entries(BUDGETS)) {
    const size = sizes[purpose] ?? Number.NaN;
    const isWithin = size <= budget;
    isGood &&= isWithin;
    const mark = isWithin ? '' : Number.isNaN(size) ? '  NOT BUILT' : '  TOO LARGE';
    say(`  ${purpose.padEnd(12)} ${size.toFixed(1).padStart(10)} ${String(budget).padStart(8)}${mark}`);
  }
  say('');
  return isGood;
}

/** What the heavy chunks are made of. */
async function originOfHeavy() {
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', 'rollup.config.mjs'])
    hash.update(await readFile(join(ROOT, file)));
  for (const file of Object.values(HEAVY))
    hash.update(await readFile(join(ROOT, 'dist', 'components', file)));
  return hash.digest('hex');
}

/** Keeps the sizes of a whole build. @param {Sizes} sizes */
export async function remember(sizes) {
  await mkdir(dirname(MEMORY), { recursive: true });
  await writeFile(MEMORY, JSON.stringify({ origin: await originOfHeavy(), sizes }));
}

/** @returns {Promise<Sizes | undefined>} sizes of the heavy chunks, if they were built from what is there now */
export async function recall() {
  try {
    const { origin, sizes } = JSON.parse(await readFile(MEMORY, 'utf8'));
    if (origin !== (await originOfHeavy())) return undefined;
    return Object.fromEntries(Object.keys(HEAVY).map((purpose) => [purpose, sizes[purpose]]));
  } catch {
    return undefined;
  }
}
