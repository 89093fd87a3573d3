import type { Page } from 'playwright-core';
import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import type { SageWorksheet } from '../../components/index.js';
import type { WorksheetDocument } from '../../components/document/index.js';
import { openPage, useBrowser } from './browser.js';
import type { FakeRelay, Script } from './fake-relay.js';

useBrowser();

const echo: Script = (r) => {
  r.running();
  if (r.code.startsWith('fail')) r.raise('ValueError', 'as asked', 1);
  else {
    r.print(`${r.code}\n`);
    r.done();
  }
};

const sheet = (cells: object[], more: object = {}): string =>
  `<script type="application/json">${JSON.stringify({ version: 1, title: 'Primes', cells, ...more })}</script>`;

const code = (id: string, source: string, more: object = {}): object => ({
  id,
  kind: 'code',
  source,
  ...more,
});
const note = (id: string, source: string): object => ({ id, kind: 'note', source });
/** What a busy machine needs for what takes no time. */
const SOON = { timeout: 15_000 };

const ABC = [code('a', 'print(1)'), code('b', 'print(2)'), code('c', 'print(3)')];

async function open(
  body: string,
  attributes = '',
  script: Script = echo,
  options: Parameters<typeof openPage>[0] = {},
): Promise<{ page: Page; relay: FakeRelay }> {
  const opened = await openPage(options);
  opened.relay.script = script;
  await opened.page.goto(
    opened.relay.page('/test', `<sage-worksheet ${attributes}><p>before</p>${body}</sage-worksheet>`),
  );
  await shown(opened.page);
  return opened;
}

const shown = async (page: Page): Promise<void> => {
  await page.waitForFunction(() => customElements.get('sage-worksheet'));
  await page.evaluate(() => document.querySelector('sage-worksheet')?.ready);
  await page.locator('.row').first().waitFor();
};

const worksheet = (page: Page): Promise<WorksheetDocument | undefined> =>
  page.evaluate(() => document.querySelector<SageWorksheet>('sage-worksheet')?.document);
const sources = async (page: Page): Promise<string[]> =>
  ((await worksheet(page))?.cells ?? []).map(({ source }) => source);
const ids = async (page: Page): Promise<string> =>
  ((await worksheet(page))?.cells ?? []).map(({ id }) => id).join('');
const outputs = (page: Page): Promise<string[]> =>
  page
    .locator('.row sage-cell')
    .evaluateAll((cells) =>
      cells.map(
        (cell) => (cell.shadowRoot?.querySelector('.output') as HTMLElement | null)?.innerText.trim() ?? '',
      ),
    );
const row = (page: Page, id: string) => page.locator(`[data-id="${id}"]`);
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const choose = (page: Page, id: string) => row(page, id).locator('.gutter .place').click();
const focusRow = async (page: Page, id: string): Promise<void> => {
  await choose(page, id);
  await row(page, id).focus();
};
const menu = async (page: Page, id: string, item: string): Promise<void> => {
  await row(page, id).hover();
  await row(page, id).locator('.more').first().click();
  await row(page, id).getByRole('menuitem', { name: item, exact: true }).click();
};
const active = (page: Page): Promise<string | null> =>
  page.evaluate(
    () =>
      document
        .querySelector('sage-worksheet')
        ?.shadowRoot?.querySelector('[aria-current="true"]')
        ?.getAttribute('data-id') ?? null,
  );

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

describe('saving', () => {
  it('keeps changes in the browser, and the author’s version can be had back', async () => {
    const { page } = await open(sheet(ABC), 'name="one"');
    await page.locator('.title').fill('Changed');
    await page.getByText('Not saved yet').waitFor();
    await button(page, 'Save now').click();
    await page.getByText('Saved', { exact: true }).waitFor();
    await page.reload();
    await shown(page);
    expect(await page.locator('.title').inputValue()).toBe('Changed');
    await page.locator('.head .more').click();
    await page.getByRole('menuitem', { name: 'Back to the author’s version' }).click();
    expect(await page.locator('.title').inputValue()).toBe('Primes');
  });

  it('saves when the page is left', async () => {
    const { page } = await open(sheet(ABC), 'name="two"');
    await page.locator('.title').fill('Left');
    await page.reload();
    await shown(page);
    expect(await page.locator('.title').inputValue()).toBe('Left');
  });

  it('tells of a change in another tab and overwrites nothing', async () => {
    const { page } = await open(sheet(ABC), 'name="three"');
    await page.locator('.title').fill('First');
    await button(page, 'Save now').click();
    await page.getByText('Saved', { exact: true }).waitFor();
    const other = await page.context().newPage();
    await other.goto(page.url());
    await shown(other);
    await other.locator('.title').fill('Theirs');
    await button(other, 'Save now').click();
    await other.getByText('Saved', { exact: true }).waitFor();
    await page.locator('.title').fill('Mine');
    await button(page, 'Save now').click();
    await page.getByRole('alert').waitFor();
    await button(page, 'Take theirs').click();
    expect(await page.locator('.title').inputValue()).toBe('Theirs');
  });

  it('lets the page keep it by events', async () => {
    const { page } = await openPage().then(async ({ page: made, relay }) => {
      await made.addInitScript(() => {
        const kept = { document: { version: 1, title: 'From the page', cells: [] }, revision: '7' };
        const saved: unknown[] = [];
        Object.assign(window, { saved });
        document.addEventListener('sage-load', (event) => {
          (event as unknown as { detail: { respondWith(answer: unknown): void } }).detail.respondWith(kept);
        });
        document.addEventListener('sage-save', (event) => {
          const { detail } = event as unknown as {
            detail: { document: { title: string }; revision: string; respondWith(answer: unknown): void };
          };
          saved.push([detail.document.title, detail.revision]);
          detail.respondWith(Promise.resolve({ revision: '8' }));
        });
      });
      await made.goto(relay.page('/test', '<sage-worksheet save="page"></sage-worksheet>'));
      await shown(made);
      return { page: made };
    });
    expect(await page.locator('.title').inputValue()).toBe('From the page');
    await page.locator('.title').fill('Kept');
    await button(page, 'Save now').click();
    await page.getByText('Saved', { exact: true }).waitFor();
    expect(await page.evaluate(() => (window as unknown as { saved: unknown[] }).saved)).toEqual([
      ['Kept', '7'],
    ]);
  });
});

describe('other views', () => {
  it('show the document as JSON that can be changed, with every mistake named', async () => {
    const { page } = await open(sheet(ABC));
    await page.locator('.views').selectOption('json');
    const field = page.locator('.json-field');
    const text = await field.inputValue();
    await field.fill(text.replace('"kind": "code"', '"kind": "kode"'));
    await page.getByText('cells[0].kind is "kode"').waitFor();
    expect(await button(page, 'Apply').isDisabled()).toBe(true);
    await field.fill(text.replace('"Primes"', '"By hand"'));
    await page.getByText('This is a good worksheet').waitFor();
    await button(page, 'Apply').click();
    expect(await page.locator('.title').inputValue()).toBe('By hand');
    expect(await ids(page)).toBe('abc');
  });

  it('show slides, one heading each', async () => {
    const { page } = await open(
      sheet([note('m', '# One'), code('a', '1'), note('n', '## Two'), code('b', '2')]),
    );
    await page.locator('.views').selectOption('slides');
    await page.getByText('Slide 1 of 2').waitFor();
    expect(await row(page, 'a').isVisible()).toBe(true);
    expect(await row(page, 'b').isVisible()).toBe(false);
    await button(page, 'Next slide').click();
    expect(await row(page, 'b').isVisible()).toBe(true);
  });

  it('give the worksheet as a file in every format', async () => {
    const { page } = await open(sheet(ABC));
    for (const format of ['json', 'ipynb', 'html', 'sage', 'py']) {
      const download = page.waitForEvent('download');
      await page.locator('.head .more').click();
      await page.getByRole('menuitem', { name: `Save as .${format}` }).click();
      expect((await download).suggestedFilename()).toBe(`Primes.${format}`);
    }
    const exported = await page.evaluate(() =>
      document.querySelector<SageWorksheet>('sage-worksheet')?.export('html'),
    );
    expect(exported).toContain('<h1>Primes</h1>');
  });

  it('open a file of the reader', async () => {
    const { page } = await open(sheet(ABC));
    const chooser = page.waitForEvent('filechooser');
    await page.locator('.head .more').click();
    await page.getByRole('menuitem', { name: 'Open a file…' }).click();
    await (
      await chooser
    ).setFiles({ name: 'x.sage', mimeType: 'text/plain', buffer: Buffer.from('# %%\nfrom_file()\n') });
    await expect.poll(() => sources(page), SOON).toEqual(['from_file()']);
    expect(await page.locator('.said').innerText()).toBe('Opened, 1 cell');
  });
});

describe('accessibility', () => {
  it.each(['light', 'dark'] as const)('finds no fault in %s', async (colorScheme) => {
    const { page } = await open(
      sheet([
        note('n', '# Part $x$'),
        ...ABC,
        code('d', 'x', { output: [{ kind: 'stream', name: 'stdout', text: 'o\n' }] }),
      ]),
      '',
      echo,
      { colorScheme },
    );
    await page.locator('mjx-container').waitFor();
    await focusRow(page, 'a');
    await page.waitForTimeout(300);
    await page.evaluate(axe.source);
    const found = await page.evaluate(async () => {
      const { axe: inPage } = window as unknown as {
        axe: {
          run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
        };
      };
      return (await inPage.run()).violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map((n) => `${n.html} ${n.failureSummary}`).join(' | ')}`,
      );
    });
    expect(found).toEqual([]);
  });

  it('speaks the language of the page', async () => {
    const { page } = await open(sheet(ABC), 'lang="de"');
    await button(page, 'Alle ausführen').waitFor();
    await button(page, 'Ausführen').first().waitFor();
  });
});
