/** One page of the demo, with a relay and a real Sage behind it, in each browser that is not Chromium. */
import { afterAll, beforeAll, describe } from 'vitest';
import { startRelay } from '../e2e/live.js';
import { BROWSERS, type DrivenBrowser } from './driven.js';

/** What tests of a page get; there once they run. */
export interface DemoPage {
  readonly browser: DrivenBrowser;
  /** Opens it anew. */
  reload(): Promise<void>;
}

/**
 * Declares a suite for each browser, with a page that is open when its tests begin.
 * @param name of the page
 * @param ready expression for a promise that it can be used
 * @param define declares the tests
 */
export function onDemoPage(name: string, ready: string, define: (page: DemoPage) => void): void {
  let relay: Awaited<ReturnType<typeof startRelay>>;

  beforeAll(async () => {
    relay = await startRelay();
  }, 120_000);

  afterAll(async () => {
    relay.process.kill('SIGTERM');
    await relay.exit;
  });

  for (const [title, start] of BROWSERS) {
    // `npm test` has said why a browser is missing.
    describe.skipIf(start === undefined)(title, () => {
      let browser: DrivenBrowser;
      const open = async (): Promise<void> => {
        await browser.open(`${relay.url}/demo/${name}.html`);
        await browser.look(`${ready}.then(() => true)`);
      };

      beforeAll(async () => {
        browser = await start!();
        await open();
      }, 120_000);

      afterAll(async () => {
        await browser.close();
      });

      define({
        get browser() {
          return browser;
        },
        reload: open,
      });
    });
  }
}
