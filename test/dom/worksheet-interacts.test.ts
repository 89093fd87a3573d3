import { describe, expect, it } from 'vitest';
import type { Control } from '../../relay/protocol/index.js';
import { useBrowser } from './browser.js';
import { framesOf, interactScript, viewOf } from './interact-script.js';
import { code, open, sheet, shown, SOON, worksheet } from './worksheet-page.js';

useBrowser();

const SLIDER: Control = {
  control: 'slider',
  name: 'x',
  label: 'x',
  value: 2,
  min: 0,
  max: 10,
  step: 1,
  showsValue: true,
};

describe('an interact of a worksheet', () => {
  it('runs in the session of the worksheet; its plain form and its last frame are kept, and shown after loading', async () => {
    const { page, relay } = await open(
      sheet([code('a', '@interact\ndef f(x=(0..10)): print(x)')]),
      'name="interacts"',
      interactScript(viewOf([SLIDER])),
    );
    const cell = page.locator('sage-cell').first();
    await cell.getByRole('button', { name: 'Run', exact: true }).click();
    await cell.getByRole('slider').press('ArrowRight');
    await expect.poll(() => cell.locator('.interact-output').innerText(), SOON).toContain('"x":3');
    const sessions = relay.received.flatMap((m) => (m.type === 'execute' ? [m.session] : []));
    expect(new Set(sessions).size).toBe(1);
    const kept = async (): Promise<string> => JSON.stringify((await worksheet(page))?.cells[0]?.output ?? []);
    await expect.poll(kept, SOON).toContain('3}');
    const text = await kept();
    expect(text).toContain('the plain form');
    expect(text).not.toContain('first');
    expect(text).not.toContain('interact+json');
    // The page knows the last frame by then, and the controls are still in use.
    await cell.getByRole('slider').press('ArrowRight');
    await expect.poll(() => framesOf(relay).length, SOON).toBe(2);
    await page.waitForTimeout(1_200);
    await page.reload();
    await shown(page);
    const output = page.locator('sage-cell').first().locator('.output').first();
    await expect.poll(() => output.innerText(), SOON).toContain('the plain form');
    expect(await output.innerText()).toContain('"x":4');
    expect(await page.locator('sage-cell').first().getByRole('slider').count()).toBe(0);
  });
});
