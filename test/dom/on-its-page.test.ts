import { describe, expect, it } from 'vitest';
import { cell, ended, open, openAndRun, openPage, run, useBrowser } from './browser.js';

useBrowser();

const SQUARE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><path d="M0 0h40v40H0z" fill="green"/></svg>';

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
