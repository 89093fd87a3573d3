import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { SageCell } from '../../components/index.js';
import { cell, ended, open, openAndRun, outputText, run, useBrowser } from './browser.js';
import type { FakeRelay, Script } from './fake-relay.js';

useBrowser();

const done: Script = (r) => {
  r.print(`${r.code}!\n`);
  r.done();
};

const codes = (relay: FakeRelay): string[] =>
  relay.received.flatMap((message) => (message.type === 'execute' ? [message.code] : []));

/** Opens the menu of a cell and takes the line with that text. */
async function choose(page: Page, text: string, where: Locator = cell(page)): Promise<void> {
  await where.getByRole('button', { name: 'More actions' }).click();
  await where.getByRole('menuitem', { name: text }).click();
}

async function lines(page: Page): Promise<string[]> {
  const button = cell(page).getByRole('button', { name: 'More actions' });
  await button.click();
  const texts = await cell(page).getByRole('menuitem').allInnerTexts();
  await page.keyboard.press('Escape');
  return texts;
}

async function type(page: Page, text: string): Promise<void> {
  await cell(page).locator('.code').click();
  await page.locator('.cm-content').waitFor();
  await page.keyboard.press('Control+a');
  await page.keyboard.type(text);
}

describe('the menu', () => {
  it('offers what makes sense at the moment', async () => {
    const { page } = await open('<sage-cell>1</sage-cell>', done);
    expect(await lines(page)).toEqual(['Copy code', 'Full screen']);
    await run(page);
    await ended(page);
    await type(page, '2');
    expect(await lines(page)).toEqual([
      'Copy code',
      'Copy output',
      'Reset code',
      'Clear output',
      'Full screen',
    ]);
    await page.evaluate(() => document.querySelector('sage-cell')?.setAttribute('session', 's'));
    await expect.poll(() => lines(page)).toContain('Restart session');
  });

  it('is walked with the arrow keys, closed by Escape, and gives the focus back', async () => {
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', done);
    const focused = (): Promise<string | undefined> =>
      page.evaluate(() => {
        const active = document.activeElement?.shadowRoot?.activeElement;
        return active?.getAttribute('data-action') ?? active?.getAttribute('part') ?? undefined;
      });
    await cell(page).getByRole('button', { name: 'More actions' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(focused).toBe('copy');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('copy-output');
    await page.keyboard.press('End');
    expect(await focused()).toBe('fullscreen');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('copy');
    await page.keyboard.press('Escape');
    await expect.poll(focused).toBe('more');
    expect(await cell(page).getByRole('menu').isVisible()).toBe(false);
  });

  it('lies within the window, on a small screen and in a cell that is scaled', async () => {
    const { page } = await open(
      '<div style="transform: scale(0.5); transform-origin: 100% 100%; position: absolute; inset: auto 0 0 auto; inline-size: 400px"><sage-cell>1</sage-cell></div>',
      done,
      { viewport: { width: 380, height: 500 } },
    );
    await cell(page).getByRole('button', { name: 'More actions' }).click();
    const box = await cell(page).getByRole('menu').boundingBox();
    expect(box!.x).toBeGreaterThanOrEqual(0);
    expect(box!.x + box!.width).toBeLessThanOrEqual(380);
    expect(box!.y).toBeGreaterThanOrEqual(0);
    expect(box!.y + box!.height).toBeLessThanOrEqual(500);
  });
});

describe('an action', () => {
  it('copies the code, or the output as text', async () => {
    const { page } = await open(
      '<sage-cell>a = 1</sage-cell>',
      (r) => {
        r.print('\u001b[31mred\u001b[0m\n');
        r.display({ 'text/plain': 'x^2', 'text/latex': 'x^2', 'text/html': '<i>x</i>' });
        r.raise('ValueError', 'no', 1);
      },
      { permissions: ['clipboard-read', 'clipboard-write'] },
    );
    const clipboard = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText());
    await choose(page, 'Copy code');
    await cell(page).getByText('Copied').waitFor();
    expect(await clipboard()).toBe('a = 1');
    await run(page);
    await ended(page);
    await choose(page, 'Copy output');
    await expect.poll(clipboard).toContain('red\nx^2\nTraceback');
  });

  it('brings the author’s code back', async () => {
    const { page } = await open('<sage-cell>author</sage-cell>', done);
    await type(page, 'reader');
    expect(await cell(page).evaluate((c) => c.matches(':state(edited)'))).toBe(true);
    await choose(page, 'Reset code');
    expect(await cell(page).evaluate((c: SageCell) => c.code)).toBe('author');
    expect(await cell(page).locator('.cm-content').innerText()).toBe('author');
    expect(await cell(page).evaluate((c) => c.matches(':state(edited)'))).toBe(false);
  });

  it('clears the output and the mark of the error', async () => {
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', (r) => r.raise('ValueError', 'no', 1));
    await choose(page, 'Clear output');
    expect(await outputText(page)).toBe('');
    expect(await cell(page).locator('.error-line').count()).toBe(0);
  });

  it('restarts the session: the old one is closed, the next run has a new one', async () => {
    const { page, relay } = await openAndRun('<sage-cell session="s">1</sage-cell>', done);
    await choose(page, 'Restart session');
    await cell(page).getByText('New session').waitFor();
    await run(page);
    await expect.poll(() => codes(relay).length).toBe(2);
    const used = relay.received.flatMap((m) =>
      m.type === 'execute' || m.type === 'close' ? [m.session] : [],
    );
    expect(used[1]).toBe(used[0]);
    expect(used[2]).not.toBe(used[0]);
  });

  it('shows the cell alone on the screen and brings it back', async () => {
    const { page } = await open('<sage-cell>1</sage-cell>', done);
    await choose(page, 'Full screen');
    await expect.poll(() => page.evaluate(() => document.fullscreenElement?.localName)).toBe('sage-cell');
    await choose(page, 'Leave full screen');
    await expect.poll(() => page.evaluate(() => document.fullscreenElement)).toBeNull();
  });

  it('runs all cells of the session, or those above, in the order of the page, up to one that fails', async () => {
    const { page, relay } = await open(
      ['a', 'b', 'c'].map((code) => `<sage-cell session="s" id="${code}">${code}</sage-cell>`).join('') +
        '<sage-cell session="t">other</sage-cell>',
      done,
    );
    await page.evaluate(() => document.querySelector('main')?.prepend(document.querySelector('#c')!));
    await choose(page, 'Run all cells', page.locator('#a'));
    await expect.poll(() => codes(relay)).toEqual(['c', 'a', 'b']);
    await ended(page, '#b');
    await choose(page, 'Run cells above', page.locator('#b'));
    await expect.poll(() => codes(relay).slice(3)).toEqual(['c', 'a']);
    await ended(page, '#a');
    relay.script = (r) => (r.code === 'a' ? r.raise('ValueError', 'no', 1) : r.done());
    expect(await page.locator('#b').evaluate((c: SageCell) => c.runAll())).toBe(false);
    expect(codes(relay).slice(5)).toEqual(['c', 'a']);
  });
});

describe('a session that died', () => {
  it('is told, and the cells above can be run again with this one', async () => {
    const { page, relay } = await open(
      '<sage-cell session="s" id="first">a</sage-cell><sage-cell session="s" id="second">b</sage-cell>',
      done,
    );
    await page.locator('#first').getByRole('button', { name: 'Run', exact: true }).click();
    await ended(page, '#first');
    relay.script = (r) => {
      r.running();
      r.closed('died', 'The process ended by itself.');
    };
    await page.locator('#second').getByRole('button', { name: 'Run', exact: true }).click();
    await ended(page, '#second');
    relay.script = done;
    expect(await page.locator('#first').getByRole('button', { name: 'Re-run cells above' }).count()).toBe(0);
    await page.locator('#second').getByRole('button', { name: 'Re-run cells above' }).click();
    await expect.poll(() => codes(relay).slice(2)).toEqual(['a', 'b']);
    await expect.poll(() => page.locator('#second').getAttribute('status')).toBe('done');
  });
});

describe('slots', () => {
  it('put the author’s own buttons in the place of ours', async () => {
    const { page, relay } = await open(
      '<sage-cell><button slot="run">Calculate</button><button slot="reset">Mine again</button><a slot="toolbar" href="#">More</a>1</sage-cell>',
      done,
    );
    expect(await cell(page).locator('.run').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Calculate' }).click();
    await ended(page);
    expect(codes(relay)).toEqual(['1']);
    await cell(page).evaluate((c: SageCell) => (c.code = '2'));
    expect(await lines(page)).not.toContain('Reset code');
    await page.getByRole('button', { name: 'Mine again' }).click();
    expect(await cell(page).evaluate((c: SageCell) => c.code)).toBe('1');
  });
});

describe('stored output', () => {
  it.each([
    ['a template', '<template slot="output"><p>stored <b>text</b></p></template>'],
    ['an element', '<div slot="output">stored <b>text</b></div>'],
  ])('in %s is shown until there is a live one', async (_kind, markup) => {
    const { page } = await open(`<sage-cell><pre>1</pre>${markup}</sage-cell>`, done);
    await page.getByText('stored text').waitFor();
    expect(await page.getByText('stored text').isVisible()).toBe(true);
    await run(page);
    await ended(page);
    await expect.poll(() => page.getByText('stored text').isVisible()).toBe(false);
    expect(await outputText(page)).toBe('1!\n');
  });

  it('stays, marked as not live, when there is no server, and can be tried again', async () => {
    const { page, relay } = await open('<sage-cell>1<div slot="output">stored</div></sage-cell>', (r) =>
      r.done({ status: 'lost', message: 'No Sage server can be reached.', error: { code: 'unavailable' } }),
    );
    await run(page);
    await ended(page);
    await cell(page).getByText('Not live: the output stored with this page').waitFor();
    expect(await page.getByText('stored', { exact: true }).isVisible()).toBe(true);
    relay.script = done;
    await cell(page).getByRole('button', { name: 'Run again' }).click();
    await expect.poll(() => outputText(page)).toBe('1!\n');
    expect(await cell(page).getByText('Not live').isVisible()).toBe(false);
  });
});

describe('text of terminals', () => {
  it('has its colours, also over pieces and lines, and progress bars stay one line', async () => {
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', (r) => {
      r.print('plain \u001b[1;3');
      r.print('1mred\nstill red\u001b[0m plain\n');
      for (let percent = 0; percent <= 100; percent += 1)
        r.print(`\r\u001b[32m${String(percent)} %\u001b[0m`);
      r.print('\n\u001b[38;5;208mpalette\u001b[48;2;1;2;3mtrue\u001b[0m \u001b[7mreverse\u001b[0m\n');
      r.done();
    });
    expect(await outputText(page)).toBe('plain red\nstill red plain\n100 %\npalettetrue reverse\n');
    const styled = await cell(page)
      .locator('.stream span span:not(.block)')
      .evaluateAll((spans) =>
        spans.map((span) => [span.textContent, span.getAttribute('class') ?? '', span.getAttribute('style')]),
      );
    expect(styled.filter(([text]) => text !== '')).toEqual([
      ['red\nstill red', 'fg-red is-bold', null],
      ['100 %', 'fg-green', null],
      ['palette', '', 'color: rgb(255, 135, 0);'],
      ['true', '', 'color: rgb(255, 135, 0); background-color: rgb(1, 2, 3);'],
      ['reverse', 'fg-black bg-white', null],
    ]);
  });
});
