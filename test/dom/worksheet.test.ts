import { describe, expect, it } from 'vitest';
import { openPage, useBrowser } from './browser.js';
import {
  ABC,
  button,
  code,
  echo,
  focusRow,
  note,
  open,
  outputs,
  sheet,
  SOON,
  sources,
  worksheet,
} from './worksheet-page.js';

useBrowser();

describe('a worksheet', () => {
  it('shows the document in it: title, notes typeset, code, stored outputs', async () => {
    const { page, relay } = await open(
      sheet(
        [
          note('n', '# Part\n\nwith $x^2$ and *stress*'),
          code('a', '2+2', {
            output: [{ kind: 'stream', name: 'stdout', text: 'stored 4\n' }],
            note: 'above',
          }),
        ],
        { description: 'About **it**' },
      ),
    );
    await page.locator('.note-view h1').waitFor();
    await page.locator('mjx-container').waitFor();
    expect(await page.locator('.title').inputValue()).toBe('Primes');
    expect(await page.locator('.description strong').innerText()).toBe('it');
    await expect.poll(() => outputs(page), SOON).toEqual(['stored 4']);
    expect(relay.connectionCount).toBe(0);
    expect(await page.locator('sage-worksheet > p').isVisible()).toBe(false);
  });

  it('runs all in order in one session, once each, and keeps what they put out in the document', async () => {
    const { page, relay } = await open(sheet(ABC));
    await button(page, 'Run all').click();
    await expect.poll(() => outputs(page), SOON).toEqual(['print(1)', 'print(2)', 'print(3)']);
    const executed = relay.received.flatMap((m) => (m.type === 'execute' ? [m] : []));
    expect(executed.map((m) => m.code)).toEqual(['print(1)', 'print(2)', 'print(3)']);
    expect(new Set(executed.map((m) => m.session)).size).toBe(1);
    await expect
      .poll(async () => (await worksheet(page))?.cells[2]?.output, SOON)
      .toEqual([{ kind: 'stream', name: 'stdout', text: 'print(3)\n' }]);
  });

  it('shows who waits, stops at the first failure, and Stop lets nothing more begin', async () => {
    let release: (() => void) | undefined;
    const { page, relay } = await open(
      sheet([code('a', 'slow'), code('b', 'fail'), code('c', '3')]),
      '',
      (r) => {
        r.running();
        if (r.code !== 'slow') {
          void echo(r);
          return;
        }
        r.onInterrupt = () => r.done({ status: 'interrupted' });
        release = () => r.done();
      },
    );
    const ran = (): string[] => relay.received.flatMap((m) => (m.type === 'execute' ? [m.code] : []));
    await button(page, 'Run all').click();
    await page.getByText('waits, 2.').waitFor();
    await expect.poll(ran, SOON).toEqual(['slow']);
    release?.();
    await expect.poll(ran, SOON).toEqual(['slow', 'fail']);
    await page.locator('sage-cell[status="error"]').waitFor();
    await page.waitForTimeout(200);
    expect(ran()).toEqual(['slow', 'fail']);
    await button(page, 'Run all').click();
    await expect.poll(ran, SOON).toHaveLength(3);
    await page.locator('[part="stop-all"]').click();
    await page.waitForTimeout(300);
    expect(ran()).toHaveLength(3);
  });

  it('runs cells marked for it first, once a session', async () => {
    const { page, relay } = await open(
      sheet([code('a', 'setup()', { flags: { auto: true } }), code('b', 'use()')]),
    );
    const ran = (): string[] => relay.received.flatMap((m) => (m.type === 'execute' ? [m.code] : []));
    await focusRow(page, 'b');
    await page.keyboard.press('Control+Enter');
    await expect.poll(ran, SOON).toEqual(['setup()', 'use()']);
    await page.locator('[data-id="b"] sage-cell[status="done"]').waitFor();
    await page.keyboard.press('Control+Enter');
    await expect.poll(ran, SOON).toEqual(['setup()', 'use()', 'use()']);
  });

  it('says what is wrong with a document that is none', async () => {
    const { page, relay } = await openPage();
    await page.goto(
      relay.page(
        '/test',
        '<sage-worksheet><script type="application/json">{"version": 1}</script></sage-worksheet>',
      ),
    );
    await page.locator('sage-worksheet [role="alert"]').waitFor();
    expect(await page.locator('sage-worksheet [role="alert"]').innerText()).toContain('cells is missing');
  });

  it.each([
    ['a log with prompts', 'sage: 2+2\n4\nsage: 3\n3', ['2+2', '3']],
    [
      'a notebook',
      JSON.stringify({ nbformat: 4, cells: [{ cell_type: 'code', source: ['x'], outputs: [] }] }),
      ['x'],
    ],
  ])('reads %s', async (_what, text, expected) => {
    const { page } = await open(`<script type="text/plain">${text}</script>`);
    expect(await sources(page)).toEqual(expected);
  });
});
