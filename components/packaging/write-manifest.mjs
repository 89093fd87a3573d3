/**
 * `npm run manifest`: what editors and frameworks know of the elements, made from the docblocks of the element classes:
 * custom-elements.json, HTML data for VS Code, typings for React, Vue and Svelte. With `--check` writes nothing and
 * fails if what is there is not what would be written.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { DEFAULTABLE as OF_THE_PAGE } from '../../dist/components/options.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** @type {readonly string[]} */
const DEFAULTABLE = OF_THE_PAGE;

/** What elements inherit that is theirs. */
const BASES = ['components/cell/attributes.ts'];

const ELEMENTS = ['components/sage-cell.ts', 'components/sage-config.ts', 'components/sage-worksheet.ts'];

/**
 * @typedef {{ name?: string, description?: string, summary?: string, type?: { text: string }, fieldName?: string,
 *   privacy?: string, kind?: string, inheritedFrom?: object }} Part
 * @typedef {{ name: string, kind: string, tagName?: string, customElement?: boolean, description?: string,
 *   summary?: string, attributes?: Part[], members?: Part[], events?: Part[], cssProperties?: Part[], cssParts?: Part[],
 *   slots?: Part[] }} Declaration
 * @typedef {{ schemaVersion: string, modules: { path: string, declarations: Declaration[] }[] }} Manifest
 */

/** @returns {Manifest} */
function analyse() {
  const folder = mkdtempSync(join(tmpdir(), 'manifest-'));
  try {
    const cem = join(ROOT, 'node_modules', '.bin', 'cem');
    const config = join(folder, 'config.mjs');
    // Paths count from where it runs. Its notion of Lit's decorators does not cover ours; the docblocks say everything.
    const options = {
      globs: [...ELEMENTS, ...BASES],
      outdir: relative(ROOT, folder),
      packagejson: false,
      quiet: true,
    };
    writeFileSync(config, `export default ${JSON.stringify(options)};\n`);
    const argv = ['analyze', '--config', relative(ROOT, config)];
    const { status, stderr, stdout } = spawnSync(cem, argv, {
      cwd: ROOT,
      encoding: 'utf8',
      timeout: 120_000,
    });
    if (status !== 0) throw new Error(`cem analyze ended with ${String(status)}:\n${stdout}${stderr}`);
    const text = readFileSync(join(folder, 'custom-elements.json'), 'utf8');
    return /** @type {Manifest} */ (JSON.parse(text));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const TAGS = /** @type {Record<string, string>} */ ({
  SageCell: 'sage-cell',
  SageConfig: 'sage-config',
  SageWorksheet: 'sage-worksheet',
});

/** Keeps what is public; the tags are registered in `define`, apart from the classes. @param {Manifest} manifest */
function publicPart(manifest) {
  manifest.modules = manifest.modules.filter(({ path }) => !BASES.includes(path));
  for (const module of manifest.modules) {
    module.path = module.path.replace(/\.ts$/, '.js');
    for (const declaration of module.declarations) {
      const tag = TAGS[declaration.name];
      if (tag === undefined) continue;
      declaration.customElement = true;
      declaration.tagName = tag;
      declaration.members = declaration.members?.filter(
        ({ name = '', privacy, description = '' }) =>
          privacy === undefined &&
          !name.startsWith('#') &&
          !description.includes('@internal') &&
          !INTERNAL.has(name),
      );
      for (const part of [...(declaration.members ?? []), ...(declaration.attributes ?? [])]) {
        delete part.inheritedFrom;
      }
      declaration.description ||= declaration.summary ?? '';
      declaration.events = declaration.events?.filter(({ name = '' }) => name.startsWith('sage-'));
      declaration.attributes = described(declaration);
    }
  }
  const declarations = manifest.modules.flatMap(({ declarations: all }) => all);
  const cell = declarations.find(({ tagName }) => tagName === 'sage-cell');
  const config = declarations.find(({ tagName }) => tagName === 'sage-config');
  // What a page can say for all its cells is said in the cell's own words.
  const defaults = cell?.attributes?.filter(({ name = '' }) => DEFAULTABLE.includes(name)) ?? [];
  if (config) config.attributes = [...defaults, ...(config.attributes ?? [])];
  return manifest;
}

/** Members that the parts of a cell tell each other, and those of Lit. */
const INTERNAL = new Set([
  'className',
  'strings',
  'statusChanged',
  'outputCame',
  'runRestarted',
  'runFailed',
  'runDone',
  'observedAttributes',
  'styles',
  'attributeChangedCallback',
  'connectedCallback',
  'disconnectedCallback',
]);

/** The attributes of the docblock; the analyser lists those of decorated fields a second time. @param {Declaration} declaration */
function described({ attributes = [] }) {
  /** @type {Map<string, Part>} */
  const byName = new Map();
  for (const attribute of attributes) {
    const name = attribute.name ?? attribute.fieldName ?? '';
    if (attribute.description === undefined && byName.has(name)) continue;
    const before = byName.get(name);
    byName.set(name, {
      ...before,
      ...attribute,
      ...(before?.description && { description: before.description }),
    });
  }
  return [...byName.values()].filter(({ name }) => name);
}

/** @param {Part | undefined} part */
const isFlag = (part) => part?.type?.text === 'boolean';

/** @param {Declaration[]} elements */
const vsCodeData = (elements) => ({
  version: 1.1,
  tags: elements.map(({ tagName, description, attributes = [] }) => ({
    name: tagName,
    description,
    attributes: attributes.map((attribute) => ({
      name: attribute.name,
      description: attribute.description,
      ...(isFlag(attribute) && { valueSet: 'v' }),
    })),
  })),
});

/** @param {Declaration} element @param {(name: string) => string} quote */
const attributeTypes = ({ attributes = [] }, quote) =>
  attributes
    // A key is React's own, and no attribute there.
    .filter(({ name }) => name !== 'key')
    .map((attribute) => {
      const type = isFlag(attribute)
        ? 'boolean'
        : attribute.type?.text === 'number'
          ? 'number | string'
          : 'string';
      return `  /** ${attribute.description ?? ''} */\n  ${quote(attribute.name ?? '')}?: ${type} | undefined;`;
    })
    .join('\n');

/** @param {Declaration[]} elements */
function typings(elements) {
  /** @param {string} name */
  const quote = (name) => (/^\w+$/.test(name) ? name : `'${name}'`);
  /** @param {(element: Declaration) => string} props */
  const tags = (props) =>
    elements.map((element) => `'${element.tagName ?? ''}': ${props(element)};`).join('\n');
  const interfaces = elements
    .map((element) => `export interface ${element.name}Attributes {\n${attributeTypes(element, quote)}\n}`)
    .join('\n\n');
  const head = (/** @type {string} */ what) => `/** ${what} Generated from the elements; do not edit. */\n`;
  return {
    'react.d.ts': `${head('The elements in JSX, for React 19.')}import type { DetailedHTMLProps, HTMLAttributes } from 'react';
import type { ${elements.map(({ name }) => name).join(', ')} } from 'sage-embed';

${interfaces}

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      ${tags(({ name }) => `DetailedHTMLProps<Omit<HTMLAttributes<${name}>, keyof ${name}Attributes>, ${name}> & ${name}Attributes`)}
    }
  }
}
`,
    'vue.d.ts': `${head('The elements in the templates of Vue 3.')}import type { DefineComponent } from 'vue';

${interfaces}

declare module 'vue' {
  interface GlobalComponents {
    ${tags(({ name }) => `DefineComponent<${name}Attributes>`)}
  }
}
`,
    'svelte.d.ts': `${head('The elements in Svelte.')}import type { HTMLAttributes } from 'svelte/elements';
import type { ${elements.map(({ name }) => name).join(', ')} } from 'sage-embed';

${interfaces}

declare module 'svelte/elements' {
  export interface SvelteHTMLElements {
    ${tags(({ name }) => `Omit<HTMLAttributes<${name}>, keyof ${name}Attributes> & ${name}Attributes`)}
  }
}
`,
  };
}

const manifest = publicPart(analyse());
const elements = manifest.modules.flatMap(({ declarations }) =>
  declarations.filter(({ tagName }) => tagName),
);
const files = {
  'custom-elements.json': JSON.stringify(manifest),
  'vscode.html-data.json': JSON.stringify(vsCodeData(elements)),
  ...typings(elements),
};

const stale = [];
for (const [name, text] of Object.entries(files)) {
  const path = join(ROOT, 'components', 'packaging', name);
  const options = {
    parser: name.endsWith('.json') ? 'json' : 'typescript',
    printWidth: 110,
    singleQuote: true,
  };
  const fresh = await format(text, options);
  let present = '';
  try {
    present = readFileSync(path, 'utf8');
  } catch {
    // Not written yet.
  }
  if (present === fresh) continue;
  stale.push(name);
  if (!process.argv.includes('--check')) writeFileSync(path, fresh);
}
if (process.argv.includes('--check') && stale.length > 0) {
  console.error(`Not what the elements say: ${stale.join(', ')}. Run npm run manifest.`);
  process.exitCode = 1;
}
