/** Pages whose cells share a session, in a real browser: read by many, loaded again, copied and left. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { Page } from 'playwright-core';
import { processesBelow } from '../support/processes.js';
import { useLive } from './live.js';

/** A textbook page: each cell uses what those before it made. */
const CELLS = [
  'R.&lt;x> = QQ[]; p0 = x + 1',
  ...Array.from(
    { length: 28 },
    (_, index) =>
      `p${String(index + 1)} = p${String(index)} * (x + ${String(index + 2)}); p${String(index + 1)}.degree()`,
  ),
  'print(p28(0))',
];

const FACTORIAL_29 = '8841761993739701954543616000000';

const live = useLive();

/** Serves a page with those cells as an author's own site does, until the test ends. @returns its address */
async function authorsPage(cells: string): Promise<string> {
  const author = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(
      `<!doctype html><title>A chapter</title><script type="module" src="${live().url}/sdk/sage-embed.js"></script>${cells}`,
    );
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    author.closeAllConnections();
    author.close();
  });
  await once(author, 'listening');
  return `http://127.0.0.1:${String((author.address() as AddressInfo).port)}/`;
}

interface Told {
  readonly status: string;
  readonly cached: string | false;
  readonly text: string;
}

/** Opens the page as another reader and runs its cells in order, after an edit of one if wanted. */
async function read(url: string, edit?: { readonly cell: number; readonly code: string }): Promise<Told[]> {
  const page: Page = await live().open(url);
  await page.waitForFunction(() => customElements.get('sage-cell') !== undefined);
  const told = await page.evaluate(async (change) => {
    const cells = [...document.querySelectorAll('sage-cell')];
    if (change) cells[change.cell - 1]!.code = change.code;
    const ends = [];
    for (const cell of cells) {
      const { status, cached } = await cell.run();
      const output = cell.shadowRoot?.querySelector('[part~=output]');
      ends.push({ status, cached, text: output?.textContent.trim() ?? '' });
    }
    return ends;
  }, edit);
  await page.close();
  return told;
}

/** Each worker serves one session: whoever was there before and is there still was not used. */
const workers = (): Set<number> => new Set(processesBelow(live().relayPid).map(({ pid }) => pid));

it('a page of thirty linked cells needs Sage for its first reader and for who edits it, and for nobody else', async () => {
  const cells = CELLS.map((code) => `<sage-cell session="chapter">${code}</sage-cell>`).join('\n');
  const url = await authorsPage(cells);

  const first = await read(url);
  expect(first.map(({ status }) => status)).toEqual(CELLS.map(() => 'ok'));
  expect(first.map(({ cached }) => cached)).toEqual(CELLS.map(() => false));
  expect(first.at(-1)?.text).toContain(FACTORIAL_29);

  const before = workers();
  const second = await read(url);
  expect(second.map(({ cached }) => cached)).toEqual(CELLS.map(() => 'memory'));
  expect(second.map(({ text }) => text)).toEqual(first.map(({ text }) => text));
  expect(workers()).toEqual(before);

  const third = await read(url, { cell: 12, code: 'p11 = p10 * (x - 12); p11.degree()' });
  expect(third.map(({ status }) => status)).toEqual(CELLS.map(() => 'ok'));
  expect(third.slice(0, 11).every(({ cached }) => cached === 'memory')).toBe(true);
  expect(third.slice(11).every(({ cached }) => cached === false)).toBe(true);
  expect(third.at(-1)?.text).toContain(`-${FACTORIAL_29}`);
});

const TICKS = [
  'from time import sleep',
  'for i in range(40):',
  '    print("tick", i, flush=True); sleep(float(0.1))',
].join('\n');

const TOLD = Array.from({ length: 40 }, (_, i) => `tick ${String(i)}\n`).join('');

/** Opens a page of three cells, two of them of one session. */
async function open(): Promise<Page> {
  const page = await live().open(
    await authorsPage(
      '<sage-cell session="chapter">x = 1</sage-cell><sage-cell session="chapter">1</sage-cell><sage-cell>2</sage-cell>',
    ),
  );
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
