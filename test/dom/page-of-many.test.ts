/** Pages that ask much: hundreds of cells, two versions of the script. */
import { describe, expect, it } from 'vitest';
import type { SageCell } from '../../components/index.js';
import { cell, ended, open, openPage, outputText, run, useBrowser } from './browser.js';

useBrowser();

/** Most that two hundred cells may add to a page before one of them is used, bytes of JavaScript heap. */
const MAX_HEAP = 40_000_000;

const HEAD = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title>';

describe('a page with two hundred cells', () => {
  it('stands still while it loads, is cheap until somebody runs, and runs over one connection', async () => {
    const { page, relay } = await openPage();
    relay.script = (r) => {
      r.print(`${r.code}!\n`);
      r.done();
    };
    await page.addInitScript(() => {
      const seen = { shift: 0, slowest: 0 };
      Object.assign(window, { seen });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) seen.shift += (entry as unknown as { value: number }).value;
      }).observe({ type: 'layout-shift', buffered: true });
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) seen.slowest = Math.max(seen.slowest, duration);
      }).observe({ type: 'longtask', buffered: true });
    });
    const cells = Array.from({ length: 200 }, (_, n) => {
      const collapsed = n % 10 === 9 ? ' collapsed' : '';
      return `<p>Paragraph ${String(n)}</p><sage-cell session="s${String(n % 4)}" label="Cell ${String(n)}"${collapsed}><pre>print(${String(n)})\nfor k in range(3): pass</pre></sage-cell>`;
    }).join('\n');
    await page.goto(
      relay.page(
        '/many',
        `${HEAD}<script type="module" blocking="render" src="/sdk/sage-embed.js"></script></head><body><main><h1>Many</h1>${cells}</main></body></html>`,
      ),
    );
    await page.waitForFunction(() => document.querySelectorAll('sage-cell[status]').length === 200);
    await page.evaluate(() =>
      Promise.all([...document.querySelectorAll('sage-cell')].map((c) => c.updateComplete)),
    );
    expect(relay.requests.filter((path) => path !== '/favicon.ico')).toEqual(['/many', '/sdk/sage-embed.js']);
    expect(relay.connectionCount).toBe(0);
    const session = await page.context().newCDPSession(page);
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    const took = await page.evaluate(
      () => (window as unknown as { seen: { shift: number; slowest: number } }).seen,
    );
    console.log(
      `200 cells: ${(usedSize / 1e6).toFixed(1)} MB, layout shift ${String(took.shift)}, longest task ${took.slowest.toFixed(0)} ms`,
    );
    expect(usedSize).toBeLessThan(MAX_HEAP);
    expect(took.shift).toBe(0);

    await page.evaluate(() => Promise.all([...document.querySelectorAll('sage-cell')].map((c) => c.run())));
    expect(relay.connectionCount).toBe(1);
    const used = relay.received.flatMap((message) => (message.type === 'execute' ? [message.session] : []));
    expect([used.length, new Set(used).size]).toEqual([200, 4]);
    const texts = page.locator('sage-cell .output');
    await expect.poll(() => texts.last().innerText()).toContain('print(199)');
    // Only one place speaks, whoever has run.
    expect(await page.locator('[aria-live]').count()).toBe(1);
  });
});

describe('another version of the script on a page', () => {
  it('is told and leaves the elements to the first, whose cells all work', async () => {
    const { page, relay } = await openPage();
    relay.otherVersion = '0.0.9';
    relay.script = (r) => {
      r.print('good\n');
      r.done();
    };
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    await page.goto(
      relay.page(
        '/two',
        `${HEAD}<script type="module" src="/sdk/sage-embed.js"></script><script type="module" src="/other/sdk/sage-embed.js"></script>
         <script src="/sdk/sage-embed.iife.js"></script></head>
         <body><sage-cell id="a" session="s">1</sage-cell><sage-cell id="b" session="s">2</sage-cell></body></html>`,
      ),
    );
    await expect.poll(() => said.filter((text) => text.includes('0.0.9'))).toHaveLength(1);
    expect(said.filter((text) => !text.includes('0.0.9'))).toEqual([]);
    await page.evaluate(() => Promise.all([...document.querySelectorAll('sage-cell')].map((c) => c.run())));
    await ended(page, '#b');
    await expect.poll(() => page.locator('#b .output').innerText()).toBe('good\n');
    expect(relay.connectionCount).toBe(1);
    expect(relay.requests.filter((path) => path.startsWith('/other/'))).toEqual(['/other/sdk/sage-embed.js']);
  });
});

describe('a cell that was hidden when the page was loaded', () => {
  it('edits and runs as others when it is shown, moved, or put into a shadow root', async () => {
    const { page } = await open(
      '<details><summary>More</summary><sage-cell>first\nsecond</sage-cell></details><div id="host"></div>',
      (r) => {
        r.print(`${r.code}!\n`);
        r.done();
      },
    );
    await page.getByText('More').click();
    await cell(page).locator('.code').click();
    await cell(page).locator('.cm-content').waitFor();
    await page.keyboard.press('Control+End');
    await page.keyboard.type(' line');
    await page.evaluate(() => {
      const root = document.querySelector('#host')?.attachShadow({ mode: 'open' });
      root?.append(document.querySelector('sage-cell') as Element);
    });
    expect(await cell(page).evaluate((c: SageCell) => c.code)).toBe('first\nsecond line');
    await run(page);
    await cell(page).getByText('second line!').waitFor();
    // As it is: an editor that was moved can be typed in.
    await cell(page).locator('.cm-content').click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('s');
    expect(await cell(page).evaluate((c: SageCell) => c.code)).toBe('first\nsecond lines');
    expect(await outputText(page)).toBe('first\nsecond line!\n');
  });
});
