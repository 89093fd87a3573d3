import { describe, expect, it } from 'vitest';
import { cell, ended, open, openAndRun, outputText, run, useBrowser } from './browser.js';

useBrowser();

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('the output of a run', () => {
  it('shows text, pictures and errors in the order they came', async () => {
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', (r) => {
      r.print('one ');
      r.print('two\n');
      r.print('warn\n', 'stderr');
      r.display({ 'text/plain': 'a dot', 'image/png': PIXEL }, false);
      r.print('three\n');
      r.display({ 'text/plain': 'f', 'text/html': '<b>four</b>' }, false);
      r.raise('ValueError', 'five', 1);
    });
    await page.getByText('four').waitFor();
    const shown = await cell(page)
      .locator('.output > *')
      .evaluateAll((nodes) =>
        nodes.map((node) => node.querySelector('img')?.alt ?? (node as HTMLElement).innerText.trim()),
      );
    expect(shown).toEqual([
      'one two',
      'warn',
      'a dot',
      'three',
      'four',
      expect.stringContaining('ValueError: five line 1'),
    ]);
  });

  it('keeps the old output until there is new, and the page below in its place', async () => {
    const { page, relay } = await openAndRun('<sage-cell>1</sage-cell><p id="below">below</p>', (r) => {
      r.print('old\n'.repeat(10));
      r.done();
    });
    const below = (): Promise<number> =>
      page.locator('#below').evaluate((node) => node.getBoundingClientRect().top);
    const place = await below();
    let go: (() => void) | undefined;
    relay.script = (r) => {
      r.running();
      go = () => {
        r.print('new\n');
        go = () => r.done();
      };
    };
    await run(page);
    await page.waitForTimeout(800);
    expect(await outputText(page)).toContain('old');
    expect(await below()).toBe(place);
    go?.();
    await expect.poll(() => outputText(page)).toBe('new\n');
    expect(await below()).toBe(place);
    go?.();
    await ended(page);
    await expect.poll(below).toBeLessThan(place);
  });

  it('of a hundred thousand lines leaves the page quick and the text whole', async () => {
    const { page } = await open('<sage-cell>1</sage-cell>', (r) => {
      for (let piece = 0; piece < 1_000; piece += 1) {
        r.print(Array.from({ length: 100 }, (_, line) => `${String(piece * 100 + line)}\n`).join(''));
      }
      r.done();
    });
    await page.evaluate(() => {
      const state = window as unknown as { worst: number };
      state.worst = 0;
      let last = performance.now();
      const frame = (): void => {
        const now = performance.now();
        state.worst = Math.max(state.worst, now - last);
        last = now;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
    await run(page);
    await ended(page);
    const text = await cell(page)
      .locator('.output')
      .evaluate((node) => node.textContent);
    expect(text).toBe(Array.from({ length: 100_000 }, (_, line) => `${String(line)}\n`).join(''));
    expect(await page.evaluate(() => (window as unknown as { worst: number }).worst)).toBeLessThan(1_500);
  });

  it('of endless text stays bounded, says how much is not shown, and gives more of it on request', async () => {
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', (r) => {
      for (let piece = 0; piece < 100; piece += 1) r.print(`${String(piece)} ${'x'.repeat(30_000)}\n`);
      r.raise('ValueError', 'after all that', 1);
    });
    const output = cell(page).locator('.output');
    await output.getByText(/1,000,\d+ more characters are not shown\./).waitFor();
    const more = output.getByRole('button', { name: 'Show more' });
    const order = (): Promise<string[]> =>
      output.evaluate((node) => [...node.children].map(({ className }) => className.split(' ')[0] ?? ''));
    expect(await order()).toEqual(['stream', 'note', 'error']);
    await more.click();
    expect(await order()).toEqual(['stream', 'stream', 'error']);
    expect(await output.evaluate((node) => node.textContent.includes(`99 ${'x'.repeat(30_000)}`))).toBe(true);
    expect(await more.count()).toBe(0);
  });

  it('plays sound', async () => {
    // 8 kHz, 8 bits, mono, 80 samples of silence.
    const wav = `UklGRnQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YVAAAA${'CAgI'.repeat(26)}CAgA==`;
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', (r) => {
      r.display({ 'text/plain': 'a beep', 'audio/wav': wav });
      r.done();
    });
    const player = cell(page).locator('audio');
    await expect
      .poll(() => player.evaluate((node) => (node as HTMLAudioElement).readyState))
      .toBeGreaterThan(0);
    expect(await player.getAttribute('aria-label')).toBe('a beep');
    expect(await player.evaluate((node) => (node as HTMLAudioElement).paused)).toBe(true);
  });

  it('offers files to be saved under their names, never to be opened', async () => {
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', (r) => {
      r.put({ kind: 'file', name: 'pa\u202ege.html', type: 'text/html', size: 8, data: btoa('<b>x</b>') });
      r.put({ kind: 'file', name: 'huge.bin', type: 'application/octet-stream', size: 12_345_678 });
      r.put({ kind: 'file', name: 'broken.bin', type: 'application/octet-stream', size: 1, data: '%' });
      r.done();
    });
    expect((await outputText(page)).split(/\n+/)).toEqual([
      'page.html 8 bytes',
      'huge.bin (12.3 MB, not sent along)',
      'broken.bin (1 byte, not sent along)',
    ]);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      cell(page).getByRole('link', { name: 'page.html' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('page.html');
    const type = await cell(page)
      .getByRole('link')
      .evaluate(async (link) => (await fetch((link as HTMLAnchorElement).href)).headers.get('content-type'));
    expect(type).toBe('application/octet-stream');
  });

  it('removes what it put out when it asks for that', async () => {
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', (r) => {
      r.print('gone\n');
      r.put({ kind: 'clear' });
      r.print('here\n');
      r.done();
    });
    expect(await outputText(page)).toBe('here\n');
  });

  it('takes back what it put out last, so that what is left reads as if that had never been', async () => {
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', (r) => {
      r.print('a');
      r.display({ 'text/plain': 'a dot', 'image/png': PIXEL }, false);
      r.put({ kind: 'retract' });
      r.print('b\n');
      r.display({ 'text/plain': 'f', 'text/html': '<b>bold</b>' }, false);
      r.print('gone\n');
      r.print('gone too\n');
      r.put({ kind: 'retract' });
      r.done();
    });
    await page.getByText('bold').waitFor();
    const shown = await cell(page)
      .locator('.output > *')
      .evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement).innerText.trim()));
    expect(shown).toEqual(['ab', 'bold']);
  });

  it('shows a film of pictures that take each other’s place to its end, however long', async () => {
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', (r) => {
      for (let count = 0; count < 2_100; count += 1) {
        r.display({ 'text/plain': `picture ${String(count)}` }, false);
        r.put({ kind: 'retract' });
      }
      r.display({ 'text/plain': 'the end' }, false);
      r.done();
    });
    expect(await outputText(page)).toBe('the end');
  });

  it('takes back text that was too much to be shown', async () => {
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', (r) => {
      r.display({ 'text/plain': 'kept' }, false);
      for (let count = 0; count < 100; count += 1) r.print(`${'x'.repeat(29_999)}\n`);
      r.put({ kind: 'retract' });
      r.print('after\n');
      r.done();
    });
    expect((await outputText(page)).replace(/\s+/g, ' ').trim()).toBe('kept after');
  });
});
