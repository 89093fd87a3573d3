import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Page } from 'playwright-core';
import type { SageCell } from '../../components/index.js';
import type { Output } from '../../relay/protocol/index.js';
import { useLive } from './live.js';

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');

const readme = read('README.md');
const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(([, text]) => text ?? '');

const live = useLive();

/** The snippets as an author would paste them, with the address of the relay of this test. */
const here = (text: string): string => text.replaceAll(/(http:\/\/)?localhost:8080/g, live().url);

/** A page of somebody else's server with that in it, whose cells are there. */
async function authorsPage(body: string): Promise<Page> {
  const author = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><title>A page of the author’s own</title>${here(body)}`);
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void author.close());
  await once(author, 'listening');
  const { port } = author.address() as AddressInfo;
  const page = await live().open(`http://127.0.0.1:${String(port)}/`);
  await page.waitForFunction(() => customElements.get('sage-cell') !== undefined);
  return page;
}

describe('the snippets of the README', () => {
  it('are live cells in a page of the author’s own, and compute', async () => {
    const page = await authorsPage(blocks('html').join('\n'));
    const cells = page.locator('sage-cell');
    expect(await cells.count()).toBe(6);
    const outputs: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      const status = await cells.nth(index).evaluate(async (cell) => (await (cell as SageCell).run()).status);
      expect(status).toBe('ok');
      outputs.push(await cells.nth(index).locator('.output').innerText());
    }
    expect(outputs.map((text) => text.trim())).toEqual([
      '170141183460469231731687303715884105727',
      '1 1\n2 3\n3 7',
      '',
      '42',
      '193707721 * 761838257287',
    ]);
    await page.close();
  });

  it('are an interact that readers and scripts move', async () => {
    const [script = '', ...cells] = blocks('html');
    const page = await authorsPage(script.replace(/<sage-cell>.*<\/sage-cell>/, '') + (cells.at(-1) ?? ''));
    const cell = page.locator('sage-cell');
    expect(await cell.evaluate(async (node) => (await (node as SageCell).run()).status)).toBe('ok');
    const slider = cell.getByRole('slider');
    await slider.waitFor();
    expect(await slider.getAttribute('aria-valuetext')).toBe('1');
    await page.evaluate(blocks('js').find((text) => text.includes('.interacts')) ?? '');
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toBe('4');
    await page.close();
  });

  it('compute from a shell', () => {
    const commands = blocks('sh')
      .join('\n')
      .split('\n')
      .filter((line) => line.startsWith('curl'));
    expect(commands).toHaveLength(2);
    const answers = commands.map(
      (line) => JSON.parse(execFileSync('sh', ['-c', here(line)], { encoding: 'utf8' })) as object,
    );
    expect(answers[0]).toMatchObject({
      status: 'ok',
      outputs: [{ kind: 'display', data: { 'text/plain': expect.stringContaining('sin(2*x)') as string } }],
    });
    expect(answers[1]).toMatchObject({ stdout: '42\n', success: true });
  });

  it('compute in a program', () => {
    const program = blocks('js').find((text) => text.includes('sage-embed/client')) ?? '';
    const file = fileURLToPath(new URL('../../dist/readme-program.mjs', import.meta.url));
    writeFileSync(file, here(program));
    onTestFinished(() => {
      rmSync(file);
    });
    const printed = execFileSync(process.execPath, [file], { encoding: 'utf8' });
    expect(printed).toContain("kind: 'stream'");
    expect(printed).toContain('4562284561');
    expect(printed).toMatch(/\nok\n42\n\n$/);
  });

  it('compute from the command line', () => {
    const main = fileURLToPath(new URL('../../dist/relay/cli/main.js', import.meta.url));
    const exec = blocks('sh')
      .join('\n')
      .split('\n')
      .find((line) => line.startsWith("sage-embed exec '"));
    const command = exec!.replace('sage-embed', `"${process.execPath}" "${main}"`);
    const env = { ...process.env, SAGE_EMBED_SERVER: live().url };
    expect(execFileSync('sh', ['-c', command], { encoding: 'utf8', env })).toBe(
      '170141183460469231731687303715884105727\n',
    );
  });

  it('compute in a cell', async () => {
    for (const code of blocks('python')) {
      const answer = await fetch(`${live().url}/api/v1/execute`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code, wait: 30 }),
      });
      const { status, outputs } = (await answer.json()) as { status: string; outputs: Output[] };
      expect([code, status, outputs[0]?.kind]).toEqual([code, 'ok', 'display']);
    }
  });

  it.each([
    ['sage-cell', '## Embed', '### A worksheet', []],
    ['sage-worksheet', '### A worksheet', '## Compute', ['key', 'label', 'lang', 'server', 'session']],
  ])('name exactly the attributes of %s and its events', (name, from, to, likeCells) => {
    const element = read(`components/${name}.ts`);
    const attributes = [...element.matchAll(/@attr \{.*?\} ([a-z-]+) -/g)].map(([, attribute]) => attribute);
    const section = readme.split(from)[1]?.split(to)[0] ?? '';
    const named = [...section.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, attribute]) => attribute);
    expect([...named, ...likeCells].sort()).toEqual(attributes.sort());
    const events = [...element.matchAll(/@event \{.*?\} ([a-z-]+) -/g)].map(([, event]) => event ?? '');
    for (const event of events) expect(section).toContain(`\`${event}\``);
  });
});
