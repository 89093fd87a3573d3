/** The demo pages that show cells in the places where authors put them. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Locator, Page } from 'playwright-core';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import type { SageCell } from '../../components/index.js';
import { useLive } from './live.js';

const live = useLive();

const MATHJAX = dirname(createRequire(import.meta.url).resolve('mathjax-full/package.json'));

/** Opens a demo page, with MathJax from the installed package where the page takes it from a CDN. */
async function openDemo(name: string, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const page = await live().open('/healthz');
  onTestFinished(() => page.close());
  await page.emulateMedia({ colorScheme });
  await page.route(/^https:\/\/cdn\.jsdelivr\.net\/npm\/mathjax@[\d.]+\//, (route) => {
    const path = new URL(route.request().url()).pathname.replace(/^\/npm\/mathjax@[\d.]+\//, '');
    const type = path.endsWith('.js') ? 'text/javascript' : 'font/woff';
    return route.fulfill({
      body: readFileSync(join(MATHJAX, path)),
      contentType: type,
      headers: { 'access-control-allow-origin': '*' },
    });
  });
  await page.goto(`${live().url}/demo/${name}`);
  await page.waitForFunction(() => customElements.get('sage-cell'));
  return page;
}

async function run(cell: Locator): Promise<string> {
  await cell.getByRole('button', { name: 'Run', exact: true }).click();
  let status = '';
  await expect
    .poll(async () => (status = (await cell.getAttribute('status')) ?? ''), { timeout: 30_000, interval: 50 })
    .toMatch(/^(?:done|error|dead)$/);
  return status;
}

const output = (cell: Locator): Locator => cell.locator('.output');

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: inPage } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations: found } = await inPage.run();
    return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);
  });
}

describe('the textbook chapter', () => {
  it('of sixty linked cells loads one script, computes as a whole, and typesets with the MathJax of the page', async () => {
    const page = await openDemo('textbook.html');
    const cells = page.locator('sage-cell:not([setup])');
    expect(await cells.count()).toBe(60);
    const loaded = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .map(({ name }) => new URL(name).pathname)
        .filter((path) => path.startsWith('/sdk/')),
    );
    expect(loaded).toEqual(['/sdk/sage-embed.js']);
    await page.waitForFunction(() => document.querySelector('main > p mjx-container'));
    expect(await violations(page)).toEqual([]);
    const good = await page
      .locator('sage-cell')
      .nth(1)
      .evaluate((cell) => (cell as SageCell).runAll());
    const failed = await page.locator('sage-cell[status=error] .output').allInnerTexts();
    expect(failed).toEqual([]);
    expect(good).toBe(true);
    await cells.last().locator('mjx-container').waitFor();
    const typesetters = await page.evaluate(
      () => performance.getEntriesByType('resource').filter(({ name }) => name.includes('typesetter')).length,
    );
    expect(typesetters).toBe(0);
    // A page with results of sixty computations still scrolls: nothing sticks out of it.
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  }, 120_000);
});

describe('the slides', () => {
  it('edit and run at any scale', async () => {
    const page = await openDemo('slides.html');
    for (const width of [600, 1_600]) {
      await page.setViewportSize({ width, height: Math.round((width * 9) / 16) });
      const cell = page.locator('section.is-shown sage-cell');
      await cell.locator('.code').click();
      await cell.locator('textarea').fill(`${String(width)} + 1`);
      expect(await run(cell)).toBe('done');
      expect((await output(cell).innerText()).trim()).toBe(String(width + 1));
    }
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press('ArrowRight');
    const plot = page.locator('section.is-shown sage-cell');
    expect(await run(plot)).toBe('done');
    await output(plot).locator('img').waitFor();
    expect(await plot.locator('.code').isVisible()).toBe(false);
  });
});

describe('the dark page', () => {
  it('has cells in its colours, in their own, and in light ones where the author says so', async () => {
    const page = await openDemo('dark.html');
    const surface = (id: string): Promise<string> =>
      page.locator(`#${id} .cell`).evaluate((node) => getComputedStyle(node).backgroundColor);
    const dark = [await surface('plain'), await surface('themed'), await surface('light')];
    expect(dark).toEqual(['rgb(22, 26, 23)', 'rgb(26, 16, 37)', 'rgb(255, 255, 255)']);
    expect(await run(page.locator('#plain'))).toBe('done');
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Light or dark' }).click();
    expect(await surface('plain')).toBe('rgb(255, 255, 255)');
  });
});

describe('the page with a strict policy', () => {
  it('shows tables, plots, formulas and outputs with scripts without breaking it', async () => {
    const page = await openDemo('strict.html');
    for (const id of ['table', 'plot', 'formula', 'script'])
      expect(await run(page.locator(`#${id}`))).toBe('done');
    await output(page.locator('#plot')).locator('img').waitFor();
    await output(page.locator('#formula')).locator('mjx-container').waitFor();
    const frame = page.locator('#script').frameLocator('iframe');
    await expect.poll(() => frame.locator('p').innerText()).toBe('6 times 7 is 42');
    // What the policy refuses is an error of the console, and those fail the suite below.
  });
});

describe('the page without a server', () => {
  it('shows its stored outputs, before and after somebody tried to run', async () => {
    const page = await openDemo('offline.html');
    const number = page.locator('#number .stored').getByText('193707721 * 761838257287');
    await number.waitFor();
    await page.locator('#formula .stored math').waitFor();
    const picture = page.locator('#plot .stored img');
    expect(await picture.evaluate((image: HTMLImageElement) => image.decode().then(() => image.width))).toBe(
      Number(await picture.getAttribute('width')),
    );
    expect(await violations(page)).toEqual([]);
    await page.locator('#number').getByRole('button', { name: 'Run', exact: true }).click();
    await page.locator('#number').getByText('Connecting…').waitFor();
    expect(await number.isVisible()).toBe(true);
    await page.locator('#number').getByRole('button', { name: 'Stop' }).click();
    await expect.poll(() => page.locator('#number').getAttribute('status')).toBe('done');
    expect(await number.isVisible()).toBe(true);
    live().problems.splice(0);
  });

  it('can be read from a disk, without scripts, and has the outputs of its code', async () => {
    const file = fileURLToPath(new URL('../../demo/offline.html', import.meta.url));
    const page = await live().open('/healthz', { javaScriptEnabled: false });
    onTestFinished(() => page.close());
    await page.setContent(readFileSync(file, 'utf8'));
    for (const text of ['193707721 * 761838257287', '5 31']) {
      expect(await page.getByText(text).isVisible()).toBe(true);
    }
    expect(await page.locator('math').isVisible()).toBe(true);
    const box = await page.locator('img').boundingBox();
    expect(box?.width).toBeGreaterThan(100);
    const main = fileURLToPath(new URL('../../dist/relay/cli/main.js', import.meta.url));
    expect(execFileSync(process.execPath, [main, 'prerender', '--check', file], { encoding: 'utf8' })).toBe(
      '',
    );
  });
});

describe('the course page', () => {
  it('has live cells above the fold, in hidden tabs and in what comes late, from a script included twice', async () => {
    const page = await openDemo('moodle.html');
    expect(await run(page.locator('#first'))).toBe('done');
    expect((await output(page.locator('#first')).innerText()).trim()).toBe('1');
    await page.getByRole('tab', { name: 'Solution' }).click();
    expect(await run(page.locator('#hidden'))).toBe('done');
    expect((await output(page.locator('#hidden')).innerText()).trim()).toBe('True');
    await page.getByRole('button', { name: 'Load the forum post' }).click();
    expect(await run(page.locator('#posted'))).toBe('done');
    expect(await output(page.locator('#posted')).innerText()).toContain('[ 4 -1]');
    expect(await page.evaluate(() => 'definedAmd' in window)).toBe(false);
    expect(await violations(page)).toEqual([]);
  });
});

afterAll(() => {
  expect(live().problems).toEqual([]);
});
