import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { cell, ended, open, openAndRun, openPage, run, useBrowser } from './browser.js';
import type { Script } from './fake-relay.js';

useBrowser();

const show =
  (html: string): Script =>
  (r) => {
    r.display({ 'text/plain': 'plain words', 'text/html': html });
    r.done();
  };

const frame = (page: Page) => cell(page).locator('.frame iframe');

/** Runs a script in the frame of an output and answers what it makes of itself. */
async function inFrame(page: Page): Promise<string> {
  const handle = await frame(page).elementHandle();
  const content = await handle.contentFrame();
  return content!.locator('#result').innerText();
}

describe('output with scripts', () => {
  it('runs in a frame that takes the height it needs and the colours of the cell', async () => {
    const { page } = await openAndRun(
      '<sage-cell>1</sage-cell>',
      show(
        '<div id="result" style="height: 123px">waiting</div><script>result.textContent = getComputedStyle(document.documentElement).color</script>',
      ),
    );
    await expect.poll(() => inFrame(page)).toBe('rgb(27, 33, 29)');
    await expect.poll(async () => (await frame(page).boundingBox())?.height).toBeGreaterThanOrEqual(123);
    expect((await frame(page).boundingBox())?.height).toBeLessThan(140);
    expect(await frame(page).getAttribute('title')).toBe('plain words');
  });

  it('of type JavaScript runs there as well', async () => {
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', (r) => {
      r.display({
        'text/plain': 'x',
        'application/javascript': 'document.body.innerHTML = "<p id=result>" + 6 * 7',
      });
      r.done();
    });
    await expect.poll(() => inFrame(page)).toBe('42');
  });

  it('reaches neither the page, nor its storage, nor the network, nor another page', async () => {
    const { page, relay } = await openPage();
    relay.script = show(`<p id="result">waiting</p><script>
      const tried = {};
      const attempt = (name, act) => { try { act(); tried[name] = 'reached' } catch (error) { tried[name] = error.name } };
      attempt('page', () => parent.document.title);
      attempt('storage', () => localStorage.length);
      attempt('cookie', () => document.cookie);
      attempt('top', () => { top.location = 'about:blank' });
      new Image().src = '/beacon';
      (async () => {
        for (const [name, ask] of [['fetch', () => fetch('/beacon')], ['socket', () => new Promise((good, bad) => { const s = new WebSocket(location.origin === 'null' ? '${relay.url.replace('http', 'ws')}/sockjs/websocket' : ''); s.onopen = good; s.onerror = () => bad(new Error('refused')) })]]) {
          try { await ask(); tried[name] = 'reached' } catch (error) { tried[name] = 'refused' }
        }
        result.textContent = JSON.stringify(tried);
      })();
    </script>`);
    await page.goto(relay.page('/test', '<sage-cell>1</sage-cell>'));
    await run(page);
    await ended(page);
    const tried = async (): Promise<unknown> =>
      JSON.parse((await inFrame(page)).replace(/^waiting$/, 'null'));
    await expect.poll(tried).toEqual({
      page: 'SecurityError',
      storage: 'SecurityError',
      cookie: 'SecurityError',
      top: 'SecurityError',
      fetch: 'refused',
      socket: 'refused',
    });
    expect(relay.requests).not.toContain('/beacon');
    expect(page.url()).toBe(`${relay.url}/test`);
  });

  it('cannot make itself endlessly high, talk without end, or leave for another page', async () => {
    const { page, relay } = await open(
      '<sage-cell>1</sage-cell>',
      show('<div style="height: 10000000px"></div><script>1</script>'),
    );
    await run(page);
    await ended(page);
    await expect.poll(async () => (await frame(page).boundingBox())?.height).toBe(10_000);
    relay.script = show('<script>setTimeout(() => { location.href = "/somewhere" }, 200)</script>');
    await run(page);
    await ended(page);
    await cell(page).getByText('This output cannot be shown.').waitFor();
    expect(await frame(page).count()).toBe(0);
    await cell(page).getByText('plain words').waitFor();
  });

  it('is not heard when another frame of the page speaks in its place', async () => {
    const { page } = await openAndRun(
      '<sage-cell>1</sage-cell>',
      show('<p id="result">quiet</p><script>1</script>'),
    );
    await expect.poll(() => inFrame(page)).toBe('quiet');
    const before = await frame(page).boundingBox();
    await page.evaluate(() => window.postMessage({ type: 'height', height: 5_000 }, '*'));
    await page.waitForTimeout(200);
    expect((await frame(page).boundingBox())?.height).toBe(before?.height);
  });

  it('shows nothing when its page is opened by itself', async () => {
    const { page, relay } = await openPage();
    await page.goto(relay.page('/test', '<p>opener</p>'));
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      page.evaluate(() => {
        const opened = window.open('/sdk/frame.html');
        setInterval(() => {
          const { port1, port2 } = new MessageChannel();
          (window as unknown as { kept: MessagePort }).kept = port1;
          opened?.postMessage({ version: 1, html: '<p id="result">HARM</p>', theme: {} }, '*', [port2]);
        }, 50);
      }),
    ]);
    await popup.waitForLoadState();
    await popup.waitForTimeout(500);
    expect(await popup.locator('#result').count()).toBe(0);
  });
});

describe('output-trust="page"', () => {
  it('makes markup and scripts of outputs part of the page', async () => {
    const { page } = await openAndRun(
      '<sage-cell output-trust="page">1</sage-cell>',
      show('<b>bold</b><script>window.SEEN = document.title</script>'),
    );
    expect(await page.evaluate(() => (window as unknown as { SEEN: string }).SEEN)).toBe('Test page');
    expect(await cell(page).locator('.trusted b').count()).toBe(1);
  });

  it('is refused where the page trusts no text as markup', async () => {
    const { page, relay } = await openPage();
    relay.script = show('<b>bold</b><script>window.HARM = 1</script>');
    await page.goto(
      relay.page('/strict', '<sage-cell output-trust="page">1</sage-cell>', {
        'content-security-policy': "require-trusted-types-for 'script'; trusted-types lit-html dompurify",
      }),
    );
    await run(page);
    await ended(page);
    await cell(page).getByText('plain words').waitFor();
    expect(await page.evaluate(() => 'HARM' in window)).toBe(false);
  });
});

describe('a page with a strict policy', () => {
  it('shows every kind of output, and nothing of it breaks the policy', async () => {
    const { page, relay } = await openPage();
    relay.script = (r) => {
      r.print('\u001b[38;5;208mcoloured\u001b[0m\n');
      r.display({ 'text/plain': 'x', 'text/latex': '\\frac{\\color{red} x}{2} \\text{ and more}' });
      r.display({
        'text/plain': 't',
        'text/html': `<b title="a > b" style="font-style:italic;position:fixed">bold</b> \\(x^2\\) say style = "x"`,
      });
      r.display({ 'text/plain': 'f', 'text/html': '<p id="result">in a frame</p><script>1</script>' });
      r.display({
        'text/plain': 's',
        'image/svg+xml': '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
      });
      r.done();
    };
    const violations: string[] = [];
    await page.addInitScript(() => {
      const reported: string[] = [];
      Object.assign(window, { reported });
      document.addEventListener('securitypolicyviolation', (event) => {
        reported.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
    page.on('console', (message) => {
      if (/Content Security Policy|Trusted/.test(message.text())) violations.push(message.text());
    });
    await page.goto(
      relay.page(
        '/strict',
        '<!doctype html><html lang="de"><head><title>t</title><script type="module" src="/sdk/sage-embed.js"></script></head><body><sage-cell line-numbers lines="3">1</sage-cell></body></html>',
        {
          'content-security-policy':
            "default-src 'none'; script-src 'self'; connect-src 'self'; img-src blob:; font-src 'self'; style-src 'self'; frame-src 'self'; require-trusted-types-for 'script'; trusted-types lit-html dompurify sage-cell",
        },
      ),
    );
    await cell(page).locator('.code').click();
    await page.locator('.cm-content').waitFor();
    await cell(page).getByRole('button', { name: 'Ausführen' }).click();
    await ended(page);
    await expect.poll(() => inFrame(page)).toBe('in a frame');
    await cell(page).locator('mjx-container').nth(1).waitFor();
    const bold = cell(page).locator('.html b');
    expect(await bold.evaluate((b) => [getComputedStyle(b).fontStyle, getComputedStyle(b).position])).toEqual(
      ['italic', 'static'],
    );
    expect(await cell(page).locator('.html').first().innerText()).toContain('say style = "x"');
    await cell(page).getByRole('button', { name: 'Weitere Aktionen' }).click();
    await cell(page).getByRole('menuitem').first().click();
    expect(violations).toEqual([]);
    expect(await page.evaluate(() => (window as unknown as { reported: string[] }).reported)).toEqual([]);
  });

  it('that allows no frames shows the plain text and says why', async () => {
    const { page, relay } = await openPage();
    relay.script = show('<p>framed</p><script>1</script>');
    await page.goto(
      relay.page('/strict', '<sage-cell>1</sage-cell>', { 'content-security-policy': "frame-src 'none'" }),
    );
    await run(page);
    await ended(page);
    await cell(page).getByText('plain words').waitFor({ timeout: 20_000 });
    await cell(page).getByText('which this page does not allow').waitFor();
  });
});
