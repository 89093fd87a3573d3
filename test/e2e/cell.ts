/** A cell of a page as a reader has it. */
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { SageCell } from '../../components/index.js';

/** The first cell of a page whose code holds this text. */
export async function cellWith(page: Page, text: string): Promise<Locator> {
  const index = await page.waitForFunction((wanted) => {
    const cells = [...document.querySelectorAll<SageCell>('sage-cell')];
    const found = cells.findIndex((cell) => customElements.get('sage-cell') && cell.code.includes(wanted));
    return found === -1 ? undefined : { found };
  }, text);
  return page.locator('sage-cell').nth(((await index.jsonValue()) as { found: number }).found);
}

/** Presses Run as a reader would and waits until the cell says how it ended. */
export async function runCell(cell: Locator, ended = /^(done|error|dead)$/): Promise<string> {
  await cell.getByRole('button', { name: 'Run', exact: true }).click();
  return waitForEnd(cell, ended);
}

/** Waits until the cell says how it ended. @returns its status */
export async function waitForEnd(cell: Locator, ended = /^(done|error|dead)$/): Promise<string> {
  let status = '';
  await expect
    .poll(
      async () => {
        status = (await cell.getAttribute('status')) ?? '';
        return status;
      },
      { timeout: 30_000, interval: 30 },
    )
    .toMatch(ended);
  return status;
}

/** Where its output is. */
export const outputOf = (cell: Locator): Locator => cell.locator('[part~=output]');

/** Puts code into it as a script of the page would. */
export async function setCode(cell: Locator, code: string): Promise<void> {
  await cell.evaluate((element, value) => {
    (element as SageCell).code = value;
  }, code);
}
