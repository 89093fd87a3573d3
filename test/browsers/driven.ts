/** Firefox and WebKit behind one small interface: open a page, look at it, click, type. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import puppeteer from 'puppeteer-core';
import { Builder, Key, Origin } from 'selenium-webdriver';

/** In the window, CSS pixels. */
export type Place = readonly [x: number, y: number];

/** A browser with one page. Whoever starts one closes it. */
export interface DrivenBrowser {
  open(url: string): Promise<void>;
  /** Value of a JavaScript expression in the page, as JSON carries it. */
  look<T>(expression: string): Promise<T>;
  /** Presses the mouse button at that place of the window, CSS pixels. */
  click(x: number, y: number): Promise<void>;
  /** Presses the button at the first place, moves to the second one, and lets go. */
  drag(from: Place, to: Place): Promise<void>;
  /** Types text; `\n` is Enter. */
  type(text: string): Promise<void>;
  /** Presses a key alone. */
  tap(key: 'ArrowRight' | 'Home' | 'End'): Promise<void>;
  /** Presses a key together with Shift or Control. */
  press(modifier: 'Shift' | 'Control', key: 'Enter' | 'a'): Promise<void>;
  /** What the window shows: a PNG file in base64. */
  picture(): Promise<string>;
  close(): Promise<void>;
}

export async function startFirefox(path: string): Promise<DrivenBrowser> {
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath: path, headless: true });
  const page = await browser.newPage();
  await page.setViewport({ width: 1_000, height: 800 });
  return {
    open: async (url) => {
      await page.goto(url, { waitUntil: 'load' });
    },
    look: (expression) => page.evaluate(expression) as Promise<never>,
    click: (x, y) => page.mouse.click(x, y),
    drag: async (from, to) => {
      await page.mouse.move(...from);
      await page.mouse.down();
      await page.mouse.move(...to, { steps: 8 });
      await page.mouse.up();
    },
    type: (text) => page.keyboard.type(text),
    tap: (key) => page.keyboard.press(key),
    press: async (modifier, key) => {
      await page.keyboard.down(modifier);
      await page.keyboard.press(key);
      await page.keyboard.up(modifier);
    },
    picture: () => page.screenshot({ encoding: 'base64' }),
    close: () => browser.close(),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function startDisplay(): Promise<{ process: ChildProcess; name: string }> {
  const display = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x1000x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [number] = (await once(display.stdout, 'data')) as [Buffer];
  return { process: display, name: `:${number.toString().trim()}` };
}

/** As the WebDriver protocol has places. */
const at = (x: number, y: number): { x: number; y: number; origin: Origin } => ({
  x: Math.round(x),
  y: Math.round(y),
  origin: Origin.VIEWPORT,
});

/** Drives WebKitGTK's MiniBrowser on a display of its own. */
export async function startWebKit(miniBrowser: string): Promise<DrivenBrowser> {
  const display = await startDisplay();
  const port = await freePort();
  const driver = spawn('WebKitWebDriver', [`--port=${String(port)}`, '--host=127.0.0.1'], {
    env: {
      ...process.env,
      DISPLAY: display.name,
      GDK_BACKEND: 'x11',
      LIBGL_ALWAYS_SOFTWARE: '1',
      WEBKIT_DISABLE_DMABUF_RENDERER: '1',
      // Its sandbox does not start as root; the pages are ours.
      ...(process.getuid?.() === 0 && { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' }),
    },
    stdio: 'ignore',
  });
  const ended = Promise.all([once(driver, 'exit'), once(display.process, 'exit')]);
  const end = async (): Promise<void> => {
    driver.kill();
    display.process.kill();
    await ended;
  };
  try {
    for (let tries = 0; ; tries += 1) {
      const isUp = await fetch(`http://127.0.0.1:${String(port)}/status`).then(
        () => true,
        () => false,
      );
      if (isUp) break;
      if (tries > 200) throw new Error('WebKitWebDriver does not answer.');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const browser = await new Builder()
      .usingServer(`http://127.0.0.1:${String(port)}`)
      .withCapabilities({
        browserName: 'MiniBrowser',
        'webkitgtk:browserOptions': { binary: miniBrowser, args: ['--automation'] },
      })
      .build();
    return {
      open: (url) => browser.get(url),
      look: (expression) =>
        browser.executeAsyncScript(
          `const tell = arguments[arguments.length - 1]; Promise.resolve(${expression}).then(tell, (error) => tell(String(error)));`,
        ),
      click: (x, y) => browser.actions().move(at(x, y)).click().perform(),
      drag: ([x, y], [toX, toY]) => {
        const actions = browser
          .actions()
          .move({ ...at(x, y), duration: 0 })
          .press();
        for (let step = 1; step <= 8; step += 1)
          actions.move({ ...at(x + ((toX - x) * step) / 8, y + ((toY - y) * step) / 8), duration: 20 });
        return actions.release().perform();
      },
      type: (text) => browser.actions().sendKeys(text.replaceAll('\n', Key.ENTER)).perform(),
      tap: (key) => {
        const code = { ArrowRight: Key.ARROW_RIGHT, Home: Key.HOME, End: Key.END }[key];
        return browser.actions().sendKeys(code).perform();
      },
      press: (modifier, key) => {
        const held = modifier === 'Shift' ? Key.SHIFT : Key.CONTROL;
        return browser
          .actions()
          .keyDown(held)
          .sendKeys(key === 'Enter' ? Key.ENTER : key)
          .keyUp(held)
          .perform();
      },
      picture: () => browser.takeScreenshot(),
      close: async () => {
        await browser.quit().catch(() => undefined);
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

const firefox = process.env['FIREFOX_PATH'];
const miniBrowser = process.env['WEBKIT_MINIBROWSER'];

/** The browsers, and how each is started; `undefined` where it is not installed. */
export const BROWSERS: [name: string, start: (() => Promise<DrivenBrowser>) | undefined][] = [
  ['Firefox', firefox === undefined ? undefined : () => startFirefox(firefox)],
  ['WebKit', miniBrowser === undefined ? undefined : () => startWebKit(miniBrowser)],
];

/** What a busy machine needs for what takes no time. */
export const SOON = { timeout: 40_000, interval: 100 };

/** Brings an element into view. @param node expression for it @param across from 0, its left, to 1 */
export const placeOf = (browser: DrivenBrowser, node: string, across = 0.5): Promise<Place> =>
  browser.look(
    `(() => { const node = ${node}; node.scrollIntoView({ block: 'center' }); const { left, top, width, height } = node.getBoundingClientRect(); return [left + width * ${String(across)}, top + height / 2]; })()`,
  );

/** Presses the mouse button in the middle of an element. @param node expression for it */
export const clickOn = async (browser: DrivenBrowser, node: string): Promise<void> => {
  await browser.click(...(await placeOf(browser, node)));
};
