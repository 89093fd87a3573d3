/** The client library in Node: WebSocket, and the TCP and TLS door. */
import { WebSocket } from 'ws';
import { Sage, type ConnectionOptions, type Socket } from '../index.js';
import { openLineSocket } from './line-socket.js';

export * from '../index.js';

/** How a program meets the relay. */
export interface NodeConnectionOptions extends ConnectionOptions {
  /** Secret of the TCP door, if it has one. */
  readonly token?: string;
  /** Certificates of authorities to trust besides the system's, PEM: for a TLS door with a certificate of one's own. */
  readonly ca?: string;
}

/**
 * A client of the relay at `server`; opens nothing yet. Whoever calls this calls `close`.
 * @param server `http:`, `https:`, `ws:` or `wss:` for WebSocket; `tcp:` or `tls:` with host and port for that door
 */
export function connect(server: string | URL, options: NodeConnectionOptions = {}): Sage {
  const { token, ca, ...rest } = options;
  return new Sage(server, {
    openSocket: (url) =>
      /^(tcp|tls):/.test(url)
        ? openLineSocket(url, { token, ca })
        : (new WebSocket(url, { ca, perMessageDeflate: false }) as unknown as Socket),
    ...rest,
  });
}
