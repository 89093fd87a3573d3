import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { cell, ended, open, openAndRun, outputText, run, useBrowser } from './browser.js';
import { HOSTILE } from './corpus.js';
import type { FakeRelay } from './fake-relay.js';

useBrowser();

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

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
    await expect
      .poll(() => cell(page).locator('mjx-container').count(), { timeout: 10_000 })
      .toBeGreaterThan(10);
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
