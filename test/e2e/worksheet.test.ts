import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { SageWorksheet } from '../../components/index.js';
import { useLive } from './live.js';

const live = useLive();

/** What a busy machine needs for what takes no time. */
const SOON = { timeout: 30_000 };

const shown = async (page: Page): Promise<void> => {
  await page.waitForFunction(() => customElements.get('sage-worksheet'));
  await page.evaluate(() => document.querySelector('sage-worksheet')?.ready);
  await page.locator('.row').first().waitFor();
};

const replace = async (page: Page, markup: string): Promise<void> => {
  await page.evaluate((html) => {
    document.body.innerHTML = html;
  }, markup);
  await shown(page);
};

describe('the worksheet page', () => {
  it('runs all cells in order in one session: numbers, formulas, a plot', async () => {
    const page = await live().open('/demo/worksheet.html');
    await shown(page);
    await page.getByRole('button', { name: 'Run all', exact: true }).click();
    const plot = page.locator('[data-id="plot"] sage-cell');
    await expect.poll(() => plot.getAttribute('status'), SOON).toBe('done');
    expect(await plot.locator('[part~=image]').count()).toBe(1);
    const count = page.locator('[data-id="count"] sage-cell [part~=output]');
    expect((await count.innerText()).replaceAll(/\s/g, '')).toContain('[(1,609),(3,619)]');
    await page.locator('[data-id="question"] mjx-container').first().waitFor();
    await page.close();
  });

  it('runs one cell after what prepares the session', async () => {
    const page = await live().open('/demo/worksheet.html');
    await shown(page);
    await page.locator('[data-id="count"] .place').click();
    await page.locator('[data-id="count"]').focus();
    await page.keyboard.press('Control+Enter');
    const cell = page.locator('[data-id="count"] sage-cell');
    await expect.poll(() => cell.getAttribute('status'), SOON).toBe('done');
    expect(await page.locator('[data-id="setup"] sage-cell').getAttribute('status')).toBe('done');
    await page.close();
  });

  it('keeps a worksheet on the server: made, found again, conflicts told', async () => {
    const page = await live().open('/demo/worksheet.html');
    await replace(page, '<sage-worksheet save="server" name="kept"></sage-worksheet>');
    const addresses = page.evaluate(
      () =>
        new Promise<{ read: string; edit: string }>((resolve) => {
          document.addEventListener('sage-saved', ({ read, edit }) => {
            resolve({ read, edit });
          });
        }),
    );
    await page.locator('.title').fill('On the server');
    await page.getByRole('button', { name: 'Save now' }).click();
    const { read, edit } = await addresses;
    await page.getByText('Saved', { exact: true }).waitFor();

    await replace(page, '<sage-worksheet save="server" name="kept"></sage-worksheet>');
    expect(await page.locator('.title').inputValue()).toBe('On the server');

    const theirs = { version: 1, title: 'Theirs', description: '', cells: [] };
    const saved = await fetch(edit, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'if-match': '*' },
      body: JSON.stringify({ kind: 'worksheet', content: theirs }),
    });
    expect(saved.status).toBe(200);
    await page.locator('.title').fill('Mine');
    await page.getByRole('button', { name: 'Save now' }).click();
    await page.getByRole('button', { name: 'Keep mine' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();

    await replace(page, `<sage-worksheet save="server" name="reader" address="${read}"></sage-worksheet>`);
    expect(await page.locator('h2.title').innerText()).toBe('Mine');
    expect(await page.locator('.handle').count()).toBe(0);
    expect(
      await page.evaluate(() => document.querySelector<SageWorksheet>('sage-worksheet')?.document?.title),
    ).toBe('Mine');
    await page.close();
  });
});
