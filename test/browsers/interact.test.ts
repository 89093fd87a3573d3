/** Interacts in the browsers that are not Chromium: moved by keys and by the mouse, typed into, pressed, nested. */
import { expect, it } from 'vitest';
import { onDemoPage } from './demo-page.js';
import { clickOn, placeOf, SOON } from './driven.js';

const CELL_OUTPUT = '.interact-output > .output:not(.behind)';

onDemoPage('interact', "customElements.whenDefined('sage-cell')", (page) => {
  /** Expression for an element of a cell's. */
  const part = (id: string, css: string): string =>
    `document.getElementById('${id}').shadowRoot.querySelector(${JSON.stringify(css)})`;
  const exists = (node: string): Promise<boolean> => page.browser.look(`${node} !== null`);
  const output = (id: string): Promise<string> =>
    page.browser.look(`${part(id, CELL_OUTPUT)}?.innerText ?? ''`);

  /** Runs a cell, until its controls are there. */
  const run = async (id: string): Promise<void> => {
    await clickOn(page.browser, part(id, '.run'));
    await expect
      .poll(() => page.browser.look(`document.getElementById('${id}').getAttribute('status')`), SOON)
      .toBe('done');
    await expect.poll(() => exists(part(id, '.interact')), SOON).toBe(true);
  };

  it('draws a tick for each of a few positions', async () => {
    await run('rose');
    const slider = part('rose', '.range.has-ticks');
    const [left, y] = await placeOf(page.browser, slider, 0);
    const [right] = await placeOf(page.browser, slider, 1);
    const strip = [left, y + 8, right - left, 1].map(Math.round);
    const picture = `data:image/png;base64,${await page.browser.picture()}`;
    // Where along the middle of the ticks it is darker than to the left of it.
    const ticks = await page.browser.look<number>(
      `(async () => {
          const image = await createImageBitmap(await (await fetch(${JSON.stringify(picture)})).blob());
          const context = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height }).getContext('2d');
          context.drawImage(image, 0, 0);
          const { data } = context.getImageData(${strip.join()});
          const reds = Array.from({ length: data.length / 4 }, (_, at) => data[4 * at]);
          return reds.filter((red, at) => at > 24 && red < 230 && reds[at - 1] >= 230).length;
        })()`,
    );
    // From 3 to 9; the handle stands on the first.
    expect(ticks).toBe(6);
  });

  it('moves a slider by its keys, and the last value wins', async () => {
    await run('newton');
    const steps = `[...document.getElementById('newton').shadowRoot.querySelectorAll('[role=slider], input[type=range]')][1]`;
    await page.browser.look(`${steps}.focus()`);
    for (let step = 0; step < 5; step += 1) await page.browser.tap('ArrowRight');
    await expect.poll(() => output('newton'), SOON).toContain('after 8 steps: 1.76929235');
  });

  it('drags a slider with the mouse', async () => {
    await run('secant');
    const slider = part('secant', '[role=slider], input[type=range]');
    expect(await output('secant')).not.toContain('slope of the secant  0.536');
    await page.browser.drag(
      await placeOf(page.browser, slider, 0.75),
      await placeOf(page.browser, slider, 0),
    );
    await expect.poll(() => output('secant'), SOON).toContain('slope of the secant  0.536087');
  });

  it('chooses among functions by buttons', async () => {
    await clickOn(page.browser, part('secant', '[aria-pressed=false]'));
    await expect.poll(() => output('secant'), SOON).toContain('slope of the tangent 0.500000');
  });

  it('computes with what is typed into a matrix', async () => {
    await run('matrix');
    await clickOn(page.browser, part('matrix', '.interact input'));
    await page.browser.press('Control', 'a');
    await page.browser.type('7\n');
    const formula = part('matrix', `${CELL_OUTPUT} mjx-assistive-mml`);
    await expect.poll(() => page.browser.look(`${formula}?.textContent ?? ''`), SOON).toContain('20');
  });

  it('counts every press of a button', async () => {
    await run('counter');
    const more = `[...document.getElementById('counter').shadowRoot.querySelectorAll('.interact button')].find((one) => one.textContent.includes('one more'))`;
    for (let press = 0; press < 3; press += 1) await clickOn(page.browser, more);
    await expect.poll(() => output('counter'), SOON).toContain('count is 3');
  });

  it('moves an interact within another', async () => {
    await run('nested');
    const inner = '.interact .interact';
    await page.browser.look(`${part('nested', `${inner} :is([role=slider], input[type=range])`)}.focus()`);
    await page.browser.tap('ArrowRight');
    await expect.poll(() => output('nested'), SOON).toContain('binomial (10, 3) is 120');
  });
});
