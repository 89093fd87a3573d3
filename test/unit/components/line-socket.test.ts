import { createServer, type AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { connect } from '../../../components/client/node/index.js';

test('a program that meets something else than a relay is told so at once, and once', async () => {
  const web = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<h1>Bad Request</h1>\r\n');
  });
  await new Promise<void>((resolve) => {
    web.listen(0, '127.0.0.1', resolve);
  });
  const warned = vi.spyOn(console, 'warn').mockReturnValue();
  const sage = connect(`tcp://127.0.0.1:${String((web.address() as AddressInfo).port)}`);
  onTestFinished(() => {
    sage.close();
    web.close();
    warned.mockRestore();
  });
  expect(await sage.execute('1').done).toMatchObject({
    status: 'lost',
    message: expect.stringContaining('What answers there is no door of a relay for programs') as string,
  });
  expect(warned).not.toHaveBeenCalled();
});
