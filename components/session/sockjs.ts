/** Sockets over plain HTTP, for networks that let no WebSocket through: in a chunk of its own, loaded there alone. */
import createSockJS from 'sockjs-client/lib/main.js';
import xhrPolling from 'sockjs-client/lib/transport/xhr-polling.js';
import xhrStreaming from 'sockjs-client/lib/transport/xhr-streaming.js';
import { identifier } from './identifier.js';
import type { Socket } from './socket.js';

/** Best first: a stream, then polling for proxies that keep a stream back until it ends. */
const SockJS = createSockJS([xhrStreaming, xhrPolling]);

/** The name of a SockJS session is all that keeps others from speaking in it. */
const sessionId = (): string => identifier('');

/** Opens a socket to a relay whose WebSocket has this URL. @throws SyntaxError, or Error for an address a browser won't try */
export function openSockJS(url: string): Socket {
  const service = url.replace(/^ws/, 'http').replace(/\/websocket$/, '');
  return new SockJS(service, undefined, { sessionId });
}
