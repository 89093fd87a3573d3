import { describe, expect, it } from 'vitest';
import { useBrowser } from './browser.js';
import {
  ABC,
  active,
  button,
  code,
  echo,
  focusRow,
  ids,
  menu,
  note,
  open,
  outputs,
  row,
  sheet,
  SOON,
  sources,
  worksheet,
} from './worksheet-page.js';

useBrowser();

describe('cells', () => {
  it('are inserted between others, deleted, brought back', async () => {
    const { page } = await open(sheet(ABC));
    await page.locator('.gap').nth(1).hover();
    await page.locator('.gap').nth(1).getByRole('button', { name: 'Code' }).click();
    await page.locator('.cm-content:focus').waitFor();
    await page.keyboard.type('new()');
    expect(await sources(page)).toEqual(['print(1)', 'new()', 'print(2)', 'print(3)']);
    await focusRow(page, 'a');
    await page.keyboard.press('d');
    await page.keyboard.press('d');
    expect(await sources(page)).toEqual(['new()', 'print(2)', 'print(3)']);
    await page.keyboard.press('z');
    expect(await sources(page)).toEqual(['print(1)', 'new()', 'print(2)', 'print(3)']);
    await page.keyboard.press('Shift+Z');
    expect(await sources(page)).toEqual(['new()', 'print(2)', 'print(3)']);
  });

  it('are split at the cursor and joined', async () => {
    const { page } = await open(sheet([code('a', 'x = 1\ny = 2'), code('b', 'z')]));
    await row(page, 'a').locator('.paint').click();
    await page.locator('.cm-content:focus').waitFor();
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('End');
    await page.keyboard.press('Control+;');
    await expect.poll(() => sources(page), SOON).toEqual(['x = 1', 'y = 2', 'z']);
    await page.keyboard.press('Control+Backspace');
    await expect.poll(() => sources(page), SOON).toEqual(['x = 1\ny = 2', 'z']);
  });

  it('move by buttons, keys and hand, several at once, and keep what they show', async () => {
    const { page } = await open(sheet([...ABC, code('d', '4')]));
    await focusRow(page, 'a');
    await page.keyboard.press('Control+Enter');
    await page.locator('[data-id="a"] sage-cell[status="done"]').waitFor();
    await page.keyboard.press('Control+ArrowDown');
    expect(await ids(page)).toBe('bacd');
    await row(page, 'a').hover();
    await row(page, 'a').locator('.down').click();
    expect(await ids(page)).toBe('bcad');
    await focusRow(page, 'b');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Control+ArrowDown');
    expect(await ids(page)).toBe('abcd');
    const handle = row(page, 'd').locator('.handle');
    await handle.hover();
    await page.mouse.down();
    const top = await row(page, 'a').boundingBox();
    await page.mouse.move((top?.x ?? 0) + 10, (top?.y ?? 0) + 4, { steps: 8 });
    await page.locator('.gap.is-marked').waitFor();
    await page.mouse.up();
    expect(await ids(page)).toBe('dabc');
    expect((await outputs(page))[1]).toBe('print(1)');
  });

  it('are dragged by a finger, while the rest of the page still scrolls under one', async () => {
    const { page } = await open(sheet(ABC), '', echo, {
      hasTouch: true,
      isMobile: true,
      viewport: { width: 380, height: 700 },
    });
    const handle = await row(page, 'a').locator('.handle').boundingBox();
    const last = await row(page, 'c').boundingBox();
    if (handle === null || last === null) throw new Error('nothing to drag');
    const session = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', y?: number): Promise<unknown> =>
      session.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: y === undefined ? [] : [{ x: handle.x + handle.width / 2, y }],
      });
    const from = handle.y + handle.height / 2;
    const to = last.y + last.height - 2;
    await touch('touchStart', from);
    for (let step = 1; step <= 8; step += 1) await touch('touchMove', from + ((to - from) * step) / 8);
    await page.locator('.gap.is-marked').waitFor();
    await touch('touchEnd');
    await expect.poll(() => ids(page), SOON).toBe('bca');
    expect(await page.locator('.said').innerText()).toContain('3');
    const actions = await page.evaluate(() =>
      ['.handle', '.body'].map(
        (css) =>
          getComputedStyle(
            document.querySelector('sage-worksheet')?.shadowRoot?.querySelector(css) ?? document.body,
          ).touchAction,
      ),
    );
    expect(actions).toEqual(['none', 'auto']);
  });

  it('let go of a drag at Escape', async () => {
    const { page } = await open(sheet(ABC));
    await row(page, 'c').locator('.handle').hover();
    await page.mouse.down();
    await page.mouse.move(40, 60, { steps: 6 });
    await page.keyboard.press('Escape');
    await page.mouse.up();
    expect(await ids(page)).toBe('abc');
  });

  it('are crossed by arrow keys, and an empty one goes with Backspace', async () => {
    const { page } = await open(sheet([code('a', '1'), code('b', ''), code('c', '3')]));
    await row(page, 'a').locator('.paint').click();
    await page.locator('[data-id="a"] .cm-content:focus').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.locator('[data-id="b"] .cm-content:focus').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.locator('[data-id="c"] .cm-content:focus').waitFor();
    await page.keyboard.press('ArrowUp');
    await page.locator('[data-id="b"] .cm-content:focus').waitFor();
    await page.keyboard.press('Backspace');
    await expect.poll(() => ids(page), SOON).toBe('ac');
    await page.locator('[data-id="a"] .cm-content:focus').waitFor();
  });

  it('run with Shift and Enter and go on, with a new one after the last', async () => {
    const { page } = await open(sheet(ABC.slice(0, 2)));
    await row(page, 'a').locator('.paint').click();
    await page.locator('[data-id="a"] .cm-content:focus').waitFor();
    await page.keyboard.press('Shift+Enter');
    await page.locator('[data-id="b"] .cm-content:focus').waitFor();
    await page.keyboard.press('Shift+Enter');
    await expect.poll(() => outputs(page), SOON).toEqual(['print(1)', 'print(2)', '']);
    await page.keyboard.type('4');
    expect(await sources(page)).toEqual(['print(1)', 'print(2)', '4']);
  });

  it('become notes and code, are duplicated, hidden and cleared', async () => {
    const { page } = await open(
      sheet([code('a', 'x', { output: [{ kind: 'stream', name: 'stdout', text: 'old\n' }] })]),
    );
    await expect.poll(() => outputs(page), SOON).toEqual(['old']);
    await menu(page, 'a', 'Hide output');
    expect(await row(page, 'a').locator('.output').isVisible()).toBe(false);
    await menu(page, 'a', 'Show output');
    await menu(page, 'a', 'Clear output');
    await expect.poll(() => outputs(page), SOON).toEqual(['']);
    await menu(page, 'a', 'Duplicate');
    expect(await sources(page)).toEqual(['x', 'x']);
    await menu(page, 'a', 'Make it text');
    expect((await worksheet(page))?.cells.map(({ kind }) => kind)).toEqual(['note', 'code']);
    await menu(page, 'a', 'Make it code');
    await menu(page, 'a', 'Hide code');
    expect((await worksheet(page))?.cells[0]).toMatchObject({ kind: 'code', flags: { hideSource: true } });
  });

  it('that are notes are edited as Markdown and shown typeset, with nothing that could run', async () => {
    const { page } = await open(sheet([note('n', 'text')]));
    await focusRow(page, 'n');
    await page.keyboard.press('Enter');
    await page.locator('.note-field').fill('**new** <img src=x onerror="document.title=\'bad\'">');
    await page.keyboard.press('Escape');
    await page.locator('.note-view strong').waitFor();
    expect(await page.title()).not.toBe('bad');
    expect(await page.locator('.note-view img[src="x"]').count()).toBe(0);
    expect(await active(page)).toBe('n');
    expect(await sources(page)).toEqual([expect.stringContaining('**new**')]);
  });

  it('of a readonly worksheet run but do not change', async () => {
    const { page } = await open(sheet([note('n', 'text'), ...ABC]), 'readonly');
    await focusRow(page, 'a');
    for (const key of ['d', 'd', 'b', 'Delete', 'Control+Backspace']) await page.keyboard.press(key);
    expect(await ids(page)).toBe('nabc');
    expect(await page.locator('.handle, .gap, .tools').count()).toBe(0);
    await button(page, 'Run all').click();
    await expect.poll(() => outputs(page), SOON).toEqual(['print(1)', 'print(2)', 'print(3)']);
  });
});
