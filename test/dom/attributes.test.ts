import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { SageCell } from '../../components/index.js';
import { cell, ended, open, openAndRun, openPage, outputText, run, useBrowser } from './browser.js';
import type { FakeRelay, Script } from './fake-relay.js';

useBrowser();

const done: Script = (r) => r.done();

/** What was asked to be run, in order. */
const executions = (relay: FakeRelay) =>
  relay.received.flatMap((message) => (message.type === 'execute' ? [message] : []));

const codeOf = (page: Page): Promise<string> => cell(page).evaluate((c: SageCell) => c.code);

async function typeInto(page: Page, text: string): Promise<void> {
  await cell(page).locator('.code').click();
  await page.locator('.cm-content, textarea').first().waitFor();
  await page.keyboard.press('Control+a');
  await page.keyboard.type(text);
}

describe('language', () => {
  it.each([
    ['sage', { code: '1/0', language: 'sage' }],
    ['python', { code: '1/0', language: 'python' }],
    ['gap', { code: '1/0', language: 'gap' }],
    ['md', { code: '%md\n1/0', language: 'sage' }],
  ])('%s goes to the server as what it understands', async (language, asked) => {
    const { page, relay } = await openAndRun(`<sage-cell language="${language}">1/0</sage-cell>`, (r) =>
      // The bridge counts the line that names the language.
      r.raise('ZeroDivisionError', 'no', r.code.startsWith('%') ? 2 : 1),
    );
    expect(executions(relay)[0]).toMatchObject(asked);
    expect(await outputText(page)).toContain('line 1');
  });

  it('can be chosen by the reader among those that `languages` offers', async () => {
    const { page, relay } = await open(
      '<sage-cell language="python" languages="sage python gap">1</sage-cell>',
      done,
    );
    const choice = cell(page).getByRole('combobox', { name: 'Language' });
    expect(await choice.locator('option').allTextContents()).toEqual(['Sage', 'Python', 'GAP']);
    expect(await choice.inputValue()).toBe('python');
    await choice.selectOption('GAP');
    await run(page);
    await ended(page);
    expect(executions(relay)[0]).toMatchObject({ code: '1', language: 'gap' });
  });
});

describe('setup', () => {
  it('is not shown and runs once before everything else of its session, again when the session is new', async () => {
    const { page, relay } = await open(
      '<sage-cell setup session="s">a = 1</sage-cell><sage-cell id="x" session="s">a</sage-cell><sage-cell id="y" session="other">b</sage-cell>',
      done,
    );
    expect(await cell(page).isVisible()).toBe(false);
    const runCell = (id: string) =>
      page.evaluate((name) => document.querySelector<SageCell>(`#${name}`)!.run(), id);
    await runCell('x');
    await runCell('x');
    await runCell('y');
    expect(executions(relay).map(({ code }) => code)).toEqual(['a = 1', 'a', 'a', 'b']);
    await page.evaluate(() => document.querySelector<SageCell>('#x')!.restart());
    await runCell('x');
    expect(
      executions(relay)
        .map(({ code }) => code)
        .slice(4),
    ).toEqual(['a = 1', 'a']);
  });

  it('that fails is told by the cell that needed it, and tried again', async () => {
    const { page, relay } = await open(
      '<sage-cell setup session="s">oops</sage-cell><sage-cell id="x" session="s">a</sage-cell>',
      (r) => (r.code === 'oops' ? r.raise('NameError', 'oops is not defined', 1) : r.done()),
    );
    const shown = page.locator('#x');
    for (let times = 0; times < 2; times += 1) {
      await shown.getByRole('button', { name: 'Run', exact: true }).click();
      await ended(page, '#x');
      await shown
        .getByText('The preparation of this session failed: NameError: oops is not defined')
        .waitFor();
    }
    expect(executions(relay).map(({ code }) => code)).toEqual(['oops', 'a', 'oops', 'a']);
  });
});

describe('hide', () => {
  it.each([
    ['editor', '.code'],
    ['output', '.output'],
    ['toolbar', '.toolbar'],
    ['run', '.run'],
    ['status', '.status'],
    ['menu', '.more'],
  ])('%s leaves it out and nothing else', async (part, css) => {
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', (r) => {
      r.print('text\n');
      r.done();
    });
    expect(await cell(page).locator(css).isVisible()).toBe(true);
    await cell(page).evaluate((c, name) => c.setAttribute('hide', name), part);
    await expect.poll(() => cell(page).locator(css).isVisible()).toBe(false);
    const other = css === '.code' ? '.toolbar' : '.code';
    expect(await cell(page).locator(other).isVisible()).toBe(true);
  });

  it('takes actions out of the menu', async () => {
    const { page } = await open('<sage-cell hide="copy fullscreen">1</sage-cell>');
    await expect.poll(() => cell(page).locator('.more').count()).toBe(0);
  });
});

describe('how the code is shown', () => {
  it('collapsed folds it away until the reader asks for it', async () => {
    const { page } = await open('<sage-cell collapsed>1 + 1</sage-cell>');
    const fold = cell(page).getByRole('button', { name: 'Show code' });
    expect(await cell(page).locator('.code').isVisible()).toBe(false);
    expect(await fold.getAttribute('aria-expanded')).toBe('false');
    await fold.click();
    expect(await cell(page).locator('.code').isVisible()).toBe(true);
    expect(await cell(page).getByRole('button', { name: 'Hide code' }).getAttribute('aria-expanded')).toBe(
      'true',
    );
  });

  it('code that begins with %hide is folded away too, but not under the hands of who writes that', async () => {
    const { page } = await open('<sage-cell>%hide\n1 + 1</sage-cell><sage-cell>1</sage-cell>');
    const [hidden, typed] = [page.locator('sage-cell').first(), page.locator('sage-cell').last()];
    expect(await hidden.locator('.code').isVisible()).toBe(false);
    await hidden.getByRole('button', { name: 'Show code' }).click();
    expect(await hidden.locator('.code').isVisible()).toBe(true);
    await typed.locator('[part~=editor]').click();
    await typed.locator('.cm-content').waitFor();
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('%hide\n');
    expect(await typed.locator('.code').isVisible()).toBe(true);
    await typed.getByRole('button', { name: 'Hide code' }).click();
    expect(await typed.locator('.code').isVisible()).toBe(false);
  });

  it.each(['codemirror', 'textarea'])('lines and max-lines bound its height, in %s too', async (editor) => {
    const { page } = await open(
      `<sage-cell editor="${editor}" lines="4" max-lines="6">1</sage-cell><sage-cell lines="4" max-lines="6">${'x\n'.repeat(50)}</sage-cell><sage-cell>1\n2\n3\n4</sage-cell><sage-cell>1\n2\n3\n4\n5\n6</sage-cell>`,
    );
    const heights = (): Promise<number[]> =>
      page
        .locator('.code')
        .evaluateAll((nodes) => nodes.map((node) => Math.round(node.getBoundingClientRect().height)));
    const [few, many, four, six] = await heights();
    expect([few, many]).toEqual([four, six]);
    await cell(page).locator('.code').click();
    await page.locator('.cm-content, textarea').first().waitFor();
    expect((await heights())[0]).toBe(four);
  });

  it('line-numbers stand where the editor has them', async () => {
    const { page } = await open(`<sage-cell line-numbers>${'x = 1\n'.repeat(11)}y</sage-cell>`);
    const left = (css: string): Promise<number> =>
      page
        .locator(css)
        .first()
        .evaluate((line) => {
          const range = document.createRange();
          const text = document.createTreeWalker(line, NodeFilter.SHOW_TEXT).nextNode();
          range.selectNodeContents(text ?? line);
          return Math.round(range.getBoundingClientRect().left);
        });
    const painted = await left('.paint .line');
    await cell(page).locator('.paint').hover();
    await page.locator('.cm-lineNumbers').waitFor();
    expect(await left('.cm-line')).toBe(painted);
    const numbers = await cell(page).locator('.cm-lineNumbers .cm-gutterElement').allInnerTexts();
    expect(numbers.filter((text) => text !== '').slice(-1)).toEqual(['12']);
  });

  it('editor="textarea" edits in a plain field and loads no other editor', async () => {
    const { page, relay } = await open('<sage-cell editor="textarea">1</sage-cell>', done);
    await typeInto(page, '2 + 2');
    await page.keyboard.press('Shift+Enter');
    await ended(page);
    expect(executions(relay)[0]?.code).toBe('2 + 2');
    expect(relay.requests.some((path) => path.includes('/editor-'))).toBe(false);
  });
});

describe('evaluate-key', () => {
  it.each([
    ['shift-enter', ['Shift+Enter', 'Control+Enter'], ['Enter']],
    ['ctrl-enter', ['Control+Enter'], ['Enter', 'Shift+Enter']],
    ['enter', ['Enter', 'Control+Enter'], ['Shift+Enter']],
  ])('%s runs with %j and makes a new line with %j', async (key, runs, lines) => {
    for (const editor of ['codemirror', 'textarea']) {
      const { page, relay } = await open(
        `<sage-cell evaluate-key="${key}" editor="${editor}">1</sage-cell>`,
        done,
      );
      await typeInto(page, 'a');
      for (const press of lines) await page.keyboard.press(press);
      expect(executions(relay)).toHaveLength(0);
      expect(await codeOf(page)).toBe(`a${'\n'.repeat(lines.length)}`);
      for (const [index, press] of runs.entries()) {
        // In a plain field a browser makes nothing of Control and Enter.
        await page.keyboard.press(press);
        await expect.poll(() => executions(relay).length).toBe(index + 1);
        await ended(page);
      }
    }
  });
});

describe('persist', () => {
  it('keeps what the reader changed for the next visit, by page and cell, until it is reset', async () => {
    const { page, relay } = await open('<sage-cell persist>1</sage-cell><sage-cell persist>b</sage-cell>');
    await typeInto(page, '2');
    await page.reload();
    await expect.poll(() => codeOf(page)).toBe('2');
    expect(
      await page
        .locator('sage-cell')
        .nth(1)
        .evaluate((c: SageCell) => c.code),
    ).toBe('b');
    await page.goto(relay.page('/other', '<sage-cell persist>1</sage-cell>'));
    await expect.poll(() => codeOf(page)).toBe('1');
    await page.goBack();
    await expect.poll(() => codeOf(page)).toBe('2');
    await cell(page).evaluate((c: SageCell) => c.reset());
    await page.reload();
    await page.waitForFunction(() => customElements.get('sage-cell'));
    expect(await codeOf(page)).toBe('1');
  });
});

describe('src', () => {
  it('takes the code from an address of this site, and autorun waits for it', async () => {
    const { page, relay } = await openPage();
    relay.script = done;
    relay.page('/code.sage', '<html>\n  x = 3\n');
    await page.goto(relay.page('/test', '<sage-cell src="/code.sage" autorun></sage-cell>'));
    await ended(page);
    expect(executions(relay).map(({ code }) => code)).toEqual(['<html>\n  x = 3']);
  });

  it('of another site never runs by itself, and its outputs are isolated whatever the author says', async () => {
    const { page, relay } = await openPage();
    const warnings: string[] = [];
    page.on('console', (message) => warnings.push(message.text()));
    relay.script = (r) => {
      r.display({ 'text/plain': 'x', 'text/html': '<script>window.HARM = 1</script><b>bold</b>' });
      r.done();
    };
    relay.page('/code.sage', '<html>x', { 'access-control-allow-origin': '*' });
    const elsewhere = relay.url.replace('127.0.0.1', 'localhost');
    await page.goto(
      relay.page('/test', `<sage-cell src="${elsewhere}/code.sage" autorun output-trust="page"></sage-cell>`),
    );
    await expect.poll(() => codeOf(page)).toBe('<html>x');
    expect(executions(relay)).toHaveLength(0);
    await run(page);
    await ended(page);
    await expect.poll(() => warnings.join()).toContain('not heeded for code of another site');
    await cell(page).locator('.frame iframe').waitFor();
    expect(await page.evaluate(() => 'HARM' in window)).toBe(false);
  });

  it('that cannot be loaded is said', async () => {
    const { page } = await open('<sage-cell src="/nowhere.sage"></sage-cell>');
    await cell(page).getByText('The code could not be loaded from').waitFor();
  });
});

describe('what the server is asked for', () => {
  it('key, and cache="off"', async () => {
    const { relay } = await openAndRun('<sage-cell key="book" cache="off">1</sage-cell>', done);
    expect(relay.received[0]).toMatchObject({ type: 'hello', key: 'book' });
    expect(executions(relay)[0]).toMatchObject({ cache: 'bypass' });
  });

  it('time-limit and typeset', async () => {
    const { relay } = await openAndRun('<sage-cell time-limit="90" typeset>1</sage-cell>', done);
    expect(executions(relay)[0]).toMatchObject({ limits: { wallMs: 90_000 }, typeset: true });
  });

  it('the time that is left, once the reader has to wait', async () => {
    const { page, relay } = await open('<sage-cell>1</sage-cell>', (r) => r.running());
    relay.timeLeftMs = 90_000;
    await run(page);
    await expect
      .poll(() => cell(page).locator('.status').innerText())
      .toMatch(/Running [\d.]+ m?s, 1 min \d+ s left/);
  });
});

describe('lang', () => {
  it.each([
    ['de', 'Ausführen', 'Strg', '1,5 s'],
    ['fr', 'Exécuter', 'Maj', '1,5 s'],
    ['es', 'Ejecutar', 'Mayús', '1,5 s'],
    ['zh', '运行', 'Shift', '1.5 s'],
    ['xx', 'Run', 'Shift', '1.5 s'],
  ])('%s speaks to the reader', async (lang, word, _key, time) => {
    const { page } = await open(`<div lang="${lang}"><sage-cell>1</sage-cell></div>`, (r) =>
      r.done({ wallMs: 1_500 }),
    );
    await cell(page).getByRole('button', { name: word, exact: true }).click();
    await ended(page);
    expect(await cell(page).locator('.status').innerText()).toBe(time);
  });

  it('of the cell itself comes before that of the page, and can change', async () => {
    const { page } = await open('<sage-cell lang="de">1</sage-cell>');
    await cell(page).getByRole('button', { name: 'Ausführen' }).waitFor();
    await cell(page).evaluate((c) => c.setAttribute('lang', 'fr'));
    await cell(page).getByRole('button', { name: 'Exécuter' }).waitFor();
  });
});

describe('the page’s defaults', () => {
  it('come from <sage-config> and from window.sageEmbed, and a cell takes them back', async () => {
    const { page } = await open(
      `<sage-config line-numbers language="gap"></sage-config><script>window.sageEmbed = { lines: 4, collapsed: true, language: 'python' }</script>
       <sage-cell>1</sage-cell><sage-cell line-numbers="false" collapsed="false" language="sage">1</sage-cell>`,
    );
    const facts = (): Promise<unknown> =>
      page
        .locator('sage-cell')
        .evaluateAll((cells) =>
          cells.map(({ shadowRoot }) => [
            shadowRoot?.querySelector('.has-line-numbers') !== null,
            shadowRoot?.querySelector('.has-lines') !== null,
            shadowRoot?.querySelector('.is-folded') !== null,
          ]),
        );
    await expect.poll(facts).toEqual([
      [true, true, true],
      [false, true, false],
    ]);
    await page.evaluate(() => document.querySelector('sage-config')?.removeAttribute('line-numbers'));
    await expect.poll(facts).toEqual([
      [false, true, true],
      [false, true, false],
    ]);
  });

  it('warn of what they do not know', async () => {
    const { page, relay } = await openPage();
    const warnings: string[] = [];
    page.on('console', (message) => warnings.push(message.text()));
    await page.goto(
      relay.page(
        '/test',
        '<sage-config colour="red" evaluate-key="f5"></sage-config><sage-cell hide="everything" lines="-1" editor="vim" languages="sage cobol" setup>1</sage-cell>',
      ),
    );
    await expect.poll(() => warnings.length).toBeGreaterThan(6);
    for (const sentence of [
      '<sage-config> has no attribute colour; allowed: autorun, cache,',
      'evaluate-key="f5" is not known; allowed: shift-enter, ctrl-enter, enter.',
      'hide="everything" is not known; allowed: editor, output,',
      'lines="-1" is not known; allowed: a number above 0, at most 1000.',
      'editor="vim" is not known; allowed: codemirror, textarea.',
      'languages="cobol" is not known; allowed: sage,',
      'a cell with setup needs a session to prepare.',
    ]) {
      expect(warnings.join('\n')).toContain(sentence);
    }
  });
});
