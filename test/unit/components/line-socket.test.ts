import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { connect } from '../../../components/client/node/index.js';

const tls = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url)));

/** @returns port of this machine */
async function listen(server: Server): Promise<string> {
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return String((server.address() as AddressInfo).port);
}

test('a program that meets something else than a relay is told so at once, and once', async () => {
  const web = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<h1>Bad Request</h1>\r\n');
  });
  const port = await listen(web);
  const warned = vi.spyOn(console, 'warn').mockReturnValue();
  const sage = connect(`tcp://127.0.0.1:${port}`);
  onTestFinished(() => {
    sage.close();
    warned.mockRestore();
  });
  expect(await sage.execute('1').done).toMatchObject({
    status: 'lost',
    message: expect.stringContaining('What answers there is no door of a relay for programs') as string,
  });
  expect(warned).not.toHaveBeenCalled();
});

test.each([
  [
    'shows a certificate that nobody trusts',
    () => createTlsServer({ cert: tls('bridge.pem'), key: tls('bridge.key') }),
    /certificate/,
  ],
  [
    'speaks no TLS',
    () => createServer((socket) => socket.on('error', () => undefined).end('{"type":"pong"}\n')),
    /wrong version number|packet length/,
  ],
])('a program is told at once why it can not trust a door that %s', async (_what, serve, why) => {
  const sage = connect(`tls://127.0.0.1:${await listen(serve())}`);
  onTestFinished(() => {
    sage.close();
  });
  const { status, message } = await sage.execute('1').done;
  expect([status, message]).toEqual(['lost', expect.stringMatching(why)]);
});
