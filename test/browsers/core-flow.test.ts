/** What every reader does, in the browsers that are not Chromium: run, stop, error, plot, formula. */
import { expect, it } from 'vitest';
import { onDemoPage } from './demo-page.js';
import { clickOn } from './driven.js';

/** The shadow root of the first cell whose code holds that text. */
const rootOf = (text: string): string =>
  `[...document.querySelectorAll('sage-cell')].find((cell) => cell.code.includes(${JSON.stringify(text)})).shadowRoot`;

onDemoPage('basic', "customElements.whenDefined('sage-cell')", (page) => {
  const click = (root: string, css: string): Promise<void> =>
    clickOn(page.browser, `${root}.querySelector(${JSON.stringify(css)})`);
  const status = (root: string): Promise<string> => page.browser.look(`${root}.host.getAttribute('status')`);
  const output = (root: string): Promise<string> =>
    page.browser.look(`${root}.querySelector('.output').innerText`);
  const ends = async (root: string): Promise<string> => {
    await expect
      .poll(() => status(root), { timeout: 40_000, interval: 100 })
      .toMatch(/^(?:done|error|dead)$/);
    return status(root);
  };

  it('runs what the reader types', async () => {
    const root = rootOf('2 + 2');
    await page.browser.look(`(window.cell = ${root}.host) && 1`);
    await click(root, '.code');
    await expect
      .poll(() => page.browser.look(`window.cell.shadowRoot.querySelector('.cm-content') !== null`), {
        timeout: 30_000,
      })
      .toBe(true);
    await page.browser.press('Control', 'a');
    await page.browser.type('6 * 7');
    await page.browser.press('Shift', 'Enter');
    const own = 'window.cell.shadowRoot';
    expect(await ends(own)).toBe('done');
    expect((await output(own)).trim()).toBe('42');
  });

  it('stops what runs', async () => {
    const root = rootOf('while True');
    await click(root, '.run');
    await expect.poll(() => status(root), { timeout: 40_000 }).toBe('running');
    await expect
      .poll(() => page.browser.look(`${root}.querySelector('.stop').getBoundingClientRect().width > 0`), {
        timeout: 10_000,
      })
      .toBe(true);
    await click(root, '.stop');
    expect(await ends(root)).toBe('done');
  });

  it('shows an error and marks its line', async () => {
    const root = rootOf('1/0');
    await click(root, '.run');
    expect(await ends(root)).toBe('error');
    expect(await output(root)).toContain('ZeroDivisionError');
    expect(await page.browser.look(`${root}.querySelector('.error-line').textContent`)).toContain('1/0');
  });

  it('shows a plot', async () => {
    const root = rootOf('plot(');
    await click(root, '.run');
    expect(await ends(root)).toBe('done');
    await expect
      .poll(() => page.browser.look(`${root}.querySelector('.output img')?.naturalWidth ?? 0`), {
        timeout: 20_000,
      })
      .toBeGreaterThan(100);
  });

  it('typesets a formula', async () => {
    const root = rootOf('show(');
    await click(root, '.run');
    expect(await ends(root)).toBe('done');
    await expect
      .poll(
        () => page.browser.look(`${root}.querySelector('mjx-container')?.getBoundingClientRect().width ?? 0`),
        { timeout: 30_000 },
      )
      .toBeGreaterThan(20);
  });

  it('keeps an output with scripts in its frame', async () => {
    const root = rootOf('1/0');
    await page.browser.look(
      `(${root}.host.code = "html('<script>document.body.append(6 * 7)</' + 'script>') # framed") && 1`,
    );
    const framed = rootOf('# framed');
    await click(framed, '.run');
    expect(await ends(framed)).toBe('done');
    await expect
      .poll(
        () => page.browser.look(`${framed}.querySelector('iframe')?.getBoundingClientRect().height ?? 0`),
        {
          timeout: 20_000,
        },
      )
      .toBeGreaterThan(5);
  });
});
