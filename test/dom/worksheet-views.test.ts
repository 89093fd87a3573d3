import { describe, expect, it } from 'vitest';
import type { SageWorksheet } from '../../components/index.js';

import { useBrowser } from './browser.js';
import { ABC, button, code, ids, note, open, row, sheet, SOON, sources } from './worksheet-page.js';

useBrowser();

describe('other views', () => {
  it('show the document as JSON that can be changed, with every mistake named', async () => {
    const { page } = await open(sheet(ABC));
    await page.locator('.views').selectOption('json');
    const field = page.locator('.json-field');
    const text = await field.inputValue();
    await field.fill(text.replace('"kind": "code"', '"kind": "kode"'));
    await page.getByText('cells[0].kind is "kode"').waitFor();
    expect(await button(page, 'Apply').isDisabled()).toBe(true);
    await field.fill(text.replace('"Primes"', '"By hand"'));
    await page.getByText('This is a good worksheet').waitFor();
    await button(page, 'Apply').click();
    expect(await page.locator('.title').inputValue()).toBe('By hand');
    expect(await ids(page)).toBe('abc');
  });

  it('show slides, one heading each', async () => {
    const { page } = await open(
      sheet([note('m', '# One'), code('a', '1'), note('n', '## Two'), code('b', '2')]),
    );
    await page.locator('.views').selectOption('slides');
    await page.getByText('Slide 1 of 2').waitFor();
    expect(await row(page, 'a').isVisible()).toBe(true);
    expect(await row(page, 'b').isVisible()).toBe(false);
    await button(page, 'Next slide').click();
    expect(await row(page, 'b').isVisible()).toBe(true);
  });

  it('give the worksheet as a file in every format', async () => {
    const { page } = await open(sheet(ABC));
    for (const format of ['json', 'ipynb', 'html', 'sage', 'py']) {
      const download = page.waitForEvent('download');
      await page.locator('.head .more').click();
      await page.getByRole('menuitem', { name: `Save as .${format}` }).click();
      expect((await download).suggestedFilename()).toBe(`Primes.${format}`);
    }
    const exported = await page.evaluate(() =>
      document.querySelector<SageWorksheet>('sage-worksheet')?.export('html'),
    );
    expect(exported).toContain('<h1>Primes</h1>');
  });

  it('show the keys in a dialog, closed by Escape, which gives the focus back', async () => {
    const { page } = await open(sheet(ABC));
    await page.locator('.head .more').click();
    await page.getByRole('menuitem', { name: 'Keys' }).click();
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await expect
      .poll(() =>
        page.evaluate(
          () => document.querySelector('sage-worksheet')?.shadowRoot?.activeElement?.className ?? '',
        ),
      )
      .toContain('more');
  });

  it('open a file of the reader', async () => {
    const { page } = await open(sheet(ABC));
    const chooser = page.waitForEvent('filechooser');
    await page.locator('.head .more').click();
    await page.getByRole('menuitem', { name: 'Open a file…' }).click();
    await (
      await chooser
    ).setFiles({ name: 'x.sage', mimeType: 'text/plain', buffer: Buffer.from('# %%\nfrom_file()\n') });
    await expect.poll(() => sources(page), SOON).toEqual(['from_file()']);
    expect(await page.locator('.said').innerText()).toBe('Opened, 1 cell');
  });
});
