/** One Chromium for a test file, a fresh context for each page, and everything closed when the test ends. */
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { FakeRelay } from './fake-relay.js';

const EXECUTABLE = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const ARGUMENTS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'.split(
    ' ',
  );

let browser: Browser | undefined;

/** Starts the browser before the tests of the calling file and ends it after them. */
export function useBrowser(): void {
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
  });
}

/** A page of its own and a fake relay, both gone when the test is. Fails the test on an error of the page. */
export async function openPage(
  options: BrowserContextOptions = {},
): Promise<{ page: Page; relay: FakeRelay }> {
  if (browser === undefined) throw new Error('call useBrowser() in this file first');
  const relay = await FakeRelay.start();
  onTestFinished(() => relay.close());
  const context = await browser.newContext(options);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.on('pageerror', (error) => {
    throw error;
  });
  return { page, relay };
}

/** Waits until the cell's status is one that ends a run. */
export async function ended(page: Page, selector = 'sage-cell'): Promise<void> {
  await page.waitForFunction(
    (css) => /^(?:done|error|dead)$/.test(document.querySelector(css)?.getAttribute('status') ?? ''),
    selector,
  );
}
