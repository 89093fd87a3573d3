import { describe, expect, it } from 'vitest';
import { cell, open, openAndRun, run, useBrowser } from './browser.js';

useBrowser();

describe('formulas', () => {
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

  it('draws a relation as itself, not as its variant, and the variant as that', async () => {
    // Each and its variant, which MathJax keeps under the same number.
    const pairs = [
      ['\\nmid', '\\nshortmid'],
      ['\\nparallel', '\\nshortparallel'],
      ['\\nleq', '\\nleqq'],
      ['\\lneq', '\\nleqslant'],
      ['\\subsetneq', '\\varsubsetneq'],
      ['\\nsubseteq', '\\nsubseteqq'],
    ];
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', (r) => {
      r.display({ 'text/plain': 't', 'text/latex': `$${pairs.flat().join(' ')}$` });
      r.done();
    });
    await cell(page).locator('mjx-container').waitFor();
    const drawn = await cell(page)
      .locator('mjx-mo > mjx-c')
      .evaluateAll((nodes) =>
        nodes.map((node) => {
          const { content, fontFamily } = getComputedStyle(node, '::before');
          return `${content} ${fontFamily}`;
        }),
      );
    const ofNumber = (code: string): string =>
      `"${String.fromCodePoint(Number.parseInt(code, 16))}" MJXZERO, MJXTEX-A`;
    expect(drawn).toEqual([
      '"∤" MJXZERO, MJXTEX-A',
      ofNumber('E006'),
      '"∦" MJXZERO, MJXTEX-A',
      ofNumber('E007'),
      '"≰" MJXZERO, MJXTEX-A',
      ofNumber('E011'),
      '"⪇" MJXZERO, MJXTEX-A',
      ofNumber('E010'),
      '"⊊" MJXZERO, MJXTEX-A',
      ofNumber('E01A'),
      '"⊈" MJXZERO, MJXTEX-A',
      ofNumber('E016'),
    ]);
  });

  it('knows the names that Sage has for rings, and text that stands as it is', async () => {
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', (r) => {
      r.display({ 'text/plain': 't', 'text/latex': '$\\ZZ/n\\ZZ, \\GF{9}, \\Zmod{8}, \\verb|a_b%|$' });
      r.done();
    });
    const spoken = cell(page).locator('mjx-assistive-mml');
    await spoken.waitFor({ state: 'attached' });
    expect(await spoken.textContent()).toBe('Z/nZ,F9,Z/8Z,a_b%');
  });

  it('knows bold symbols, strokes and colours, and defines colours for one formula only', async () => {
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', (r) => {
      for (const tex of [
        '\\definecolor{red}{rgb}{0,0,1}\\textcolor{red}{a}',
        '\\textcolor{red}{b} \\bm{c} \\cancel{d}',
      ]) {
        r.display({ 'text/plain': 't', 'text/latex': `$${tex}$` });
      }
      r.done();
    });
    const formulas = cell(page).locator('mjx-container');
    await formulas.nth(1).waitFor();
    const colours = await formulas.evaluateAll((nodes) =>
      nodes.map((node) => getComputedStyle(node.querySelector('mjx-c')!).color),
    );
    expect(colours).toEqual(['rgb(0, 0, 255)', 'rgb(255, 0, 0)']);
    expect(await formulas.nth(1).locator('mjx-menclose').count()).toBe(1);
    expect(await formulas.nth(1).locator('mjx-assistive-mml').textContent()).toBe('bcd');
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
});
