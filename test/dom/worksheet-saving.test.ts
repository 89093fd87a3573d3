import { describe, expect, it } from 'vitest';
import { openPage, useBrowser } from './browser.js';
import { ABC, button, open, saveAs, saveElsewhere, sheet, shown } from './worksheet-page.js';

useBrowser();

describe('saving', () => {
  it('keeps changes in the browser, and the author’s version can be had back', async () => {
    const { page } = await open(sheet(ABC), 'name="one"');
    await page.locator('.title').fill('Changed');
    expect(await button(page, 'Save now').getAttribute('title')).toBe('Not saved yet');
    await button(page, 'Save now').click();
    await page.getByText('Saved', { exact: true }).waitFor();
    await page.reload();
    await shown(page);
    expect(await page.locator('.title').inputValue()).toBe('Changed');
    await page.locator('.head .more').click();
    await page.getByRole('menuitem', { name: 'Back to the author’s version' }).click();
    expect(await page.locator('.title').inputValue()).toBe('Primes');
  });

  it('saves when the page is left', async () => {
    const { page } = await open(sheet(ABC), 'name="two"');
    await page.locator('.title').fill('Left');
    await page.reload();
    await shown(page);
    expect(await page.locator('.title').inputValue()).toBe('Left');
  });

  it('tells of a change in another tab and overwrites nothing', async () => {
    const { page } = await open(sheet(ABC), 'name="three"');
    await saveAs(page, 'First');
    await page.getByText('Saved', { exact: true }).waitFor();
    await saveElsewhere(page);
    await saveAs(page, 'Mine');
    await page.getByRole('alert').waitFor();
    await button(page, 'Take theirs').click();
    expect(await page.locator('.title').inputValue()).toBe('Theirs');
  });

  it('lets the page keep it by events', async () => {
    const { page } = await openPage().then(async ({ page: made, relay }) => {
      await made.addInitScript(() => {
        const kept = { document: { version: 1, title: 'From the page', cells: [] }, revision: '7' };
        const saved: unknown[] = [];
        Object.assign(window, { saved });
        document.addEventListener('sage-load', (event) => {
          (event as unknown as { detail: { respondWith(answer: unknown): void } }).detail.respondWith(kept);
        });
        document.addEventListener('sage-save', (event) => {
          const { detail } = event as unknown as {
            detail: { document: { title: string }; revision: string; respondWith(answer: unknown): void };
          };
          saved.push([detail.document.title, detail.revision]);
          detail.respondWith(Promise.resolve({ revision: '8' }));
        });
      });
      await made.goto(relay.page('/test', '<sage-worksheet save="page"></sage-worksheet>'));
      await shown(made);
      return { page: made };
    });
    expect(await page.locator('.title').inputValue()).toBe('From the page');
    await page.locator('.title').fill('Kept');
    await button(page, 'Save now').click();
    await page.getByText('Saved', { exact: true }).waitFor();
    expect(await page.evaluate(() => (window as unknown as { saved: unknown[] }).saved)).toEqual([
      ['Kept', '7'],
    ]);
  });
});
