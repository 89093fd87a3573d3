/** A proxy as some networks have it: no WebSockets through it, or no answer before its end. */
import { createServer, request, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Cleanup } from './cleanup.js';

/** What becomes of WebSocket handshakes: passed on, refused, never answered, or answered and nothing behind it. */
export type Upgrades = 'pass' | 'refuse' | 'hang' | 'swallow';

export interface PickyProxy {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** May be changed at any time. */
  upgrades: Upgrades;
  /** Handshakes seen so far. */
  readonly handshakes: number;
  /** Paths of all other requests, in order. */
  readonly paths: readonly string[];
}

/** Starts a proxy in front of `target`; closed at the test's end. @param isHolding if answers come when they have ended */
export async function startPickyProxy(
  cleanup: Cleanup,
  target: string,
  upgrades: Upgrades,
  isHolding = false,
): Promise<PickyProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  };
  const paths: string[] = [];
  let handshakes = 0;
  const proxy = { upgrades };
  const server = createServer((incoming, answer) => {
    const { url: path = '', method, headers } = incoming;
    paths.push(path);
    const outgoing = request({ hostname, port, path, method, headers, agent: false }, (inner) => {
      const chunks: Buffer[] = [];
      if (!isHolding) answer.writeHead(inner.statusCode ?? 502, inner.headers).flushHeaders();
      inner.on('data', (chunk: Buffer) => {
        if (isHolding) chunks.push(chunk);
        else answer.write(chunk);
      });
      inner.on('end', () => {
        if (isHolding) answer.writeHead(inner.statusCode ?? 502, inner.headers);
        answer.end(Buffer.concat(chunks));
      });
      inner.on('error', () => answer.destroy());
    });
    outgoing.on('error', () => answer.destroy());
    answer.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  });
  server.on('connection', keep);
  server.on('upgrade', (incoming: IncomingMessage, socket: Socket) => {
    handshakes += 1;
    if (proxy.upgrades === 'refuse') socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
    if (proxy.upgrades === 'hang' || proxy.upgrades === 'refuse') return;
    const { rawHeaders, url = '' } = incoming;
    const inner = connect(Number(port), hostname);
    keep(inner);
    const pairs = rawHeaders.flatMap((name, index) =>
      index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1] ?? ''}\r\n`] : [],
    );
    inner.write(`GET ${url} HTTP/1.1\r\n${pairs.join('')}\r\n`);
    inner.pipe(socket);
    if (proxy.upgrades === 'pass') socket.pipe(inner);
    else socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    url,
    paths,
    get handshakes() {
      return handshakes;
    },
    get upgrades() {
      return proxy.upgrades;
    },
    set upgrades(wanted) {
      proxy.upgrades = wanted;
    },
  };
}
