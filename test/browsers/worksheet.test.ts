/** A worksheet in the browsers that are not Chromium: read, run in order, changed, undone. */
import { expect, it } from 'vitest';
import { onDemoPage } from './demo-page.js';
import { clickOn, SOON } from './driven.js';

const SHEET = `document.querySelector('sage-worksheet')`;
const ROOT = `${SHEET}.shadowRoot`;
const row = (id: string): string => `${ROOT}.querySelector('[data-id="${id}"]')`;
const cell = (id: string): string => `${row(id)}.querySelector('sage-cell')`;

onDemoPage('worksheet', `customElements.whenDefined('sage-worksheet').then(() => ${SHEET}.ready)`, (page) => {
  const click = (node: string): Promise<void> => clickOn(page.browser, node);
  const order = (): Promise<string> =>
    page.browser.look(`${SHEET}.document.cells.map(({ id }) => id).join()`);

  it('shows its cells and typesets its notes', async () => {
    await expect.poll(() => page.browser.look(`${ROOT}.querySelectorAll('.row').length`), SOON).toBe(5);
    await expect
      .poll(() => page.browser.look(`${row('question')}.querySelectorAll('mjx-container').length`), SOON)
      .toBeGreaterThan(2);
  });

  it('runs all cells in order in one session', async () => {
    await click(`${ROOT}.querySelector('[part=run-all]')`);
    await expect.poll(() => page.browser.look(`${cell('plot')}.status`), SOON).toBe('done');
    const counted = await page.browser.look<string>(
      `${cell('count')}.shadowRoot.querySelector('.output').innerText`,
    );
    expect(counted.replaceAll(/\s/g, '')).toContain('[(1,609),(3,619)]');
    await expect
      .poll(
        () => page.browser.look(`${cell('plot')}.shadowRoot.querySelector('.output img')?.naturalWidth ?? 0`),
        SOON,
      )
      .toBeGreaterThan(100);
  });

  it('moves a cell, takes that back, and writes in one', async () => {
    const before = await order();
    await click(`${row('count')}.querySelector('.place')`);
    await click(`${row('count')}.querySelector('.tools .up')`);
    await expect.poll(order, SOON).not.toBe(before);
    await page.browser.look(`(${SHEET}.undo(), 1)`);
    await expect.poll(order, SOON).toBe(before);
    await click(`${cell('count')}.shadowRoot.querySelector('.code')`);
    await expect
      .poll(
        () => page.browser.look(`${cell('count')}.shadowRoot.querySelector('.cm-content') !== null`),
        SOON,
      )
      .toBe(true);
    await page.browser.press('Control', 'a');
    await page.browser.type('6 * 7');
    await page.browser.press('Shift', 'Enter');
    await expect
      .poll(
        () => page.browser.look(`${cell('count')}.shadowRoot.querySelector('.output').innerText.trim()`),
        SOON,
      )
      .toBe('42');
  });

  it('keeps what was changed for the next visit', async () => {
    await page.browser.look(`${SHEET}.saveNow().then(() => 1)`);
    await page.reload();
    await expect
      .poll(
        () => page.browser.look(`${SHEET}.document?.cells.find(({ id }) => id === 'count')?.source`),
        SOON,
      )
      .toBe('6 * 7');
  });
});
