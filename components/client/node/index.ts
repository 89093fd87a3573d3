/** The client library in Node: WebSocket or what replaces it, and the TCP and TLS door. */
import { WebSocket } from 'ws';
import { Sage, Transport, type ConnectionOptions, type Socket } from '../index.js';
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
 * @param server `http:`, `https:`, `ws:` or `wss:` for WebSocket, or SockJS where networks let none through; `tcp:` or `tls:` with host and port for that door
 */
export function connect(server: string | URL, options: NodeConnectionOptions = {}): Sage {
  const { token, ca, ...rest } = options;
  const transport = new Transport({
    openWebSocket: (url) => new WebSocket(url, { ca, perMessageDeflate: false }) as unknown as Socket,
  });
  return new Sage(server, {
    openSocket: (url) => (/^(tcp|tls):/.test(url) ? openLineSocket(url, { token, ca }) : transport.open(url)),
    ...rest,
  });
}
