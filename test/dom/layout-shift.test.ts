/** What is on the page stays where it is while a run begins, goes on and ends. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { cell, ended, open, run, useBrowser } from './browser.js';
import type { Script } from './fake-relay.js';

useBrowser();

/** As the browser tells it; `types` of TypeScript have it not yet. */
interface LayoutShift extends PerformanceEntry {
  readonly sources: readonly {
    readonly previousRect: DOMRectReadOnly;
    readonly currentRect: DOMRectReadOnly;
  }[];
}

/** Where something was and where it is. */
interface Move {
  readonly from: DOMRectReadOnly;
  readonly to: DOMRectReadOnly;
}

/** Collects what moves on the page from now on, whether the reader has just pressed something or not. */
const watch = async (page: Page): Promise<() => Promise<Move[]>> => {
  await page.evaluate(() => {
    const seen: Move[] = [];
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const { sources } of list.getEntries() as LayoutShift[]) {
        const moves = sources.map(({ previousRect, currentRect }) => ({
          from: previousRect,
          to: currentRect,
        }));
        // What has gone since moved all the same.
        seen.push(...(moves.length > 0 ? moves : [{ from: new DOMRect(), to: new DOMRect(1, 1) }]));
      }
    }).observe({ type: 'layout-shift', buffered: false });
  });
  return async () => {
    await page.waitForTimeout(200);
    return page.evaluate(() => (window as unknown as { seen: Move[] }).seen);
  };
};

/** Not the status, which grows to the left while its stopwatch counts, and ends where it ended before. */
const isNoStatus = ({ from, to }: Move): boolean =>
  from.right !== to.right || from.top !== to.top || from.bottom !== to.bottom;

const PAGE = '<p>above</p><sage-cell languages="sage python">1</sage-cell><p>below</p>';

/** Takes longer than a run may before it is shown as running. */
const slowly =
  (say: Script): Script =>
  (r) => {
    r.running();
    setTimeout(() => void say(r), 900);
  };

describe('nothing moves', () => {
  it('when a run begins, is shown as running with a stopwatch and Stop, and ends without output', async () => {
    const { page } = await open(
      PAGE,
      slowly((r) => r.done()),
    );
    const moved = await watch(page);
    await run(page);
    await cell(page).locator('.stop').waitFor();
    await ended(page);
    expect((await moved()).filter(isNoStatus)).toEqual([]);
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
    const moved = await watch(page);
    await run(page);
    await page.waitForFunction(
      () => document.querySelector('sage-cell')?.getAttribute('status') === 'running',
    );
    await ended(page);
    await expect.poll(() => cell(page).locator('.output').innerText()).toBe('4\n5\n6\n');
    expect((await moved()).filter(isNoStatus)).toEqual([]);
  });

  it('when the reader turns to the code and the editor comes', async () => {
    const { page } = await open(PAGE);
    const moved = await watch(page);
    await cell(page).locator('.paint').click();
    await page.locator('.cm-content').waitFor();
    expect(await moved()).toEqual([]);
  });
});
