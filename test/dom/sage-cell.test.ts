import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { SageCell } from '../../components/index.js';
import { cell, ended, open, openAndRun, openPage, outputText, run, useBrowser } from './browser.js';
import { HOSTILE } from './corpus.js';
import type { FakeRelay, Script } from './fake-relay.js';

useBrowser();

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const SQUARE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><path d="M0 0h40v40H0z" fill="green"/></svg>';

describe('accessibility', () => {
  const violations = async (page: Page): Promise<string[]> => {
    await page.evaluate(axe.source);
    return page.evaluate(async () => {
      const { axe: inPage } = window as unknown as {
        axe: {
          run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
        };
      };
      const { violations: found } = await inPage.run();
      return found.map(
        ({ id, nodes }) => `${id}: ${nodes.map((n) => `${n.html} ${n.failureSummary}`).join(' | ')}`,
      );
    });
  };

  const STATES: Readonly<
    Record<string, { script?: Script; session?: boolean; wait: RegExp; edit?: boolean }>
  > = {
    'not run yet': { wait: /^idle$/ },
    'in the editor': { wait: /^idle$/, edit: true },
    queued: { script: (r) => r.queued(2), wait: /^queued$/ },
    running: { script: (r) => r.running(), wait: /^running$/ },
    'done, with every kind of output': {
      script: (r) => {
        r.print('text\n'.repeat(200));
        r.print('warning\n', 'stderr');
        r.display({ 'text/plain': 'x', 'text/latex': '\\frac{1}{2}' });
        r.display({ 'text/plain': 'a square', 'image/svg+xml': SQUARE });
        r.display({
          'text/plain': 't',
          'text/html':
            '<table><tr><th>a</th></tr><tr><td>1</td></tr></table><a href="http://x.test/">link</a>',
        });
        r.put({ kind: 'file', name: 'values.csv', type: 'text/csv', size: 3, data: 'YWJj' });
        r.done();
      },
      wait: /^done$/,
    },
    'asking the reader': {
      script: (r) => {
        r.running();
        r.put({ kind: 'prompt', text: 'How many? ', isSecret: false });
      },
      wait: /^running$/,
    },
    error: { script: (r) => r.raise('ZeroDivisionError', 'division by zero', 1), wait: /^error$/ },
    'session lost': {
      script: (r) => {
        r.running();
        r.closed('died', 'The process ended by itself.');
      },
      session: true,
      wait: /^dead$/,
    },
  };

  for (const colorScheme of ['light', 'dark'] as const) {
    it.each(Object.entries(STATES))(
      `finds no fault in ${colorScheme}: %s`,
      async (_state, { script, session, wait, edit }) => {
        const { page } = await open(
          `<sage-cell ${session ? 'session="s"' : ''} label="Sum">for i in range(3): # three\n    print("x", None)</sage-cell>`,
          script,
          { colorScheme },
        );
        if (script) await run(page);
        if (edit) {
          await cell(page).locator('.paint').click();
          await page.locator('.cm-content').waitFor();
        }
        await page.waitForFunction(
          (pattern) =>
            new RegExp(pattern).test(document.querySelector('sage-cell')?.getAttribute('status') ?? ''),
          wait.source,
        );
        await page.waitForTimeout(900);
        expect(await violations(page)).toEqual([]);
      },
    );
  }

  it('lets the keyboard through: Tab passes an editor nobody typed in, and Escape then Tab leaves any', async () => {
    const { page } = await open(
      '<a href="#">before</a><sage-cell>1</sage-cell><a href="#" id="after">after</a>',
    );
    const focused = (): Promise<string> =>
      page.evaluate(
        () =>
          document.activeElement?.shadowRoot?.activeElement?.className ?? document.activeElement?.id ?? '',
      );
    await page.getByText('before').focus();
    await page.keyboard.press('Tab');
    await page.locator('.cm-content').waitFor();
    await expect.poll(focused).toContain('cm-content');
    await page.keyboard.press('Tab');
    expect(await focused()).toContain('run');
    await page.keyboard.press('Shift+Tab');
    expect(await focused()).toContain('cm-content');
    await page.keyboard.type('x');
    await page.keyboard.press('Tab');
    expect(await focused()).toContain('cm-content');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    expect(await focused()).toContain('run');
  });

  it('tells how to leave the editor', async () => {
    const { page } = await open('<sage-cell>1</sage-cell>');
    await cell(page).locator('.paint').click();
    const described = await page.locator('.cm-content').evaluate((content) => {
      const id = content.getAttribute('aria-describedby') ?? '';
      return (content.getRootNode() as ShadowRoot).getElementById(id)?.textContent;
    });
    expect(described).toContain('Escape');
  });

  it('says the result once, in the one live region of the page', async () => {
    const { page } = await open('<sage-cell>1</sage-cell><sage-cell>2</sage-cell>', (r) => {
      r.print('a\nb\n');
      r.done();
    });
    const regions = (): Promise<string[]> =>
      page.evaluate(() =>
        [...document.body.children].flatMap((child) =>
          [...(child.shadowRoot?.querySelectorAll('[aria-live]') ?? [])].map((region) => region.textContent),
        ),
      );
    for (const index of [0, 1]) {
      await page.locator('sage-cell').nth(index).getByRole('button', { name: 'Run', exact: true }).click();
      await ended(page, `sage-cell:nth-of-type(${String(index + 1)})`);
    }
    expect(await regions()).toEqual(['Done in 12 ms, 2 lines of output']);
  });

  it('keeps the focus on Run, and gives it back to Run when Stop goes', async () => {
    const { page } = await open('<sage-cell>1</sage-cell>', (r) => {
      r.running();
      r.onInterrupt = () => r.done({ status: 'interrupted', message: 'Stopped.' });
    });
    const focused = (): Promise<string | undefined> =>
      page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.className);
    await run(page);
    expect(await focused()).toContain('run');
    await cell(page).getByRole('button', { name: 'Stop' }).click();
    await ended(page);
    expect(await focused()).toContain('run');
    expect(await cell(page).locator('.status').innerText()).toContain('Stopped');
  });

  it('makes output reachable by keyboard when it scrolls, and only then', async () => {
    const { page, relay } = await openAndRun('<sage-cell>1</sage-cell>', (r) => {
      r.print('line\n'.repeat(500));
      r.done();
    });
    const region = cell(page).locator('.output');
    await expect.poll(() => region.getAttribute('role')).toBe('region');
    expect(await region.getAttribute('tabindex')).toBe('0');
    relay.script = (r) => {
      r.print('short');
      r.done();
    };
    await run(page);
    await ended(page);
    await expect.poll(() => region.getAttribute('tabindex')).toBeNull();
  });
});

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

describe('a run', () => {
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

  it('marks the line that failed, painted or in the editor, until the next run', async () => {
    const { page, relay } = await openAndRun('<sage-cell>a = 1\nb = 1/0\nc = 3</sage-cell>', (r) =>
      r.raise('ZeroDivisionError', 'division by zero', 2),
    );
    expect(await cell(page).locator('.error-line').allTextContents()).toEqual(['b = 1/0\n']);
    await cell(page).getByRole('button', { name: 'line 2' }).click();
    await page.locator('.cm-content').waitFor();
    expect(await cell(page).locator('.error-line').allTextContents()).toEqual(['b = 1/0']);
    relay.script = (r) => r.done();
    await run(page);
    await ended(page);
    expect(await cell(page).locator('.error-line').count()).toBe(0);
  });

  it('typesets formulas, with fonts from beside the build and text for screen readers', async () => {
    const { page, relay } = await openAndRun('<sage-cell>1</sage-cell>', (r) => {
      r.display({ 'text/plain': 'x/2', 'text/latex': '\\frac{x}{2}' });
      r.done();
    });
    await cell(page).locator('mjx-container').waitFor();
    expect(await cell(page).locator('mjx-assistive-mml math').count()).toBe(1);
    await expect
      .poll(() => relay.requests.filter((path) => /\/sdk\/fonts\/.*\.woff$/.test(path)).length)
      .toBeGreaterThan(0);
    await page.waitForFunction(() => [...document.fonts].some(({ status }) => status === 'loaded'));
  });

  it('typesets the formulas in HTML, and leaves those in code alone', async () => {
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', (r) => {
      const html =
        '<table><tr><td>\\(x^2\\)</td><td>a \\[y\\] b</td><td><code>\\(z\\)</code></td></tr></table>';
      r.display({ 'text/plain': 't', 'text/html': html });
      r.done();
    });
    await cell(page).locator('td mjx-container').nth(1).waitFor();
    expect(await cell(page).locator('mjx-container').count()).toBe(2);
    expect(await cell(page).locator('code').innerText()).toBe('\\(z\\)');
  });

  it('waits for room on a busy server, and says so, before it gives up', async () => {
    let tries = 0;
    const { page } = await open('<sage-cell>1</sage-cell>', (r) => {
      tries += 1;
      if (tries < 3) {
        r.done({ status: 'lost', message: 'Busy.', error: { code: 'busy', retryAfterMs: 600 } });
      } else {
        r.print('here\n');
        r.done();
      }
    });
    await run(page);
    await cell(page).getByText('Waiting for a free worker').waitFor();
    await ended(page);
    expect(await outputText(page)).toBe('here\n');
  });

  it.each([
    ['uses the MathJax of the page if that is safe', true],
    ['does not hand formulas to a MathJax of the page that would make links of scripts', false],
  ])('%s', async (_behaviour, isSafe) => {
    const { page, relay } = await open('<sage-cell>1</sage-cell>', (r) => {
      r.display({ 'text/plain': 'x', 'text/latex': '$x$' });
      r.done();
    });
    await page.evaluate((safe) => {
      const style = document.createElement('style');
      style.textContent = 'mjx-container { color: rgb(1, 2, 3) }';
      Object.assign(window, {
        MathJax: {
          startup: { document: safe ? { safe: {} } : {} },
          chtmlStylesheet: () => style,
          tex2chtmlPromise: (formula: string) => {
            const node = document.createElement('mjx-container');
            node.textContent = `page: ${formula}`;
            return Promise.resolve(node);
          },
        },
      });
    }, isSafe);
    await run(page);
    const formula = cell(page).locator('mjx-container');
    await formula.waitFor();
    expect((await formula.innerText()).includes('page: x')).toBe(isSafe);
    expect(relay.requests.some((path) => path.includes('/typesetter-'))).toBe(!isSafe);
    const color = await formula.evaluate((node) => getComputedStyle(node).color);
    expect(color === 'rgb(1, 2, 3)').toBe(isSafe);
  });

  it('keeps what one formula defines from all others', async () => {
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', (r) => {
      r.display({ 'text/plain': '', 'text/latex': '\\def\\pi{\\text{three}}\\pi' });
      r.display({ 'text/plain': '', 'text/latex': '\\pi' });
      r.done();
    });
    await cell(page).locator('mjx-container').nth(1).waitFor();
    const texts = await cell(page).locator('mjx-assistive-mml').allTextContents();
    expect(texts.map((text) => text.trim())).toEqual(['three', 'π']);
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

  it('shows a stopwatch and Stop only when it takes a while', async () => {
    const { page } = await open('<sage-cell>1</sage-cell>', (r) => r.running());
    await run(page);
    expect(await cell(page).locator('.stop').isVisible()).toBe(false);
    expect((await cell(page).locator('.status').innerText()).trim()).toBe('');
    await cell(page).locator('.stop').waitFor();
    await expect.poll(() => cell(page).locator('.status').innerText()).toMatch(/Running 1\.\d s/);
  });

  it('that does not react to Stop can be ended by force', async () => {
    const { page, relay } = await open('<sage-cell session="s">1</sage-cell>', (r) => {
      r.running();
      r.onKill = () => {
        r.done({ status: 'killed', message: 'The process was ended.' });
        r.closed('killed', 'The process was ended.');
      };
    });
    await run(page);
    await cell(page).getByRole('button', { name: 'Stop' }).click();
    await cell(page).getByRole('button', { name: 'Force stop' }).click();
    await ended(page);
    const said = relay.received.map(({ type }) => type).filter((type) => type !== 'ack' && type !== 'budget');
    expect(said).toEqual(['hello', 'open', 'execute', 'interrupt', 'kill']);
    expect(await cell(page).getAttribute('status')).toBe('dead');
    await cell(page).getByText('The variables of this session are gone.').waitFor();
    relay.script = (r) => r.done();
    await cell(page).getByRole('button', { name: 'Run again' }).click();
    await ended(page);
    expect(await cell(page).getAttribute('status')).toBe('done');
  });

  it('goes through to its end over a connection that breaks', async () => {
    let runs = 0;
    const { page, relay } = await open('<sage-cell>1</sage-cell>', (r) => {
      runs += 1;
      r.running();
      r.print(`try ${String(runs)}\n`);
      if (runs === 2) r.done();
    });
    await run(page);
    await expect.poll(() => outputText(page)).toContain('try 1');
    relay.drop();
    await ended(page);
    expect(await outputText(page)).toBe('try 2\n');
    expect(relay.connectionCount).toBe(2);
  });

  it('says which limit ended it, and that output was dropped', async () => {
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', (r) =>
      r.done({
        status: 'timeout',
        limit: 'cpu',
        message: 'Stopped after 30 s of processor time.',
        truncated: true,
      }),
    );
    const notice = await cell(page).locator('.notice').innerText();
    expect(notice).toContain('30 s of processor time');
    expect(notice).toContain('dropped');
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

  it('of endless text stays bounded and says how much is not shown', async () => {
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', (r) => {
      for (let piece = 0; piece < 100; piece += 1) r.print('x'.repeat(30_000));
      r.done();
    });
    await cell(page).getByText('1,000,000 more characters are not shown.').waitFor();
  });

  it('asks the reader and goes on with the answer, which stays as part of the text', async () => {
    const { page } = await open('<sage-cell>n = input("How many? ")</sage-cell>', (r) => {
      r.running();
      r.put({ kind: 'prompt', text: 'How many? ', isSecret: false });
      r.onAnswer = (text) => {
        r.print(`You said ${String(text)}.\n`);
        r.done();
      };
    });
    await run(page);
    const line = page.getByLabel('How many?');
    // The reader's focus was on Run, so the line to type gets it.
    await expect
      .poll(() => line.evaluate((input) => (input.getRootNode() as ShadowRoot).activeElement === input))
      .toBe(true);
    await page.keyboard.type('seven');
    await page.keyboard.press('Enter');
    await ended(page);
    expect(await outputText(page)).toBe('How many? seven\nYou said seven.\n');
  });

  it('shows nothing of a secret answer, and takes no answer when it has ended', async () => {
    const answers: (string | undefined)[] = [];
    const { page } = await open('<sage-cell>1</sage-cell>', (r) => {
      r.running();
      r.put({ kind: 'prompt', text: 'Password: ', isSecret: true });
      r.onAnswer = (text) => {
        answers.push(text);
        r.put({ kind: 'prompt', text: 'Again: ', isSecret: true });
        r.onAnswer = undefined;
        r.done({ status: 'timeout', limit: 'wall', message: 'Too slow.' });
      };
    });
    await run(page);
    const line = page.getByLabel('Password:');
    expect(await line.getAttribute('type')).toBe('password');
    await line.fill('open sesame');
    await line.press('Enter');
    await ended(page);
    expect(answers).toEqual(['open sesame']);
    expect(await outputText(page)).not.toContain('sesame');
    expect(await page.locator('sage-cell form').count()).toBe(0);
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

  it('tells the page what happens by events, and its end by the promise', async () => {
    const { page } = await open('<sage-cell session="s" language="python">1</sage-cell>', (r) => {
      r.running();
      r.print('a');
      r.raise('ValueError', 'no', 1);
    });
    const story = await page.evaluate(async () => {
      const told: string[] = [];
      for (const type of ['run', 'output', 'done', 'status', 'error']) {
        document.addEventListener(`sage-${type}`, (event) => {
          const { status, code, failure, result } = event as Event & {
            status?: string;
            code?: string;
            failure?: { message: string };
            result?: { status: string };
          };
          told.push([type, status, code, failure?.message, result?.status].filter(Boolean).join(' '));
        });
      }
      const element = document.querySelector<SageCell>('sage-cell');
      const result = await element?.run();
      return { told, status: result?.status, matches: element?.matches(':state(error)') };
    });
    expect(story.told).toEqual([
      'run 1',
      'status connecting',
      'status running',
      'output',
      'error no',
      'output',
      'status error',
      'done error',
    ]);
    expect(story.status).toBe('error');
    expect(story.matches).toBe(true);
  });

  it('starts by itself where the author says so', async () => {
    const { page, relay } = await open('<sage-cell autorun>1</sage-cell>', (r) => r.done());
    await ended(page);
    expect(relay.received.filter(({ type }) => type === 'execute')).toHaveLength(1);
  });

  it('without a server says so and can be tried again', async () => {
    const { page, relay } = await open('<sage-cell server="http://127.0.0.1:9/">1</sage-cell>', (r) =>
      r.done(),
    );
    await run(page);
    await cell(page).getByText('Connecting…').waitFor();
    await cell(page).getByRole('button', { name: 'Stop' }).click();
    await ended(page);
    await cell(page).evaluate((c) => c.removeAttribute('server'));
    await run(page);
    await expect.poll(() => relay.received.length).toBeGreaterThan(0);
  });
});

describe('hostile output', () => {
  const watch = async (page: Page, relay: FakeRelay): Promise<() => Promise<string[]>> => {
    const outside: string[] = [];
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(relay.url) && !/^(?:blob|data):/.test(url)) outside.push(url);
    });
    await page.evaluate(() => {
      const state = window as unknown as { hits: string[]; CANARY: () => void };
      state.hits = [];
      state.CANARY = () => state.hits.push('ran');
    });
    return async () => {
      await page.waitForTimeout(300);
      const hits = await page.evaluate(() => (window as unknown as { hits: string[] }).hits);
      return [...hits, ...outside, ...relay.requests.filter((path) => path.includes('canary'))];
    };
  };

  it.each(['text/plain', 'text/html', 'text/latex', 'image/svg+xml', 'image/png'])(
    'runs nothing and asks for nothing as %s',
    async (type) => {
      const { page, relay } = await open('<sage-cell>1</sage-cell>', (r) => {
        for (const markup of HOSTILE) {
          const data = type === 'image/png' ? Buffer.from(markup).toString('base64') : markup;
          r.display({ 'text/plain': markup, [type]: data }, false);
        }
        r.done();
      });
      const harm = await watch(page, relay);
      await run(page);
      await ended(page);
      await page.waitForTimeout(500);
      for (const link of await cell(page).locator('.output a').all())
        await link.click({ force: true, timeout: 500 }).catch(() => undefined);
      expect(await harm()).toEqual([]);
      const left = await cell(page)
        .locator('.output')
        .evaluate((node) =>
          [...node.querySelectorAll('.html *, .latex *')].flatMap((element) =>
            [...element.attributes]
              .filter(
                ({ name, value }) =>
                  /^on|^(?:id|name|part|slot|data-(?!mjx-).*|popover.*|form.*|src(?:set|doc)?|background|action)$/.test(
                    name,
                  ) || /javascript:|url\(/i.test(value),
              )
              .map(({ name, value }) => `${element.localName} ${name}=${value}`),
          ),
        );
      expect(left.filter((found) => !found.startsWith('mjx-'))).toEqual([]);
      expect(
        await cell(page)
          .locator('.html')
          .locator(
            'script, style, iframe, form, input, button, object, embed, link, meta, base, svg, math, video, audio, sage-cell, template',
          )
          .count(),
      ).toBe(0);
    },
  );

  it('runs nothing as a formula within HTML', async () => {
    const { page, relay } = await open('<sage-cell>1</sage-cell>', (r) => {
      for (const markup of HOSTILE) {
        const escaped = markup.replace(/&/g, '&amp;').replace(/</g, '&lt;');
        r.display({ 'text/plain': '', 'text/html': `\\(${escaped}\\) and \\(${markup}\\)` });
      }
      r.done();
    });
    const harm = await watch(page, relay);
    await run(page);
    await ended(page);
    await page.waitForTimeout(500);
    expect(await cell(page).locator('mjx-container').count()).toBeGreaterThan(10);
    expect(await harm()).toEqual([]);
  });

  it('runs nothing as stream text, error or name of an error', async () => {
    const { page, relay } = await open('<sage-cell>1</sage-cell>', (r) => {
      for (const markup of HOSTILE) r.print(`${markup}\n`);
      for (const markup of HOSTILE)
        r.put({ kind: 'error', name: markup, message: markup, traceback: markup });
      r.done({ status: 'timeout', message: HOSTILE.join(' ') });
    });
    const harm = await watch(page, relay);
    await run(page);
    await ended(page);
    expect(await harm()).toEqual([]);
    expect(await outputText(page)).toContain('<img src=x onerror=CANARY()>');
  });

  it('runs nothing as code, label or names of the cell', async () => {
    const { page, relay } = await open('<main></main>', (r) => r.done());
    const harm = await watch(page, relay);
    await page.evaluate((corpus) => {
      for (const markup of corpus) {
        const made = document.createElement('sage-cell');
        made.label = markup;
        made.session = markup;
        made.code = markup;
        document.querySelector('main')?.append(made);
      }
    }, HOSTILE);
    await page.locator('sage-cell .paint').first().hover();
    await page.locator('.cm-content').waitFor();
    await run(page);
    await ended(page);
    expect(await harm()).toEqual([]);
  });

  it('in links leads to a new page that knows nothing of this one', async () => {
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', (r) => {
      r.display({ 'text/plain': '', 'text/html': '<a href="https://sagemath.test/">x</a>' });
      r.done();
    });
    const link = cell(page).locator('.output a');
    expect(await link.getAttribute('target')).toBe('_blank');
    expect(await link.getAttribute('rel')).toContain('noopener');
  });

  it('gives its blob URLs back when it is replaced and when the cell goes', async () => {
    const { page } = await open('<sage-cell>1</sage-cell>', (r) => {
      r.display({ 'text/plain': 'a dot', 'image/png': PIXEL });
      r.done();
    });
    await page.evaluate(() => {
      const state = window as unknown as { live: Set<string> };
      state.live = new Set();
      const create = URL.createObjectURL.bind(URL);
      const revoke = URL.revokeObjectURL.bind(URL);
      URL.createObjectURL = (blob) => {
        const url = create(blob);
        state.live.add(url);
        return url;
      };
      URL.revokeObjectURL = (url) => {
        state.live.delete(url);
        revoke(url);
      };
    });
    const live = (): Promise<number> =>
      page.evaluate(() => (window as unknown as { live: Set<string> }).live.size);
    for (let runs = 0; runs < 3; runs += 1) {
      await run(page);
      await ended(page);
      await cell(page).locator('img').waitFor();
    }
    expect(await live()).toBe(1);
    await page.evaluate(() => {
      const element = document.querySelector('sage-cell');
      (window as unknown as { kept: Element | null }).kept = element;
      element?.remove();
    });
    expect(await live()).toBe(0);
    await page.evaluate(() => document.body.append((window as unknown as { kept: Element }).kept));
    expect(await live()).toBe(1);
    await expect
      .poll(() =>
        cell(page)
          .locator('img')
          .evaluate((img: HTMLImageElement) => img.naturalWidth),
      )
      .toBe(1);
  });
});

describe('on its page', () => {
  it('fifty cells ask for nothing but the entry before somebody turns to them', async () => {
    const { page, relay } = await open('<sage-cell>1</sage-cell>'.repeat(50));
    await page.waitForTimeout(500);
    expect(relay.requests.filter((path) => path !== '/favicon.ico')).toEqual(['/test', '/sdk/sage-embed.js']);
    expect(relay.connectionCount).toBe(0);
  });

  it('fifty cells that run share one connection', async () => {
    const { page, relay } = await open('<sage-cell>1</sage-cell>'.repeat(50), (r) => r.done());
    await page.evaluate(() => Promise.all([...document.querySelectorAll('sage-cell')].map((c) => c.run())));
    expect(relay.connectionCount).toBe(1);
    expect(relay.received.filter(({ type }) => type === 'execute')).toHaveLength(50);
  });

  it('cells with one session name share the session, and others do not', async () => {
    const { page, relay } = await open(
      '<sage-cell session="a b">1</sage-cell><sage-cell session="a b">2</sage-cell><sage-cell session="c">3</sage-cell><sage-cell>4</sage-cell>',
      (r) => r.done(),
    );
    await page.evaluate(() => Promise.all([...document.querySelectorAll('sage-cell')].map((c) => c.run())));
    const used = relay.received.flatMap((message) => (message.type === 'execute' ? [message.session] : []));
    expect(used[0]).toBe(used[1]);
    expect(new Set(used).size).toBe(3);
    expect(used[3]).toBeUndefined();
  });

  it('goes on running when it is moved, and stops when it is taken away', async () => {
    let stopped = false;
    const { page, relay } = await open(
      '<div id="a"><sage-cell>1</sage-cell></div><div id="b"></div>',
      (r) => {
        r.running();
        r.onInterrupt = () => {
          stopped = true;
          r.done({ status: 'interrupted', message: 'Stopped.' });
        };
      },
    );
    await run(page);
    await expect.poll(() => cell(page).getAttribute('status')).toBe('running');
    await page.evaluate(() =>
      document.querySelector('#b')?.append(document.querySelector('sage-cell') as Element),
    );
    await page.waitForTimeout(200);
    expect(stopped).toBe(false);
    expect(await cell(page).getAttribute('status')).toBe('running');
    await page.evaluate(() => document.querySelector('sage-cell')?.remove());
    await expect.poll(() => stopped).toBe(true);
    await expect.poll(() => relay.sockets.size, { timeout: 8_000 }).toBe(0);
  });

  it('looks the same whatever the styles of the page, and the page the same whatever the cell', async () => {
    const { page, relay } = await openPage();
    relay.script = (r) => {
      r.print('text\n');
      r.display({ 'text/plain': 't', 'text/html': '<p>html</p><table><tr><td>1</td></tr></table>' });
      r.raise('ValueError', 'no', 1);
    };
    const looks = async (path: string): Promise<unknown> => {
      await page.goto(relay.url + path);
      await run(page);
      await ended(page);
      await page.waitForTimeout(300);
      return cell(page).evaluate((element) =>
        [...(element.shadowRoot?.querySelectorAll('.cell, .cell *:not(.paint *)') ?? [])].map((node) => {
          const style = getComputedStyle(node);
          const names =
            'color font letterSpacing wordSpacing textIndent textTransform textAlign textShadow lineHeight padding borderRadius display whiteSpace backgroundColor listStyle cursor quotes'.split(
              ' ',
            );
          return `${node.localName}.${node.getAttribute('class') ?? ''}: ${names.map((name) => style[name as 'color']).join(' | ')}`;
        }),
      );
    };
    const html = (css: string): string =>
      `<!doctype html><html lang="en"><head><title>t</title><style>${css}</style><script type="module" src="/sdk/sage-embed.js"></script></head>
       <body><sage-cell>1</sage-cell></body></html>`;
    relay.page('/plain', html(''));
    relay.page(
      '/loud',
      html(`* { color: red !important; letter-spacing: 9px !important; text-shadow: 1px 1px red !important; border-radius: 9px !important; line-height: 3 !important }
        html { font: italic 40px/3 cursive; word-spacing: 1em; text-transform: uppercase; text-indent: 3em; text-align: right; cursor: wait; list-style: square; white-space: nowrap }
        div, p, pre, span, button, table, td, code { padding: 30px !important; background: lime !important; font-size: 50px !important; display: inline !important }
        .cell, .output, .toolbar, .error { display: none !important }`),
    );
    expect(await looks('/loud')).toEqual(await looks('/plain'));
  });

  it('is registered once, however often and in whatever way the script is included', async () => {
    const { page, relay } = await openPage();
    relay.script = (r) => r.done();
    await page.goto(
      relay.page(
        '/twice',
        `<!doctype html><html lang="en"><head><title>t</title>
         <script defer src="/sdk/sage-embed.iife.js"></script><script async src="/sdk/sage-embed.iife.js?again"></script>
         <script type="module" src="/sdk/sage-embed.js"></script><script type="module" src="/sdk/sage-embed.js?other"></script>
         </head><body><sage-cell>1</sage-cell></body></html>`,
      ),
    );
    await run(page);
    await ended(page);
    expect(await cell(page).getAttribute('status')).toBe('done');
  });

  it('warns of an unknown choice and names the known ones', async () => {
    const { page, relay } = await openPage();
    const warnings: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'warning') warnings.push(message.text());
    });
    await page.goto(relay.page('/test', '<sage-cell language="fortran">1</sage-cell>'));
    await expect
      .poll(() => warnings.join())
      .toContain('language="fortran" is not known; allowed: sage, python');
  });

  it('works where the page allows scripts of its own origin only, and trusts no text as markup', async () => {
    const { page, relay } = await openPage();
    relay.script = (r) => {
      r.display({ 'text/plain': 't', 'text/html': '<b>bold</b>' });
      r.display({ 'text/plain': 't', 'image/svg+xml': SQUARE });
      r.done();
    };
    const violations: string[] = [];
    page.on('console', (message) => {
      if (/Content Security Policy|TrustedHTML/.test(message.text())) violations.push(message.text());
    });
    await page.goto(
      relay.page(
        '/strict',
        '<!doctype html><html lang="en"><head><title>t</title><script type="module" src="/sdk/sage-embed.js"></script></head><body><sage-cell>1</sage-cell></body></html>',
        {
          'content-security-policy':
            "default-src 'none'; script-src 'self'; connect-src 'self'; img-src blob:; font-src 'self'; style-src 'self'; require-trusted-types-for 'script'",
        },
      ),
    );
    await cell(page).locator('.code').click();
    await page.locator('.cm-content').waitFor();
    await run(page);
    await ended(page);
    await page.getByText('bold').waitFor();
    expect(violations).toEqual([]);
  });

  it('is readable on paper: code and output without buttons', async () => {
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', (r) => {
      r.print('text\n');
      r.done();
    });
    await page.emulateMedia({ media: 'print' });
    expect(await cell(page).locator('.toolbar').isVisible()).toBe(false);
    expect(await cell(page).locator('.output').isVisible()).toBe(true);
  });

  it('has targets large enough for a finger', async () => {
    const { page } = await open('<sage-cell>1</sage-cell>', undefined, {
      hasTouch: true,
      isMobile: true,
      viewport: { width: 380, height: 700 },
    });
    const box = await cell(page).getByRole('button', { name: 'Run' }).boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(44);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });
});
