/** The client that pages use, in Node: over `ws`, to whichever of several relays the next connection reaches. */
import { WebSocket } from 'ws';
import { Client } from '../../components/session/client.js';
import type { Socket } from '../../components/session/socket.js';
import type { Cleanup } from './cleanup.js';

/**
 * Each connection goes to the next of `servers`, as a balancer would have it; closed at the test's end.
 * @param heartbeatMs silence after which a relay is asked whether it lives
 */
export function nodeClient(cleanup: Cleanup, servers: readonly string[], heartbeatMs = 500): Client {
  let turn = Math.floor(Math.random() * servers.length);
  const client = new Client(servers[0]!, {
    heartbeatMs,
    openSocket: () => {
      const server = servers[(turn += 1) % servers.length]!;
      return new WebSocket(`${server.replace(/^http/, 'ws')}/sockjs/websocket`) as unknown as Socket;
    },
  });
  cleanup(() => client.close());
  return client;
}
