/** What `npm pack` makes: what others install. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHash } from 'node:crypto';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let folder = '';
let installed = '';
let tarball: Buffer;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sage-embed-package-'));
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ) as [{ filename: string }];
  tarball = readFileSync(join(folder, filename));
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', folder]);
  installed = join(folder, 'node_modules', 'sage-embed');
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(join(folder, 'package'), installed);
  // What it depends on, as it would be installed beside it.
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'package', 'node_modules'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the package', () => {
  it('is what publint finds good', async () => {
    const buffer = tarball.buffer.slice(
      tarball.byteOffset,
      tarball.byteOffset + tarball.byteLength,
    ) as ArrayBuffer;
    const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it('has types that a strict program compiles against, for plain pages and for frameworks', () => {
    // Stand-ins for the frameworks, which a user of them has.
    const stubs = {
      react: `export type Key = string | number;
        export interface HTMLAttributes<T> { lang?: string | undefined; className?: string; onClick?: (event: T) => void }
        export type DetailedHTMLProps<E, T> = E & { ref?: (element: T | null) => void; key?: Key };
        export namespace JSX { interface IntrinsicElements { div: HTMLAttributes<HTMLDivElement> } }`,
      vue: 'export interface GlobalComponents { known: true } export type DefineComponent<P> = new () => { $props: P };',
    };
    for (const [name, text] of Object.entries(stubs)) {
      mkdirSync(join(folder, 'node_modules', name), { recursive: true });
      writeFileSync(join(folder, 'node_modules', name, 'index.d.ts'), text);
      writeFileSync(
        join(folder, 'node_modules', name, 'package.json'),
        JSON.stringify({ name, types: 'index.d.ts' }),
      );
    }
    const program = `
      import { SageCell, SageDoneEvent, type CellStatus } from 'sage-embed';
      import type { SageCellAttributes } from 'sage-embed/react';
      import type {} from 'sage-embed/vue';
      import type { JSX } from 'react';
      import type { GlobalComponents } from 'vue';
      const cell: SageCell = document.createElement('sage-cell');
      cell.maxLines = 12;
      cell.addEventListener('sage-done', (event: SageDoneEvent) => { const status: string = event.result.status; void status; });
      const status: CellStatus = cell.status;
      export const attributes: SageCellAttributes = { language: 'gap', 'line-numbers': true };
      export const element: JSX.IntrinsicElements['sage-cell'] = { session: 's', ref: (found) => void found?.run() };
      // @ts-expect-error -- a number is no language
      export const wrong: SageCellAttributes = { language: 3 };
      export type Props = InstanceType<GlobalComponents['sage-cell']>['$props'];
      export { status };`;
    writeFileSync(join(folder, 'program.ts'), program);
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          noEmit: true,
          module: 'NodeNext',
          target: 'ES2023',
          lib: ['ES2023', 'DOM', 'DOM.Iterable'],
          types: [],
          skipLibCheck: true,
          preserveSymlinks: false,
        },
        files: ['program.ts'],
      }),
    );
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
    let errors = '';
    try {
      execFileSync(join(ROOT, 'node_modules', '.bin', 'tsc'), ['-p', folder], { encoding: 'utf8' });
    } catch (error) {
      errors = (error as { stdout: string }).stdout;
    }
    expect(errors).toBe('');
  });

  it('lists a hash for every file a page loads, and the hash is right', () => {
    const read = (path: string): Buffer => readFileSync(join(installed, 'dist', 'sdk', path));
    const hashes = JSON.parse(read('sri.json').toString()) as Record<string, string>;
    expect(Object.keys(hashes)).toEqual(
      expect.arrayContaining(['sage-embed.js', 'sage-embed.iife.js', 'frame.html']),
    );
    for (const [path, hash] of Object.entries(hashes)) {
      expect(`sha384-${createHash('sha384').update(read(path)).digest('base64')}`, path).toBe(hash);
    }
  });

  it.each(['sage-cell', 'sage-worksheet'])('describes every attribute and event of %s', (tag) => {
    const manifest = JSON.parse(
      readFileSync(join(installed, 'components/packaging/custom-elements.json'), 'utf8'),
    ) as {
      modules: {
        declarations: {
          tagName?: string;
          attributes: { name: string; description?: string }[];
          events?: { name: string }[];
        }[];
      }[];
    };
    const element = manifest.modules
      .flatMap(({ declarations }) => declarations)
      .find(({ tagName }) => tagName === tag);
    const source = readFileSync(join(ROOT, `components/${tag}.ts`), 'utf8');
    const documented = (kind: string): (string | undefined)[] =>
      [...source.matchAll(new RegExp(`@${kind} \\{.*?\\} ([a-z-]+) -`, 'g'))].map(([, name]) => name).sort();
    expect(element?.attributes.map(({ name }) => name).sort()).toEqual(documented('attr'));
    expect(element?.attributes.filter(({ description }) => !description)).toEqual([]);
    expect(element?.events?.map(({ name }) => name).sort()).toEqual(documented('event'));
  });
});
