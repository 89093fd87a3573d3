/** The one listening socket of a relay. */
import type { ListenOptions, TemplatedApp, us_listen_socket } from 'uWebSockets.js';
import { EXIT, StartError } from '../errors.js';

/** Without it two processes could share a port, each getting some of the connections. */
const EXCLUSIVE_PORT = 1 as unknown as ListenOptions;

/** The typings know `listen` with a host, and with options, but not with both. */
type HostListen = (
  host: string,
  port: number,
  options: ListenOptions,
  done: (socket: us_listen_socket | false) => void,
) => void;

/** @throws StartError when the port is taken or the host is not this machine's */
export function listen(app: TemplatedApp, host: string, port: number): Promise<us_listen_socket> {
  return new Promise((resolve, reject) => {
    (app.listen as unknown as HostListen).call(app, host, port, EXCLUSIVE_PORT, (socket) => {
      if (socket !== false) resolve(socket);
      else {
        const where = port === 0 ? `address ${host}` : `${host}, port ${port}`;
        reject(
          new StartError(
            `Cannot listen on ${where}: another program uses the port, or the address is not this machine's. Set PORT or HOST.`,
            EXIT.UNAVAILABLE,
          ),
        );
      }
    });
  });
}
