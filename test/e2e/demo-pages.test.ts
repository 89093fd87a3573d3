import { readFileSync } from 'node:fs';
import type { Locator } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { cellWith, outputOf, runCell, setCode, waitForEnd } from './cell.js';
import { useLive } from './live.js';

const live = useLive();

describe('the starter page', () => {
  it('computes what a reader types, at the root of the server', async () => {
    const page = await live().open('/');
    const cell = page.locator('sage-cell').first();
    await cell.locator('[part~=editor]').click();
    await cell.locator('.cm-content').waitFor();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('2+2');
    await page.keyboard.press('Shift+Enter');
    expect(await waitForEnd(cell)).toBe('done');
    expect((await outputOf(cell).innerText()).trim()).toBe('4');
    await page.close();
  });

  it('is the same page under /demo/', async () => {
    const [root, demo] = await Promise.all(
      ['/', '/demo/'].map(async (path) => (await fetch(`${live().url}${path}`)).text()),
    );
    expect(root).toContain('<sage-cell');
    expect(demo).toBe(root);
  });
});

describe('the page of basics', () => {
  it('shows a value, a plot as an image, a formula typeset and an error with its line marked', async () => {
    const page = await live().open('/demo/basic.html');

    const sum = await cellWith(page, '2 + 2');
    expect(await runCell(sum)).toBe('done');
    expect((await outputOf(sum).innerText()).trim()).toBe('4');

    const plot = await cellWith(page, 'plot(');
    expect(await runCell(plot)).toBe('done');
    const image = outputOf(plot).locator('img').first();
    await image.waitFor();
    const size = await image.evaluate(async (node) => {
      const img = node as HTMLImageElement;
      await img.decode();
      return {
        width: img.naturalWidth,
        height: img.naturalHeight,
        source: img.src.slice(0, 5),
        alt: img.alt,
      };
    });
    expect(size.width).toBeGreaterThan(100);
    expect(size.height).toBeGreaterThan(100);
    expect(size.source).toBe('blob:');
    expect(size.alt).not.toBe('');

    const formula = await cellWith(page, 'show(');
    expect(await runCell(formula)).toBe('done');
    const typeset = outputOf(formula).locator('mjx-container').first();
    await typeset.waitFor();
    const box = await typeset.boundingBox();
    expect(box?.width).toBeGreaterThan(20);
    expect(await outputOf(formula).locator('mjx-assistive-mml').count()).toBeGreaterThan(0);

    const wrong = await cellWith(page, '1/0');
    expect(await runCell(wrong)).toBe('error');
    expect(await outputOf(wrong).innerText()).toContain('ZeroDivisionError');
    const marked = await wrong.evaluate((cell) =>
      [
        ...(cell.shadowRoot?.querySelectorAll('[class*=error-line], [class*=errorLine], [class*=marked]') ??
          []),
      ].map((line) => line.textContent),
    );
    expect(marked.join('\n')).toContain('1/0');
    await page.close();
  });

  it('stops `while True: pass` within two seconds, and the session still answers', async () => {
    const page = await live().open('/demo/basic.html');
    const cell = await cellWith(page, 'while True');
    await cell.evaluate((node) => node.setAttribute('session', 'stop-test'));
    await setCode(cell, 'a = 41');
    expect(await runCell(cell)).toBe('done');
    await setCode(cell, 'while True:\n    pass');
    await cell.getByRole('button', { name: 'Run', exact: true }).click();
    await waitForEnd(cell, /^running$/);
    const start = performance.now();
    await cell.getByRole('button', { name: 'Stop' }).click();
    await waitForEnd(cell, /^(done|error)$/);
    expect(performance.now() - start).toBeLessThan(2_000);
    await setCode(cell, 'a + 1');
    expect(await runCell(cell)).toBe('done');
    expect((await outputOf(cell).innerText()).trim()).toBe('42');
    await page.close();
  });

  it('answers `input()` from the page, and offers the file that the code wrote', async () => {
    const page = await live().open('/demo/basic.html');
    const question = await cellWith(page, 'input(');
    await question.getByRole('button', { name: 'Run', exact: true }).click();
    await question.getByLabel('A whole number, please:').fill('12');
    await page.keyboard.press('Enter');
    expect(await waitForEnd(question)).toBe('done');
    expect(await outputOf(question).innerText()).toBe(
      'A whole number, please: 12\n12 has the divisors [1, 2, 3, 4, 6, 12]\n',
    );

    const file = await cellWith(page, 'squares.csv');
    expect(await runCell(file)).toBe('done');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      file.getByRole('link', { name: 'squares.csv' }).click(),
    ]);
    expect(
      readFileSync(await download.path(), 'utf8')
        .split('\n')
        .slice(0, 3),
    ).toEqual(['1,1', '2,4', '3,9']);
    await page.close();
  });

  it('shows text of every script, and 100 kB of it', async () => {
    const page = await live().open('/demo/basic.html');
    const words = await cellWith(page, 'effectuées');
    expect(await runCell(words)).toBe('done');
    expect(await outputOf(words).innerText()).toContain('effectuées ∑ 😀');

    await setCode(words, "for i in range(1000):\n    print('%04d ' % i + 'x' * 94)");
    expect(await runCell(words)).toBe('done');
    const text = await outputOf(words).evaluate((node) => node.textContent);
    const lines = text.trim().split('\n');
    expect(lines).toHaveLength(1_000);
    expect(
      lines.every((line, index) => line.trim() === `${String(index).padStart(4, '0')} ${'x'.repeat(94)}`),
    ).toBe(true);
    await page.close();
  });
});

describe('linked cells', () => {
  it('share their variables, and a cell that is not linked does not see them', async () => {
    const page = await live().open('/demo/linked.html');
    const cells = page.locator('sage-cell[session]');
    expect(await cells.count()).toBeGreaterThanOrEqual(2);
    await setCode(cells.nth(0), 'shared = 6');
    await setCode(cells.nth(1), 'shared * 7');
    expect(await runCell(cells.nth(0))).toBe('done');
    expect(await runCell(cells.nth(1))).toBe('done');
    expect((await outputOf(cells.nth(1)).innerText()).trim()).toBe('42');
    await cells.nth(1).evaluate((node) => node.removeAttribute('session'));
    expect(await runCell(cells.nth(1))).toBe('error');
    expect(await outputOf(cells.nth(1)).innerText()).toContain('NameError');
    await page.close();
  });
});

describe('a page with aggressive styles of its own', () => {
  it('does not change how the cell looks, and the cell changes nothing of the page', async () => {
    const page = await live().open('/demo/blog.html');
    const cell = page.locator('sage-cell').first();
    const look = (): Promise<string> =>
      page.evaluate(() =>
        JSON.stringify(
          [...document.querySelectorAll('body, h1, p, pre:not(sage-cell *), button, a')].map((node) => {
            const { font, color, backgroundColor, margin } = getComputedStyle(node);
            return [node.tagName, font, color, backgroundColor, margin];
          }),
        ),
      );
    const before = await look();
    expect(await runCell(cell)).toBe('done');
    expect(await look()).toBe(before);

    await page.mouse.move(0, 0);
    const plain = await live().open('/demo/basic.html');
    const styleOf = (where: Locator): Promise<unknown> =>
      where.locator('[part~=run]').evaluate((node) => {
        const { fontFamily, fontSize, color, backgroundColor, textTransform, letterSpacing, padding } =
          getComputedStyle(node);
        return { fontFamily, fontSize, color, backgroundColor, textTransform, letterSpacing, padding };
      });
    const other = plain.locator('sage-cell').first();
    expect(await styleOf(cell)).toEqual(await styleOf(other));
    await page.close();
    await plain.close();
  });
});

describe('all the pages', () => {
  it('open no connection before the first Run', async () => {
    const page = await live().open('/demo/');
    const sockets: string[] = [];
    page.on('websocket', (socket) => sockets.push(socket.url()));
    await page.reload();
    await page.locator('sage-cell').first().waitFor();
    await page.waitForLoadState('networkidle');
    expect(sockets).toEqual([]);
    await page.close();
  });

  afterAll(() => {
    expect(live().problems).toEqual([]);
  });
});
