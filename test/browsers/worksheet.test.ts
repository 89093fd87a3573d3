/** A worksheet in the browsers that are not Chromium: read, run in order, changed, undone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRelay } from '../e2e/live.js';
import { BROWSERS, clickOn, SOON, type DrivenBrowser } from './driven.js';

let relay: Awaited<ReturnType<typeof startRelay>>;

beforeAll(async () => {
  relay = await startRelay();
}, 120_000);

afterAll(async () => {
  relay.process.kill('SIGTERM');
  await relay.exit;
});

const SHEET = `document.querySelector('sage-worksheet')`;
const ROOT = `${SHEET}.shadowRoot`;
const row = (id: string): string => `${ROOT}.querySelector('[data-id="${id}"]')`;
const cell = (id: string): string => `${row(id)}.querySelector('sage-cell')`;

for (const [name, start] of BROWSERS) {
  // `npm test` has said why a browser is missing.
  describe.skipIf(start === undefined)(name, () => {
    let browser: DrivenBrowser;

    beforeAll(async () => {
      browser = await start!();
      await browser.open(`${relay.url}/demo/worksheet.html`);
      await browser.look(`customElements.whenDefined('sage-worksheet').then(() => ${SHEET}.ready)`);
    }, 120_000);

    afterAll(async () => {
      await browser.close();
    });

    const click = (node: string): Promise<void> => clickOn(browser, node);
    const order = (): Promise<string> => browser.look(`${SHEET}.document.cells.map(({ id }) => id).join()`);

    it('shows its cells and typesets its notes', async () => {
      await expect.poll(() => browser.look(`${ROOT}.querySelectorAll('.row').length`), SOON).toBe(5);
      await expect
        .poll(() => browser.look(`${row('question')}.querySelectorAll('mjx-container').length`), SOON)
        .toBeGreaterThan(2);
    });

    it('runs all cells in order in one session', async () => {
      await click(`${ROOT}.querySelector('[part=run-all]')`);
      await expect.poll(() => browser.look(`${cell('plot')}.status`), SOON).toBe('done');
      const counted = await browser.look<string>(
        `${cell('count')}.shadowRoot.querySelector('.output').innerText`,
      );
      expect(counted.replaceAll(/\s/g, '')).toContain('[(1,609),(3,619)]');
      await expect
        .poll(
          () => browser.look(`${cell('plot')}.shadowRoot.querySelector('.output img')?.naturalWidth ?? 0`),
          SOON,
        )
        .toBeGreaterThan(100);
    });

    it('moves a cell, takes that back, and writes in one', async () => {
      const before = await order();
      await click(`${row('count')}.querySelector('.place')`);
      await click(`${row('count')}.querySelector('.tools .up')`);
      await expect.poll(order, SOON).not.toBe(before);
      await browser.look(`(${SHEET}.undo(), 1)`);
      await expect.poll(order, SOON).toBe(before);
      await click(`${cell('count')}.shadowRoot.querySelector('.code')`);
      await expect
        .poll(() => browser.look(`${cell('count')}.shadowRoot.querySelector('.cm-content') !== null`), SOON)
        .toBe(true);
      await browser.press('Control', 'a');
      await browser.type('6 * 7');
      await browser.press('Shift', 'Enter');
      await expect
        .poll(
          () => browser.look(`${cell('count')}.shadowRoot.querySelector('.output').innerText.trim()`),
          SOON,
        )
        .toBe('42');
    });

    it('keeps what was changed for the next visit', async () => {
      await browser.look(`${SHEET}.saveNow().then(() => 1)`);
      await browser.open(`${relay.url}/demo/worksheet.html`);
      await browser.look(`customElements.whenDefined('sage-worksheet').then(() => ${SHEET}.ready)`);
      await expect
        .poll(() => browser.look(`${SHEET}.document?.cells.find(({ id }) => id === 'count')?.source`), SOON)
        .toBe('6 * 7');
    });
  });
}
