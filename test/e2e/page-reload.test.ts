/** Pages that are loaded again, copied and left, in a real browser: sessions and what ran in them. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import { useLive } from './live.js';

const live = useLive();

const TICKS = [
  'from time import sleep',
  'for i in range(40):',
  '    print("tick", i, flush=True); sleep(float(0.1))',
].join('\n');

const TOLD = Array.from({ length: 40 }, (_, i) => `tick ${String(i)}\n`).join('');

/** Opens a page of three cells, two of them of one session; as a page of an author's own site. */
async function open(): Promise<Page> {
  const body = `<!doctype html><title>A chapter</title><script type="module" src="${live().url}/sdk/sage-embed.js"></script>
    <sage-cell session="chapter">x = 1</sage-cell><sage-cell session="chapter">1</sage-cell><sage-cell>2</sage-cell>`;
  const author = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(body);
  });
  await new Promise<void>((resolve) => author.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    author.closeAllConnections();
    author.close();
  });
  const page = await live().open(`http://127.0.0.1:${String((author.address() as AddressInfo).port)}/`);
  await ready(page);
  return page;
}

const ready = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => customElements.get('sage-cell') !== undefined);

/** Gives a cell code and begins to run it. */
const begin = (page: Page, cell: number, code: string): Promise<void> =>
  page.evaluate(
    ([index, text]) => {
      const element = document.querySelectorAll('sage-cell')[Number(index)]!;
      element.code = String(text);
      void element.run();
    },
    [cell, code],
  );

/** What a cell shows once it has that status. */
async function shown(page: Page, cell: number, status: string): Promise<{ code: string; text: string }> {
  await page.waitForFunction(
    ([index, wanted]) =>
      document.querySelectorAll('sage-cell')[Number(index)]?.getAttribute('status') === wanted,
    [cell, status],
    { timeout: 60_000 },
  );
  return page.evaluate((index) => {
    const element = document.querySelectorAll('sage-cell')[index]!;
    return {
      code: element.code,
      text: element.shadowRoot?.querySelector('[part~=output]')?.textContent ?? '',
    };
  }, cell);
}

async function ran(page: Page, cell: number, code: string): Promise<string> {
  await begin(page, cell, code);
  return (await shown(page, cell, 'done')).text;
}

it('a page that is loaded again goes on with its session: variables, output, what runs and what is asked', async () => {
  const page = await open();
  expect(await ran(page, 0, 'x = 41; print("was", x)')).toBe('was 41\n');
  await begin(page, 1, TICKS);
  await page.getByText('tick 3').waitFor();
  await page.reload();
  await page.getByText('tick 12').waitFor();
  await page.reload();
  expect(await shown(page, 0, 'done')).toEqual({ code: 'x = 41; print("was", x)', text: 'was 41\n' });
  expect(await shown(page, 1, 'done')).toEqual({ code: TICKS, text: TOLD });
  expect(await ran(page, 1, 'print(x)')).toBe('41\n');

  await begin(page, 1, 'print("It is", input("Who? "), input("And? "))');
  await page.getByRole('textbox', { name: 'Who?' }).fill('me');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'And?' }).waitFor();
  await page.reload();
  await page.getByRole('textbox', { name: 'And?' }).fill('you');
  await page.keyboard.press('Enter');
  expect((await shown(page, 1, 'done')).text).toBe('Who? me\nAnd? youIt is me you\n');
});

it('a copy of a page has a session of its own, and the first one keeps its', async () => {
  const page = await open();
  await ran(page, 0, 'mine = 1');
  // A page opened by another begins with a copy of its storage, as a duplicated tab does.
  const [copy] = await Promise.all([
    page.waitForEvent('popup'),
    page.evaluate(() => void window.open(location.href)),
  ]);
  await ready(copy);
  await begin(copy, 1, 'print(mine)');
  expect((await shown(copy, 1, 'error')).text).toContain('NameError');
  expect(await ran(page, 1, 'print(mine + 1)')).toBe('2\n');
});

it('a session that was ended is not gone on with, and one that is lost meanwhile is said to be', async () => {
  const page = await open();
  await ran(page, 0, 'mine = 1');
  await page.evaluate(() => document.querySelector('sage-cell')?.restart());
  await page.reload();
  await ready(page);
  await begin(page, 1, 'print(mine)');
  expect((await shown(page, 1, 'error')).text).toContain('NameError');

  await ran(page, 0, 'y = 2; print(y)');
  await page.evaluate(() => {
    addEventListener('pagehide', () => {
      const name = Object.keys(sessionStorage).find((key) => key.startsWith('sage-embed'))!;
      const kept = sessionStorage.getItem(name)!;
      // As if a relay of another key had signed it.
      sessionStorage.setItem(name, kept.replace(/"token":"[^"]{8}/, '"token":"AAAAAAAA'));
    });
  });
  await page.reload();
  expect((await shown(page, 0, 'dead')).text).toBe('2\n');
  expect(await ran(page, 1, 'print(3)')).toBe('3\n');
});
