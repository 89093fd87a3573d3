/** Pages in languages that are written from right to left; code is not. */
import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { cell, open, openAndRun, useBrowser } from './browser.js';
import { ABC, echo, open as openWorksheet, row, sheet } from './worksheet-page.js';

useBrowser();

const edges = (part: Locator): Promise<{ left: number; right: number }> =>
  part.evaluate((node) => {
    const { left, right } = node.getBoundingClientRect();
    return { left, right };
  });

describe('on a page from right to left', () => {
  it('a cell has its buttons at the right and its status at the left, and code runs from left to right', async () => {
    const { page } = await openAndRun('<main dir="rtl"><sage-cell>a = 1/0</sage-cell></main>', (r) => {
      r.print('one\n');
      r.raise('ZeroDivisionError', 'division by zero', 1);
    });
    const [frame, run, status, more] = await Promise.all(
      ['.cell', '.run', '.status-text', '.more'].map((css) => edges(cell(page).locator(css))),
    );
    expect((frame?.right ?? 0) - (run?.right ?? 0)).toBeLessThan(30);
    expect(status?.right).toBeLessThan(run?.left ?? 0);
    expect((more?.left ?? 0) - (frame?.left ?? 0)).toBeLessThan(30);
    for (const css of ['.paint', '.stream']) {
      const direction = await cell(page)
        .locator(css)
        .evaluate((node) => [getComputedStyle(node).direction, getComputedStyle(node).textAlign]);
      expect(direction).toEqual(['ltr', 'left']);
    }
  });

  it('the menu opens inside the window, from the button on', async () => {
    const { page } = await open('<main dir="rtl"><sage-cell>1</sage-cell></main>', undefined, {
      viewport: { width: 380, height: 700 },
    });
    await cell(page).locator('.more').click();
    const menu = await edges(cell(page).locator('.menu'));
    const button = await edges(cell(page).locator('.more'));
    expect(menu.left).toBeGreaterThanOrEqual(0);
    expect(menu.right).toBeLessThanOrEqual(380);
    expect(Math.abs(menu.left - button.left)).toBeLessThan(8);
  });

  it('a worksheet has the places of its cells at the right and their buttons at the left', async () => {
    const { page } = await openWorksheet(sheet(ABC), 'dir="rtl"', echo);
    const [body, gutter, tools] = await Promise.all(
      ['.body', '.gutter', '.tools'].map((css) => edges(row(page, 'a').locator(css))),
    );
    expect(gutter?.left).toBeGreaterThanOrEqual((body?.right ?? 0) - 1);
    expect(tools?.right).toBeLessThanOrEqual((body?.left ?? 0) + 1);
  });
});
