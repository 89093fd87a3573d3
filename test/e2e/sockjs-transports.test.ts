/** The client that everybody has, sockjs-client, forced to each of its transports, against our server; and ours behind proxies. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import SockJS from 'sockjs-client';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { connect, Transport, type Socket } from '../../components/client/node/index.js';
import type { ServerMessage } from '../../relay/protocol/index.js';
import { closeAfterAll } from '../support/cleanup.js';
import { startPickyProxy } from '../support/picky-proxy.js';
import { linkTo, startRelay } from '../support/relay.js';
import { startSageBridge } from '../support/sage-bridge.js';
import { CHROMIUM_ARGS } from './live.js';

const SDK = fileURLToPath(new URL('../../dist/sdk', import.meta.url));

const cleanup = closeAfterAll();
let url = '';
let browser: Browser | undefined;

beforeAll(async () => {
  const pages = mkdtempSync(join(tmpdir(), 'sockjs-pages-'));
  cleanup(() => rmSync(pages, { recursive: true, force: true }));
  const client = createRequire(import.meta.url).resolve('sockjs-client/dist/sockjs.min.js');
  writeFileSync(join(pages, 'sockjs.js'), readFileSync(client));
  writeFileSync(
    join(pages, 'blank.html'),
    '<!doctype html><title>blank</title><body><script src="sockjs.js"></script>',
  );
  writeFileSync(
    join(pages, 'cell.html'),
    '<!doctype html><title>cell</title><script type="module" src="/sdk/sage-embed.js"></script><sage-cell>factor(2^67 - 1)</sage-cell>',
  );
  const [bridge] = await Promise.all([
    startSageBridge(cleanup),
    chromium
      .launch({ executablePath: process.env['CHROMIUM_PATH'] ?? '', args: CHROMIUM_ARGS })
      .then((started) => (browser = started)),
  ]);
  const relay = await startRelay(cleanup, await linkTo(cleanup, [bridge]), {
    hasTestServices: true,
    // Off in production; here every transport is to compute.
    sockJs: { legacy: true },
    admission: { allowedOrigins: 'local' },
    demoDir: pages,
    sdkDir: SDK,
  });
  ({ url } = relay);
});

afterAll(async () => {
  await browser?.close();
});

/** What a client said and heard: echoes of what it sent, then the output of a calculation. */
interface Heard {
  readonly transport: string;
  readonly echoes: readonly string[];
  readonly output: string;
}

/** Texts that get mangled by whatever is not careful, and one that fills several answers. */
const TEXTS = [
  'plain',
  ' \u0000\n\r\t"\\</script> ',
  'é\u200c\u2028\ufeff\uffff\u{1f600}',
  'x'.repeat(20_000),
  'end',
];

const CODE = 'print(factor(2^67 - 1)); print("\\u2028 \\u{1F600}")'.replace('\\u{1F600}', '\u{1f600}');
const OUTPUT = '193707721 * 761838257287\n\u2028 \u{1f600}\n';

/** Runs within a page as well as in Node, so it refers to nothing outside. */
async function talk(
  Class: typeof SockJS,
  base: string,
  transport: string,
  texts: readonly string[],
  code: string,
): Promise<Heard> {
  const open = (service: string, act: (socket: WebSocketLike, heard: string) => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = new Class(base + service, undefined, {
        transports: transport,
      }) as unknown as WebSocketLike;
      let used = '';
      socket.onopen = () => {
        used = socket.transport;
        act(socket, '');
      };
      socket.onmessage = ({ data }) => {
        if (act(socket, data)) socket.close();
      };
      socket.onclose = ({ code: why, reason }) => {
        if (why === 1_000) resolve(used);
        else reject(new Error(`${service} by ${transport} ended with ${String(why)} ${reason}`));
      };
    });
  interface WebSocketLike {
    transport: string;
    onopen: (() => void) | null;
    onmessage: ((event: { data: string }) => void) | null;
    onclose: ((event: { code: number; reason: string }) => void) | null;
    send(text: string): void;
    close(): void;
  }
  const echoes: string[] = [];
  const used = await open('/echo', (socket, heard) => {
    if (heard === '') for (const text of texts) socket.send(text);
    else echoes.push(heard);
    return echoes.length === texts.length;
  });
  let output = '';
  await open('/sockjs', (socket, heard) => {
    if (heard === '') {
      socket.send(JSON.stringify({ type: 'hello', version: 1 }));
      socket.send(JSON.stringify({ type: 'execute', execution: 'e', code }));
      return false;
    }
    const message = JSON.parse(heard) as ServerMessage;
    if (message.type === 'output' && message.output.kind === 'stream') output += message.output.text;
    return message.type === 'done';
  });
  return { transport: used, echoes, output };
}

const all = (transport: string): Heard => ({ transport, echoes: TEXTS, output: OUTPUT });

describe('sockjs-client in Node', () => {
  test.each(['websocket', 'xhr-streaming', 'eventsource', 'xhr-polling'])(
    'echoes and computes by %s',
    async (transport) => {
      expect(await talk(SockJS, url, transport, TEXTS, CODE)).toEqual(all(transport));
    },
  );
});

describe('sockjs-client in Chromium', () => {
  const pages = new Map<string, Page>();

  async function openPage(address: string): Promise<Page> {
    const page = pages.get(address) ?? (await browser!.newPage());
    if (!pages.has(address)) await page.goto(address);
    pages.set(address, page);
    return page;
  }

  const talkIn = (page: Page, transport: string): Promise<Heard> =>
    page.evaluate(
      `(${talk.toString()})(SockJS, ${JSON.stringify(url)}, ${JSON.stringify(transport)}, ${JSON.stringify(TEXTS)}, ${JSON.stringify(CODE)})`,
    );

  test.each(['websocket', 'xhr-streaming', 'eventsource', 'htmlfile', 'xhr-polling', 'jsonp-polling'])(
    'echoes and computes by %s on a page of the relay',
    async (transport) => {
      expect(await talkIn(await openPage(`${url}/demo/blank.html`), transport)).toEqual(all(transport));
    },
  );

  test.each([
    'websocket',
    'xhr-streaming',
    'eventsource',
    'iframe-eventsource',
    'iframe-htmlfile',
    'xhr-polling',
    'iframe-xhr-polling',
    'jsonp-polling',
  ])('echoes and computes by %s on a page of another origin', async (transport) => {
    // The same server under another name is another origin to a browser.
    const elsewhere = url.replace('127.0.0.1', 'localhost');
    expect(await talkIn(await openPage(`${elsewhere}/demo/blank.html`), transport)).toEqual(all(transport));
  });
});

describe('a cell in Chromium', () => {
  test.each(['refuse', 'hang'] as const)(
    'computes behind a proxy whose way with WebSockets is to %s',
    async (way) => {
      const proxy = await startPickyProxy(onTestFinished, url, way);
      const page = await browser!.newPage();
      onTestFinished(() => page.close());
      await page.goto(`${proxy.url}/demo/cell.html`);
      const cell = page.locator('sage-cell');
      for (let turn = 1; turn <= 2; turn += 1) {
        await cell.getByRole('button', { name: 'Run', exact: true }).click();
        await expect
          .poll(async () => (await cell.locator('[part~=output]').innerText()).trim(), { timeout: 30_000 })
          .toBe('193707721 * 761838257287');
        // One try, after which the network is known.
        expect(proxy.handshakes).toBe(1);
      }
      expect(proxy.paths.some((path) => path.includes('/xhr_streaming'))).toBe(true);
    },
  );
});

describe('the client in Node', () => {
  const webSocket = (address: string): Socket => new WebSocket(address) as unknown as Socket;

  async function compute(server: string, transport: Transport): Promise<string> {
    const sage = connect(server, { openSocket: transport.open });
    onTestFinished(() => {
      sage.close();
    });
    return sage.execute('print(factor(2^67 - 1))').text();
  }

  test.each([
    ['refuses WebSockets', 'refuse', false, 'xhr_streaming'],
    ['leaves WebSockets unanswered', 'hang', false, 'xhr_streaming'],
    ['refuses WebSockets and holds answers back until they end', 'refuse', true, 'xhr'],
  ] as const)('computes behind a proxy that %s', async (_what, way, isHolding, path) => {
    const proxy = await startPickyProxy(onTestFinished, url, way, isHolding);
    const transport = new Transport({ openWebSocket: webSocket });
    expect(await compute(proxy.url, transport)).toBe('193707721 * 761838257287\n');
    expect(proxy.handshakes).toBe(1);
    const receiving = proxy.paths.filter((asked) => /\/xhr(_streaming)?$/.test(asked));
    expect(receiving.at(-1)?.split('/').at(-1)).toBe(path);
    expect(transport.isBlocked).toBe(true);
  });

  test('computes where there is no WebSocket at all', async () => {
    const transport = new Transport({ openWebSocket: undefined });
    expect(transport.isBlocked).toBe(true);
    expect(await compute(url, transport)).toBe('193707721 * 761838257287\n');
  });

  test('needs not be told anything of that', async () => {
    const proxy = await startPickyProxy(onTestFinished, url, 'refuse');
    const sage = connect(proxy.url);
    onTestFinished(() => {
      sage.close();
    });
    expect(await sage.session('s').execute('factor(91)').text()).toBe('7 * 13\n');
    expect(proxy.handshakes).toBe(1);
  });
});
