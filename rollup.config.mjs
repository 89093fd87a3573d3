/**
 * The SDK as pages load it: an ES module entry with lazy chunks, a classic loader, fonts, types, and a list of
 * hashes. Reads what `tsc -b components` wrote to `dist/components`, writes `dist/sdk`.
 */
import { createHash } from 'node:crypto';
import { cp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import commonjs from '@rollup/plugin-commonjs';
import nodeResolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import MagicString from 'magic-string';
import { measure, remember, report } from './components/packaging/sizes.mjs';

const SOURCE = 'dist/components';
const TARGET = 'dist/sdk';
const FONTS = 'node_modules/mathjax-full/es5/output/chtml/fonts/woff-v2';

/** @param {string} text of a style sheet */
const compactStyle = (text) =>
  text
    .replace(/\/\*[^]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,]) ?/g, '$1')
    .replace(/: /g, ':')
    .replace(/;}/g, '}');

/** @param {string} text between the values of a template: white space with a line end in it only indents */
const compactMarkup = (text) => text.replace(/\s*\n\s*/g, ' ');

/** What is written in `css`, `html` and `svg` to be read: pages get it without the blanks. */
const compactTemplates = {
  name: 'compact-templates',
  transform(code, id) {
    if (!id.includes('/dist/components/')) return null;
    const magic = new MagicString(code);
    const visit = (node) => {
      if (node === null || typeof node !== 'object') return;
      if (Array.isArray(node)) return node.forEach(visit);
      if (node.type === 'TaggedTemplateExpression') {
        const compact = { css: compactStyle, html: compactMarkup, svg: compactMarkup }[node.tag.name];
        for (const { start, end, value } of compact ? node.quasi.quasis : []) {
          const text = compact(value.raw);
          if (text !== value.raw) magic.update(start, end, text);
        }
      }
      Object.values(node).forEach(visit);
    };
    visit(this.parse(code));
    return magic.hasChanged() ? { code: magic.toString(), map: magic.generateMap({ hires: true }) } : null;
  },
};

/** sockjs-client asks for Node's environment, and for a logger where that says development. */
const quietSockJS = {
  name: 'quiet-sockjs',
  transform(code, id) {
    if (!id.includes('/sockjs-client/') && !id.includes('/url-parse/')) return null;
    return { code: code.replace(/if \(process\.env\.NODE_ENV !== 'production'\) \{[^}]*\}/g, ''), map: null };
  },
};

const fonts = {
  name: 'fonts',
  async generateBundle() {
    for (const name of await readdir(FONTS)) {
      if (!name.endsWith('.woff')) continue;
      this.emitFile({ type: 'asset', fileName: `fonts/${name}`, source: await readFile(`${FONTS}/${name}`) });
    }
  },
};

/** The page in which outputs with scripts are shut in. */
const framePage = {
  name: 'frame-page',
  async generateBundle() {
    const source = await readFile('components/renderers/frame.html');
    this.emitFile({ type: 'asset', fileName: 'frame.html', source });
  },
};

const types = {
  name: 'types',
  async writeBundle() {
    const isDeclaration = (path) => !/\.[a-z]+$/.test(path) || path.endsWith('.d.ts');
    await rm(`${TARGET}/types`, { recursive: true, force: true });
    await cp(SOURCE, `${TARGET}/types/components`, { recursive: true, filter: isDeclaration });
    await cp('dist/relay/protocol', `${TARGET}/types/relay/protocol`, {
      recursive: true,
      filter: isDeclaration,
    });
  },
};

const sizes = {
  name: 'sizes',
  async generateBundle(_options, bundle) {
    const measured = measure(bundle);
    await remember(measured);
    if (!report(measured, console.log)) this.error('a chunk is larger than its budget');
  },
};

async function integrity(folder, prefix = '') {
  const hashes = {};
  for (const item of await readdir(folder, { withFileTypes: true })) {
    if (item.isDirectory() && item.name !== 'types') {
      Object.assign(hashes, await integrity(`${folder}/${item.name}`, `${prefix}${item.name}/`));
    } else if (/\.(?:js|woff|html)$/.test(item.name)) {
      const hash = createHash('sha384').update(await readFile(`${folder}/${item.name}`));
      hashes[prefix + item.name] = `sha384-${hash.digest('base64')}`;
    }
  }
  return hashes;
}

const integrityList = {
  name: 'integrity-list',
  async writeBundle() {
    await writeFile(`${TARGET}/sri.json`, `${JSON.stringify(await integrity(TARGET), null, 2)}\n`);
  },
};

const clean = {
  name: 'clean',
  async buildStart() {
    await rm(TARGET, { recursive: true, force: true });
  },
};

export const minify = () => terser({ module: true, ecma: 2020, format: { comments: false } });

export default [
  {
    input: { 'sage-embed': `${SOURCE}/define.js` },
    // Chunks take from the entry itself what they share with it: one request less, and it knows where it was loaded from.
    preserveEntrySignatures: 'allow-extension',
    output: {
      dir: TARGET,
      format: 'es',
      entryFileNames: '[name].js',
      // Named after what they are for, not after the file that happens to come first.
      chunkFileNames: 'chunks/[name]-[hash].js',
      manualChunks: { client: [`${SOURCE}/session/shared.js`] },
      sourcemap: true,
    },
    // TypeScript's own helper for decorators asks for a global `this` that modules do not have.
    context: 'globalThis',
    plugins: [
      clean,
      quietSockJS,
      nodeResolve({ browser: true, exportConditions: ['production'] }),
      commonjs(),
      compactTemplates,
      minify(),
      fonts,
      framePage,
      types,
      sizes,
    ],
  },
  {
    input: `${SOURCE}/loader.js`,
    output: { file: `${TARGET}/sage-embed.iife.js`, format: 'iife', sourcemap: true },
    plugins: [terser({ ecma: 2020, format: { comments: false } }), integrityList],
  },
];
