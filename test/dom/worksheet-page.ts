/** A page with a worksheet, and what tests ask of it. */
import type { Page } from 'playwright-core';
import type { WorksheetDocument } from '../../components/document/index.js';
import type { SageWorksheet } from '../../components/index.js';
import { openPage } from './browser.js';
import type { FakeRelay, Script } from './fake-relay.js';

export const echo: Script = (r) => {
  r.running();
  if (r.code.startsWith('fail')) r.raise('ValueError', 'as asked', 1);
  else {
    r.print(`${r.code}\n`);
    r.done();
  }
};

export const sheet = (cells: object[], more: object = {}): string =>
  `<script type="application/json">${JSON.stringify({ version: 1, title: 'Primes', cells, ...more })}</script>`;

export const code = (id: string, source: string, more: object = {}): object => ({
  id,
  kind: 'code',
  source,
  ...more,
});
export const note = (id: string, source: string): object => ({ id, kind: 'note', source });
/** What a busy machine needs for what takes no time. */
export const SOON = { timeout: 15_000 };

export const ABC = [code('a', 'print(1)'), code('b', 'print(2)'), code('c', 'print(3)')];

export async function open(
  body: string,
  attributes = '',
  script: Script = echo,
  options: Parameters<typeof openPage>[0] = {},
): Promise<{ page: Page; relay: FakeRelay }> {
  const opened = await openPage(options);
  opened.relay.script = script;
  await opened.page.goto(
    opened.relay.page('/test', `<sage-worksheet ${attributes}><p>before</p>${body}</sage-worksheet>`),
  );
  await shown(opened.page);
  return opened;
}

export const shown = async (page: Page): Promise<void> => {
  await page.waitForFunction(() => customElements.get('sage-worksheet'));
  await page.evaluate(() => document.querySelector('sage-worksheet')?.ready);
  await page.locator('.row').first().waitFor();
};

export const worksheet = (page: Page): Promise<WorksheetDocument | undefined> =>
  page.evaluate(() => document.querySelector<SageWorksheet>('sage-worksheet')?.document);
export const sources = async (page: Page): Promise<string[]> =>
  ((await worksheet(page))?.cells ?? []).map(({ source }) => source);
export const ids = async (page: Page): Promise<string> =>
  ((await worksheet(page))?.cells ?? []).map(({ id }) => id).join('');
export const outputs = (page: Page): Promise<string[]> =>
  page
    .locator('.row sage-cell')
    .evaluateAll((cells) =>
      cells.map(
        (cell) => (cell.shadowRoot?.querySelector('.output') as HTMLElement | null)?.innerText.trim() ?? '',
      ),
    );
export const row = (page: Page, id: string) => page.locator(`[data-id="${id}"]`);
export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
/** Gives it that title and saves. */
export const saveAs = async (page: Page, name: string): Promise<void> => {
  await page.locator('.title').fill(name);
  await button(page, 'Save now').click();
};
/** The same page in another tab, where it is saved first: the next save of this one meets what the other left. */
export const saveElsewhere = async (page: Page): Promise<void> => {
  const other = await page.context().newPage();
  await other.goto(page.url());
  await shown(other);
  await saveAs(other, 'Theirs');
  await other.getByText('Saved', { exact: true }).waitFor();
};
export const choose = (page: Page, id: string) => row(page, id).locator('.gutter .place').click();
export const focusRow = async (page: Page, id: string): Promise<void> => {
  await choose(page, id);
  await row(page, id).focus();
};
export const menu = async (page: Page, id: string, item: string): Promise<void> => {
  await row(page, id).hover();
  await row(page, id).locator('.more').first().click();
  await row(page, id).getByRole('menuitem', { name: item, exact: true }).click();
};
export const active = (page: Page): Promise<string | null> =>
  page.evaluate(
    () =>
      document
        .querySelector('sage-worksheet')
        ?.shadowRoot?.querySelector('[aria-current="true"]')
        ?.getAttribute('data-id') ?? null,
  );
