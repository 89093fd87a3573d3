import { describe, expect, it } from 'vitest';
import { outputOf, runCell, setCode } from './cell.js';
import { useLive } from './live.js';

const live = useLive();

const TAKEN_BACK = [
  'print("searching")',
  'salvus.delete_last_output()',
  'show(x^2 + 41)',
  'print("found "); print("it")',
  'plot(x, (x, 0, 1)).show()',
  'salvus.delete_last_output()',
].join('\n');

describe('a cell of a real Sage', () => {
  it('shows nothing of what its code has taken back, computed or kept', async () => {
    const page = await live().open('/demo/basic.html');
    for (const time of ['computed', 'kept']) {
      const cell = page.locator('sage-cell').first();
      await setCode(cell, TAKEN_BACK);
      expect(await runCell(cell)).toBe('done');
      const output = outputOf(cell);
      await output.locator('mjx-container').waitFor();
      const text = await output.innerText();
      expect(text, time).toContain('found \nit');
      expect(text, time).not.toContain('searching');
      expect(await output.locator('img').count(), time).toBe(0);
      await page.reload();
    }
    await page.close();
  });

  it('waits for what its code awaits', async () => {
    const page = await live().open('/demo/basic.html');
    const cell = page.locator('sage-cell').first();
    await setCode(
      cell,
      'import asyncio\nasync def f():\n    await asyncio.sleep(float(0.01))\n    return 6*7\nawait f()',
    );
    expect(await runCell(cell)).toBe('done');
    expect((await outputOf(cell).innerText()).trim()).toBe('42');
    await page.close();
  });
});
