import { describe, expect, it } from 'vitest';
import type { SageCell } from '../../components/index.js';
import { cell, ended, open, openAndRun, useBrowser } from './browser.js';

useBrowser();

describe('the code', () => {
  it.each([
    ['plain text', '<sage-cell>\n  a = 1\n  if a &lt; 2:\n      a\n</sage-cell>', 'a = 1\nif a < 2:\n    a'],
    ['a pre', '<sage-cell><pre>\n  a\n    b</pre></sage-cell>', 'a\n  b'],
    ['a pre with markup in it', '<sage-cell><pre><code><b>a</b> = 1</code></pre></sage-cell>', 'a = 1'],
    ['a script', '<sage-cell><script type="text/x-sage">\n  a < b && c\n</script></sage-cell>', 'a < b && c'],
    ['a textarea', '<sage-cell><textarea>a &amp; b</textarea></sage-cell>', 'a & b'],
    [
      'text beside a template for something else',
      '<sage-cell>a<template slot="output">b</template></sage-cell>',
      'a',
    ],
    ['nothing', '<sage-cell></sage-cell>', ''],
  ])('is that of %s', async (_where, body, code) => {
    const { page } = await open(body);
    expect(await cell(page).evaluate((c: SageCell) => c.code)).toBe(code);
    const painted = await cell(page).locator('.paint .line').allTextContents();
    if (code !== '') expect(painted.join('').trimEnd()).toBe(code);
  });

  it('is taken when the parser or a script brings it later', async () => {
    const { page } = await open('<sage-cell></sage-cell>');
    const codes = await cell(page).evaluate(async (c: SageCell) => {
      c.append('a');
      await new Promise(requestAnimationFrame);
      const first = c.shadowRoot?.querySelector('.paint')?.textContent;
      c.firstChild?.remove();
      c.innerHTML = '<pre>b</pre>';
      await new Promise(requestAnimationFrame);
      return [first?.trim(), c.code, c.shadowRoot?.querySelector('.paint')?.textContent.trim()];
    });
    expect(codes).toEqual(['a', 'b', 'b']);
  });

  it('survives a page that arrives in pieces after the element is defined', async () => {
    const { page } = await open('');
    const code = await page.evaluate(async () => {
      document.open();
      // The one way to have the parser pause in the middle of an element.
      // eslint-disable-next-line @typescript-eslint/no-deprecated
      document.write('<!doctype html><title>t</title><sage-cell><pre>a = 1\n');
      await new Promise((resolve) => setTimeout(resolve, 50));
      // eslint-disable-next-line @typescript-eslint/no-deprecated
      document.write('a + 1</pre></sage-cell>');
      document.close();
      await new Promise((resolve) => setTimeout(resolve, 50));
      return document.querySelector<SageCell>('sage-cell')?.shadowRoot?.querySelector('.paint')?.textContent;
    });
    expect(code?.trim()).toBe('a = 1\na + 1');
  });

  it('that the reader changed is no longer changed by the page', async () => {
    const { page, relay } = await open('<sage-cell>1 + 1</sage-cell>');
    await cell(page).locator('.paint').click();
    await page.locator('.cm-content').waitFor();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('2 + 2');
    await cell(page).evaluate((c) => {
      c.textContent = '3 + 3';
    });
    await page.keyboard.press('Shift+Enter');
    await ended(page);
    expect(relay.received.find((message) => message.type === 'execute')).toMatchObject({ code: '2 + 2' });
  });

  it('can be set and read by a script, even before the element is in a page', async () => {
    const { page } = await open('');
    const result = await page.evaluate(async () => {
      const made = document.createElement('sage-cell');
      made.code = 'a\n';
      document.body.append(made);
      await made.updateComplete;
      return [made.code, made.shadowRoot?.querySelector('.paint')?.textContent];
    });
    expect(result).toEqual(['a', 'a\n']);
  });

  it('does not move by a pixel when the editor takes the place of the painted code', async () => {
    const code =
      'def f(x):\n    """Doc"""\n    return x^2 # square\n\n' +
      'y = f(3) + '.repeat(30) +
      '1\n\nprint("äöü ∑", y)';
    const { page } = await open(`<p>above</p><sage-cell>${code}</sage-cell><p id="below">below</p>`);
    const places = (lines: string) =>
      page.evaluate((css) => {
        const root = document.querySelector('sage-cell')?.shadowRoot;
        const range = document.createRange();
        const tops = [...(root?.querySelectorAll(css) ?? [])].map((line) => {
          range.selectNodeContents(line);
          const box = line.getBoundingClientRect();
          return [box.top, box.height, range.getBoundingClientRect().left].map(
            (value) => Math.round(value * 10) / 10,
          );
        });
        return { tops, below: document.querySelector('#below')?.getBoundingClientRect().top };
      }, lines);
    const painted = await places('.paint .line');
    await cell(page).locator('.paint').hover();
    await page.locator('.cm-content').waitFor();
    await page.waitForTimeout(200);
    const edited = await places('.cm-line');
    expect(edited.below).toBe(painted.below);
    expect(edited.tops.map(([top, height]) => [top, height])).toEqual(
      painted.tops.map(([top, height]) => [top, height]),
    );
    // An empty line has no text whose place could be compared.
    const hasText = (_: unknown, index: number): boolean => code.split('\n')[index] !== '';
    expect(edited.tops.filter(hasText)).toEqual(painted.tops.filter(hasText));
  });

  it('gets the cursor where the reader clicked', async () => {
    const { page } = await open('<sage-cell>abcdefghij</sage-cell>');
    await cell(page)
      .locator('.paint .line')
      .click({ position: { x: 16 + 8.43 * 5, y: 10 } });
    await page.locator('.cm-content').waitFor();
    await page.keyboard.type('X');
    expect(await cell(page).evaluate((c: SageCell) => c.code)).toBe('abcdeXfghij');
  });

  it('that is read-only is never put into an editor, and runs', async () => {
    const { page, relay } = await openAndRun('<sage-cell readonly>1</sage-cell>', (r) => r.done());
    await cell(page).locator('.paint').click();
    await page.keyboard.press('Shift+Enter');
    await expect.poll(() => relay.received.filter(({ type }) => type === 'execute').length).toBe(2);
    expect(relay.requests.some((path) => path.includes('/editor-'))).toBe(false);
  });

  it('is completed by names from the session, once there is a connection', async () => {
    const { page, relay } = await openAndRun('<sage-cell>1</sage-cell>', (r) => r.done());
    relay.completions = ['factor', 'factorial'];
    await cell(page).locator('.code').click();
    await page.locator('.cm-content').waitFor();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('facto');
    await page.getByText('factorial').click();
    expect(await cell(page).evaluate((c: SageCell) => c.code)).toBe('factorial');
  });
});
