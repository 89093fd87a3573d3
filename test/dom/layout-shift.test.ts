/** What is on the page stays where it is while a run begins, goes on and ends. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { cell, ended, open, run, useBrowser } from './browser.js';
import type { Script } from './fake-relay.js';

useBrowser();

/** Adds up what moves on the page from now on, whether the reader has just pressed something or not. */
const watch = async (page: Page): Promise<() => Promise<number>> => {
  await page.evaluate(() => {
    const seen = { shift: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.shift += (entry as unknown as { value: number }).value;
    }).observe({ type: 'layout-shift', buffered: false });
  });
  return async () => {
    await page.waitForTimeout(200);
    return page.evaluate(() => (window as unknown as { seen: { shift: number } }).seen.shift);
  };
};

const PAGE = '<p>above</p><sage-cell languages="sage python">1</sage-cell><p>below</p>';

/** Takes longer than a run may before it is shown as running. */
const slowly =
  (say: Script): Script =>
  (r) => {
    r.running();
    setTimeout(() => void say(r), 900);
  };

/** The status itself grows to the left while its stopwatch counts; all else stands still. */
const STATUS_GROWS = 0.0003;

describe('nothing moves', () => {
  it('when a run begins, is shown as running with a stopwatch and Stop, and ends without output', async () => {
    const { page } = await open(
      PAGE,
      slowly((r) => r.done()),
    );
    const shift = await watch(page);
    await run(page);
    await cell(page).locator('.stop').waitFor();
    await ended(page);
    expect(await shift()).toBeLessThan(STATUS_GROWS);
  });

  it('when it is run again with an output as large as the last', async () => {
    const { page, relay } = await open(PAGE, (r) => {
      r.print('1\n2\n3\n');
      r.done();
    });
    await run(page);
    await ended(page);
    relay.script = slowly((r) => {
      r.print('4\n5\n6\n');
      r.done();
    });
    const shift = await watch(page);
    await run(page);
    await page.waitForFunction(
      () => document.querySelector('sage-cell')?.getAttribute('status') === 'running',
    );
    await ended(page);
    await expect.poll(() => cell(page).locator('.output').innerText()).toBe('4\n5\n6\n');
    expect(await shift()).toBeLessThan(STATUS_GROWS);
  });

  it('when the reader turns to the code and the editor comes', async () => {
    const { page } = await open(PAGE);
    const shift = await watch(page);
    await cell(page).locator('.paint').click();
    await page.locator('.cm-content').waitFor();
    expect(await shift()).toBe(0);
  });
});
