import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { SageCell } from '../../components/index.js';
import { cell, openAndRun, useBrowser } from './browser.js';
import type { FakeRelay } from './fake-relay.js';

useBrowser();

const DOCUMENTATION = { signature: 'factor(n, proof=True)', docstring: 'Return the factorization of n.' };

/** A cell with a connection and the cursor in its empty editor. */
async function edit(code = ''): Promise<{ page: Page; relay: FakeRelay }> {
  const opened = await openAndRun('<sage-cell session="s">1</sage-cell>', (r) => r.done());
  const { page, relay } = opened;
  relay.documentation = DOCUMENTATION;
  relay.completions = ['factor', 'factorial'];
  await cell(page).locator('.code').click();
  await page.locator('.cm-content').waitFor();
  // A pointer that rests on a name asks about it, too.
  await page.mouse.move(0, 0);
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  if (code !== '') await page.keyboard.insertText(code);
  return opened;
}

const code = (page: Page): Promise<string> => cell(page).evaluate((c: SageCell) => c.code);
const asked = (relay: FakeRelay): string[] =>
  relay.received.flatMap((message) => (message.type === 'inspect' ? [message.before] : []));

describe('Tab', () => {
  it.each([
    ['at the beginning of a line indents', 'if a:\n', 'if a:\n    '],
    ['after blank space indents', 'a = ', 'a =     '],
    ['after a closing parenthesis indents', 'f(x)', 'f(x)    '],
  ])('%s', async (_where, before, after) => {
    const { page } = await edit(before);
    await page.keyboard.press('Tab');
    expect(await code(page)).toBe(after);
  });

  it('with a selection indents its lines, and Shift-Tab takes it back', async () => {
    const { page } = await edit('a\nb');
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Tab');
    expect(await code(page)).toBe('    a\n    b');
    await page.keyboard.press('Shift+Tab');
    expect(await code(page)).toBe('a\nb');
  });

  it('after a name completes it, and takes what is offered', async () => {
    const { page } = await edit('2 + facto');
    await page.keyboard.press('Tab');
    await page.getByText('factorial').waitFor();
    // What is offered cannot be taken for a moment, lest it be taken by mistake.
    await expect
      .poll(async () => {
        await page.keyboard.press('Tab');
        return code(page);
      })
      .toMatch(/^2 \+ factor/);
  });

  it.each(['factor?', 'factor('])('after %s shows what the session knows, until Escape', async (before) => {
    const { page, relay } = await edit(before);
    await page.keyboard.press('Tab');
    await page.locator('.docstring').waitFor();
    expect(await page.locator('.signature').innerText()).toBe('factor(n, proof=True)');
    expect(asked(relay).at(-1)).toBe(before);
    // The first Escape may be for names that were about to be offered.
    await expect
      .poll(async () => {
        await page.keyboard.press('Escape');
        return page.locator('.documentation').count();
      })
      .toBe(0);
    expect(await code(page)).toBe(before);
  });
});

describe('while the reader types', () => {
  it('the signature of a call is shown, until the call is closed', async () => {
    const { page } = await edit();
    await page.keyboard.type('factor(');
    await page.locator('.signature').waitFor();
    expect(await page.locator('.docstring').count()).toBe(0);
    await page.keyboard.type('12)');
    await expect.poll(() => page.locator('.documentation').count()).toBe(0);
    expect(await code(page)).toBe('factor(12)');
  });

  it('nothing waits for a server that does not answer', async () => {
    const { page, relay } = await edit();
    for (const socket of relay.sockets) socket.pause();
    const start = performance.now();
    await page.keyboard.type('factor(12).is_prime() + [f(x) for x in range(3)]');
    await page.keyboard.press('Tab');
    expect(performance.now() - start).toBeLessThan(5_000);
    expect((await code(page)).replace(/\s+$/, '')).toContain('is_prime() + [f(x) for x in range(3)]');
    for (const socket of relay.sockets) socket.resume();
  });
});

describe('the pointer', () => {
  it('resting on a name brings its documentation', async () => {
    const { page, relay } = await edit('2 + factor(12)');
    const line = page.locator('.cm-line').first();
    const place = await line.evaluate((node) => {
      const range = document.createRange();
      const text = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
      let found = text.nextNode();
      while (found && !(found as Text).data.includes('factor')) found = text.nextNode();
      const start = (found as Text).data.indexOf('factor');
      range.setStart(found as Text, start);
      range.setEnd(found as Text, start + 6);
      const { left, top, width, height } = range.getBoundingClientRect();
      return { x: left + width / 2, y: top + height / 2 };
    });
    await page.mouse.move(place.x - 60, place.y + 80);
    await page.mouse.move(place.x, place.y, { steps: 3 });
    await page.locator('.docstring').waitFor();
    expect(asked(relay).at(-1)).toBe('2 + factor');
  });
});

describe('leaving the editor', () => {
  it('is told when Escape makes it possible', async () => {
    const { page } = await edit('x');
    await page.keyboard.press('Escape');
    await expect
      .poll(() => cell(page).locator('.cm-announced').innerText())
      .toContain('Tab now leaves the editor');
  });
});

describe('an editor with five thousand lines', () => {
  it('takes a key in less than a frame', async () => {
    const { page } = await openAndRun('<sage-cell persist max-lines="20">1</sage-cell>', (r) => r.done());
    await cell(page).evaluate((c: SageCell) => {
      c.code = Array.from(
        { length: 5_000 },
        (_, line) => `value_${String(line)} = factor(${String(line)}) + 1`,
      ).join('\n');
    });
    await cell(page).locator('.code').click();
    await page.locator('.cm-content').waitFor();
    await page.keyboard.press('Control+End');
    const times = await page.evaluate(async () => {
      const content = document
        .querySelector('sage-cell')
        ?.shadowRoot?.querySelector<HTMLElement>('.cm-content');
      content?.focus();
      const taken: number[] = [];
      for (let key = 0; key < 40; key += 1) {
        const start = performance.now();
        // What a key does in the end: the editor hears of it, changes its state and draws.
        // eslint-disable-next-line @typescript-eslint/no-deprecated -- the one way to type without a driver in between
        document.execCommand('insertText', false, 'x');
        taken.push(performance.now() - start);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return taken.sort((a, b) => a - b);
    });
    const median = times[20] ?? Infinity;
    console.log(
      `a key in 5,000 lines: median ${median.toFixed(1)} ms, slowest ${(times.at(-1) ?? 0).toFixed(1)} ms`,
    );
    expect(await code(page)).toMatch(/x{40}$/);
    expect(median).toBeLessThan(16);
  });
});
