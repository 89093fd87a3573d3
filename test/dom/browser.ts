/** One Chromium for a test file, a fresh context for each page, and everything closed when the test ends. */
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { FakeRelay, type Script } from './fake-relay.js';

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
    // Scripts in a frame of an output may fail as they like; they are not ours.
    if (!/\/frame\.html|origin "null"/.test(`${error.message} ${error.stack ?? ''}`)) throw error;
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

/** The first cell of the page. */
export const cell = (page: Page): Locator => page.locator('sage-cell').first();

/** What the first cell shows below its code. */
export const outputText = (page: Page): Promise<string> => cell(page).locator('.output').innerText();

/** Presses Run of the first cell. */
export const run = (page: Page): Promise<void> =>
  cell(page).getByRole('button', { name: 'Run', exact: true }).click();

/** A page with that markup, and a relay that answers every run with that script. */
export async function open(
  body: string,
  script?: Script,
  options?: BrowserContextOptions,
): Promise<{ page: Page; relay: FakeRelay }> {
  const opened = await openPage(options);
  if (script) opened.relay.script = script;
  await opened.page.goto(opened.relay.page('/test', body));
  await opened.page.waitForFunction(() => customElements.get('sage-cell'));
  return opened;
}

/** Runs the first cell once and waits for the end. */
export async function openAndRun(
  body: string,
  script: Script,
  options?: BrowserContextOptions,
): Promise<{ page: Page; relay: FakeRelay }> {
  const opened = await open(body, script, options);
  await run(opened.page);
  await ended(opened.page);
  return opened;
}
