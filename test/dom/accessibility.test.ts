import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { violations } from './axe.js';
import { cell, ended, open, openAndRun, run, useBrowser } from './browser.js';
import type { Script } from './fake-relay.js';

useBrowser();

const SQUARE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><path d="M0 0h40v40H0z" fill="green"/></svg>';

describe('accessibility', () => {
  const STATES: Readonly<
    Record<string, { script?: Script; session?: boolean; wait: RegExp; edit?: boolean }>
  > = {
    'not run yet': { wait: /^idle$/ },
    'in the editor': { wait: /^idle$/, edit: true },
    queued: { script: (r) => r.queued(2), wait: /^queued$/ },
    running: { script: (r) => r.running(), wait: /^running$/ },
    'done, with every kind of output': {
      script: (r) => {
        r.print('text\n'.repeat(200));
        r.print('warning\n', 'stderr');
        r.display({ 'text/plain': 'x', 'text/latex': '\\frac{1}{2}' });
        r.display({ 'text/plain': 'a square', 'image/svg+xml': SQUARE });
        r.display({
          'text/plain': 't',
          'text/html':
            '<table><tr><th>a</th></tr><tr><td>1</td></tr></table><a href="http://x.test/">link</a>',
        });
        r.put({ kind: 'file', name: 'values.csv', type: 'text/csv', size: 3, data: 'YWJj' });
        r.done();
      },
      wait: /^done$/,
    },
    'asking the reader': {
      script: (r) => {
        r.running();
        r.put({ kind: 'prompt', text: 'How many? ', isSecret: false });
      },
      wait: /^running$/,
    },
    error: { script: (r) => r.raise('ZeroDivisionError', 'division by zero', 1), wait: /^error$/ },
    'session lost': {
      script: (r) => {
        r.running();
        r.closed('died', 'The process ended by itself.');
      },
      session: true,
      wait: /^dead$/,
    },
  };

  for (const colorScheme of ['light', 'dark'] as const) {
    it.each(Object.entries(STATES))(
      `finds no fault in ${colorScheme}: %s`,
      async (_state, { script, session, wait, edit }) => {
        const { page } = await open(
          `<sage-cell ${session ? 'session="s"' : ''} label="Sum">for i in range(3): # three\n    print("x", None)</sage-cell>`,
          script,
          { colorScheme },
        );
        if (script) await run(page);
        if (edit) {
          await cell(page).locator('.paint').click();
          await page.locator('.cm-content').waitFor();
        }
        await page.waitForFunction(
          (pattern) =>
            new RegExp(pattern).test(document.querySelector('sage-cell')?.getAttribute('status') ?? ''),
          wait.source,
        );
        await page.waitForTimeout(900);
        expect(await violations(page)).toEqual([]);
      },
    );
  }

  const SITUATIONS: Readonly<Record<string, { body: string; bring(page: Page): Promise<unknown> }>> = {
    'with its menu open': {
      body: '<sage-cell session="s">1</sage-cell><sage-cell session="s">2</sage-cell>',
      bring: (page) => cell(page).locator('.more').click(),
    },
    'alone on the screen': {
      body: '<sage-cell>for i in range(3): print(i) # three</sage-cell>',
      bring: async (page) => {
        await cell(page).locator('.more').click();
        await cell(page).getByRole('menuitem', { name: 'Full screen' }).click();
        await page.waitForFunction(() => document.fullscreenElement !== null);
      },
    },
    'folded, read-only, with numbers and a choice of languages': {
      body: '<sage-cell collapsed languages="sage gap">1</sage-cell><sage-cell readonly line-numbers>1\n2</sage-cell>',
      bring: (page) => cell(page).locator('.fold-button').focus(),
    },
    'with stored output that is not live': {
      body: '<sage-cell server="http://127.0.0.1:9">1<div slot="output">stored</div></sage-cell>',
      bring: async (page) => {
        await run(page);
        await cell(page).getByText('not live', { exact: false }).first().waitFor({ timeout: 40_000 });
      },
    },
  };

  for (const colorScheme of ['light', 'dark'] as const) {
    it.each(Object.entries(SITUATIONS))(
      `finds no fault in ${colorScheme}: %s`,
      async (_situation, situation) => {
        const { page } = await open(situation.body, undefined, { colorScheme });
        await situation.bring(page);
        await page.waitForTimeout(300);
        expect(await violations(page)).toEqual([]);
      },
    );
  }

  it('draws scrollbars in its own colours, on what is behind them', async () => {
    const { page } = await open(
      `<sage-cell>${'x'.repeat(2_000)}</sage-cell><sage-cell theme="dark">${'x'.repeat(2_000)}</sage-cell>`,
    );
    const colours = await page
      .locator('sage-cell .paint')
      .evaluateAll((codes) => codes.map((code) => getComputedStyle(code).scrollbarColor));
    expect(colours).toEqual(['rgb(87, 97, 90) rgba(0, 0, 0, 0)', 'rgb(163, 174, 166) rgba(0, 0, 0, 0)']);
  });

  it('lets the keyboard through: Tab passes an editor nobody typed in, and Escape then Tab leaves any', async () => {
    const { page } = await open(
      '<a href="#">before</a><sage-cell>1</sage-cell><a href="#" id="after">after</a>',
    );
    const focused = (): Promise<string> =>
      page.evaluate(
        () =>
          document.activeElement?.shadowRoot?.activeElement?.className ?? document.activeElement?.id ?? '',
      );
    await page.getByText('before').focus();
    await page.keyboard.press('Tab');
    await page.locator('.cm-content').waitFor();
    await expect.poll(focused).toContain('cm-content');
    await page.keyboard.press('Tab');
    expect(await focused()).toContain('run');
    await page.keyboard.press('Shift+Tab');
    expect(await focused()).toContain('cm-content');
    await page.keyboard.type('x');
    await page.keyboard.press('Tab');
    expect(await focused()).toContain('cm-content');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    expect(await focused()).toContain('run');
  });

  it('tells how to leave the editor', async () => {
    const { page } = await open('<sage-cell>1</sage-cell>');
    await cell(page).locator('.paint').click();
    const described = await page.locator('.cm-content').evaluate((content) => {
      const id = content.getAttribute('aria-describedby') ?? '';
      return (content.getRootNode() as ShadowRoot).getElementById(id)?.textContent;
    });
    expect(described).toContain('Escape');
  });

  it('says the result once, in the one live region of the page', async () => {
    const { page } = await open('<sage-cell>1</sage-cell><sage-cell>2</sage-cell>', (r) => {
      r.print('a\nb\n');
      r.done();
    });
    const regions = (): Promise<string[]> =>
      page.evaluate(() =>
        [...document.body.children].flatMap((child) =>
          [...(child.shadowRoot?.querySelectorAll('[aria-live]') ?? [])].map((region) => region.textContent),
        ),
      );
    for (const index of [0, 1]) {
      await page.locator('sage-cell').nth(index).getByRole('button', { name: 'Run', exact: true }).click();
      await ended(page, `sage-cell:nth-of-type(${String(index + 1)})`);
    }
    expect(await regions()).toEqual(['Done in 12 ms, 2 lines of output']);
  });

  it('keeps the focus on Run, and gives it back to Run when Stop goes', async () => {
    const { page } = await open('<sage-cell>1</sage-cell>', (r) => {
      r.running();
      r.onInterrupt = () => r.done({ status: 'interrupted', message: 'Stopped.' });
    });
    const focused = (): Promise<string | undefined> =>
      page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.className);
    await run(page);
    expect(await focused()).toContain('run');
    await cell(page).getByRole('button', { name: 'Stop' }).click();
    await ended(page);
    expect(await focused()).toContain('run');
    expect(await cell(page).locator('.status').innerText()).toContain('Stopped');
  });

  it('makes output reachable by keyboard when it scrolls, and only then', async () => {
    const { page, relay } = await openAndRun('<sage-cell>1</sage-cell>', (r) => {
      r.print('line\n'.repeat(500));
      r.done();
    });
    const region = cell(page).locator('.output');
    await expect.poll(() => region.getAttribute('role')).toBe('region');
    expect(await region.getAttribute('tabindex')).toBe('0');
    relay.script = (r) => {
      r.print('short');
      r.done();
    };
    await run(page);
    await ended(page);
    await expect.poll(() => region.getAttribute('tabindex')).toBeNull();
  });
});
