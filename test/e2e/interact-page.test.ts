import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { useLive } from './live.js';

const live = useLive();

/** A cell of the page of interacts that was run and shows its controls. */
async function shown(page: Page, id: string): Promise<{ cell: Locator; panel: Locator; output: Locator }> {
  const cell = page.locator(`#${id}`);
  await cell.scrollIntoViewIfNeeded();
  await cell.getByRole('button', { name: 'Run', exact: true }).click();
  await expect.poll(() => cell.getAttribute('status'), { timeout: 30_000 }).toBe('done');
  const panel = cell.locator('.interact').first();
  await panel.waitFor();
  return { cell, panel, output: panel.locator('.interact-output > .output:not(.behind)').first() };
}

const textOf = async (output: Locator): Promise<string> => (await output.innerText()).trim();

const eventually = (read: () => Promise<unknown>): ReturnType<typeof expect.poll> =>
  expect.poll(read, { timeout: 20_000 });

describe('the page of interacts', () => {
  it('draws another polynomial for every order, and tells of an expression that is none', async () => {
    const page = await live().open('/demo/interact.html');
    const { panel, output } = await shown(page, 'taylor');
    await output.locator('img').waitFor();
    const picture = (): Promise<string | null> => output.locator('img').getAttribute('src');
    const before = await picture();
    await panel.getByRole('slider', { name: 'order n' }).press('ArrowRight');
    await eventually(picture).not.toBe(before);
    const field = panel.getByRole('textbox', { name: 'f(x)' });
    await field.fill('cos(x');
    await field.press('Enter');
    await eventually(() => textOf(output)).toMatch(/Error/);
    await field.fill('cos(x)');
    await field.press('Enter');
    await output.locator('img').waitFor();
    await page.close();
  });

  it('takes the steps of Newton’s method, and the last one wins however fast the slider moves', async () => {
    const page = await live().open('/demo/interact.html');
    const { panel, output } = await shown(page, 'newton');
    const steps = panel.getByRole('slider', { name: 'steps' });
    await steps.focus();
    for (let i = 0; i < 5; i += 1) await page.keyboard.press('ArrowRight');
    await eventually(() => textOf(output)).toContain('after 8 steps: 1.76929235');
    await page.close();
  });

  it('chooses among functions by buttons', async () => {
    const page = await live().open('/demo/interact.html');
    const { panel, output } = await shown(page, 'secant');
    await panel.getByRole('button', { pressed: false }).first().click();
    await eventually(() => textOf(output)).toContain('slope of the tangent 0.500000');
    await page.close();
  });

  it('computes the determinant of what is typed into the matrix', async () => {
    const page = await live().open('/demo/interact.html');
    const { panel, output } = await shown(page, 'matrix');
    await output.locator('mjx-container').first().waitFor();
    await panel.getByRole('textbox', { name: 'M, row 1, column 1' }).fill('7');
    await page.keyboard.press('Enter');
    await eventually(() => output.locator('mjx-assistive-mml').first().innerText()).toContain('20');
    await page.close();
  });

  it('draws in the colour that is chosen', async () => {
    const page = await live().open('/demo/interact.html');
    const { panel, output } = await shown(page, 'rose');
    await output.locator('img').waitFor();
    const before = await output.locator('img').getAttribute('src');
    await panel.locator('input[type=color]').fill('#0055aa');
    await eventually(() => output.locator('img').getAttribute('src')).not.toBe(before);
    await page.close();
  });

  it('waits for Update where it is told to', async () => {
    const page = await live().open('/demo/interact.html');
    const { panel, output } = await shown(page, 'spiral');
    await output.locator('img').waitFor();
    const before = await output.locator('img').getAttribute('src');
    await panel.getByRole('slider').press('End');
    await panel.locator('.interact-note').waitFor();
    expect(await output.locator('img').getAttribute('src')).toBe(before);
    await panel.getByRole('button', { name: 'Update' }).click();
    await eventually(() => output.locator('img').getAttribute('src')).not.toBe(before);
    await page.close();
  });

  it('counts every press of a button, and goes on when the page is loaded again', async () => {
    const page = await live().open('/demo/interact.html');
    const { panel, output } = await shown(page, 'counter');
    for (let i = 0; i < 3; i += 1) await panel.getByRole('button', { name: 'one more' }).click();
    await eventually(() => textOf(output)).toBe('count is 3');
    await page.reload();
    const after = page.locator('#counter .interact');
    await after.waitFor();
    await eventually(() => textOf(after.locator('.interact-output'))).toBe('count is 3');
    await after.getByRole('button', { name: 'one less' }).click();
    await eventually(() => textOf(after.locator('.output:not(.behind)'))).toBe('count is 2');
    await page.close();
  });

  it('lets an interact make another', async () => {
    const page = await live().open('/demo/interact.html');
    const { panel } = await shown(page, 'nested');
    const inner = panel.locator('.output:not(.behind) > .interact-place > .interact');
    await inner.getByRole('slider').press('ArrowRight');
    await eventually(() => textOf(inner.locator('.interact-output'))).toContain('binomial (10, 3) is 120');
    await panel.getByRole('slider', { name: 'n', exact: true }).press('ArrowRight');
    await eventually(() => textOf(inner.locator('.interact-output'))).toContain('binomial (15, 2) is 105');
    await page.close();
  });

  it('has no error of a script', () => {
    expect(live().problems).toEqual([]);
  });
});
