/** A TCP proxy that does to a connection what networks do: delays it, cuts it in pieces, chokes, breaks, hangs, corrupts. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cleanup } from './cleanup.js';

/** What is done to the bytes of a connection, in both directions. */
export type Toxic =
  | { readonly kind: 'none' }
  /** Every piece comes later by `ms`, give or take `jitterMs`; the order stays. */
  | { readonly kind: 'latency'; readonly ms: number; readonly jitterMs?: number }
  /** Pieces of that many bytes, each in a packet of its own. */
  | { readonly kind: 'slices'; readonly bytes: number }
  | { readonly kind: 'bandwidth'; readonly bytesPerSecond: number }
  /** A connection ends in a reset after so many bytes, at random up to twice as many. */
  | { readonly kind: 'reset'; readonly afterBytes: number }
  /** A connection ends in order after so many bytes, in the middle of whatever that is. */
  | { readonly kind: 'limit'; readonly afterBytes: number }
  /** Nothing goes through and nothing breaks. */
  | { readonly kind: 'hang' }
  /**
   * The top bit of one in so many bytes, a quarter more or less, is turned over, which no ASCII text survives unnoticed.
   * (Other bits could make another text of a text; against that there is TLS.)
   */
  | { readonly kind: 'corrupt'; readonly everyBytes: number };

/** Where a proxy leads. */
export type Target = { readonly path: string } | { readonly host: string; readonly port: number };

/** Bytes that one direction holds back; beyond it the sender waits. */
const HELD_BYTES = 1_048_576;

/** How often a hanging direction looks whether it still hangs. */
const LOOK_MS = 10;

/** Start with `startToxicProxy`. */
export class ToxicProxy {
  /** What is done from now on, to connections that exist as well. */
  toxic: Toxic = { kind: 'none' };
  /** Connections made through it so far. */
  connections = 0;
  /** Bytes until the next that is corrupted, of whatever connection and direction: two at once would be another fault. */
  #sound = 0;
  readonly #server: Server;
  readonly #target: Target;
  readonly #sockets = new Set<Socket>();

  constructor(target: Target) {
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true }, (client) => {
      this.#join(client);
    });
  }

  /** Where it listens. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  /** Resets every connection. */
  cut(): void {
    for (const socket of this.#sockets) reset(socket);
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #join(client: Socket): void {
    this.connections += 1;
    const server = connect({ ...this.#target, allowHalfOpen: true });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        // A hanging network tells the other end nothing.
        if (this.toxic.kind !== 'hang') other.destroy();
      });
    }
    void this.#carry(client, server);
    void this.#carry(server, client);
  }

  async #carry(from: Socket, to: Socket): Promise<void> {
    const direction = { held: 0, carried: 0, breakAt: Number.NaN };
    let last = Promise.resolve();
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        const { toxic } = this;
        const delay =
          toxic.kind === 'latency' ? toxic.ms + (Math.random() * 2 - 1) * (toxic.jitterMs ?? 0) : 0;
        const dueAt = performance.now() + delay;
        direction.held += chunk.length;
        last = last.then(async () => {
          const waitMs = dueAt - performance.now();
          if (waitMs > 0) await sleep(waitMs);
          await this.#pass(chunk, from, to, direction);
          direction.held -= chunk.length;
        });
        last.catch(() => undefined);
        if (direction.held > HELD_BYTES) await last;
      }
      await last;
      to.end();
    } catch {
      from.destroy();
      to.destroy();
    }
  }

  async #pass(
    chunk: Buffer,
    from: Socket,
    to: Socket,
    direction: { carried: number; breakAt: number },
  ): Promise<void> {
    while (this.toxic.kind === 'hang' && !to.destroyed) await sleep(LOOK_MS);
    const { toxic } = this;
    switch (toxic.kind) {
      case 'none':
      case 'latency':
      case 'hang':
        await write(to, chunk);
        return;
      case 'slices':
        for (let at = 0; at < chunk.length; at += toxic.bytes) {
          await write(to, chunk.subarray(at, at + toxic.bytes));
        }
        return;
      case 'bandwidth': {
        // Ten pieces a second.
        const piece = Math.max(1, Math.floor(toxic.bytesPerSecond / 10));
        for (let at = 0; at < chunk.length; at += piece) {
          const part = chunk.subarray(at, at + piece);
          await write(to, part);
          await sleep((part.length / toxic.bytesPerSecond) * 1_000);
        }
        return;
      }
      case 'corrupt': {
        const bytes = Buffer.from(chunk);
        for (let index = 0; index < bytes.length; index += 1) {
          this.#sound -= 1;
          if (this.#sound > 0) continue;
          bytes[index]! ^= 0x80;
          this.#sound = toxic.everyBytes * (0.75 + Math.random() / 2);
        }
        await write(to, bytes);
        return;
      }
      case 'reset':
      case 'limit': {
        if (Number.isNaN(direction.breakAt)) {
          direction.breakAt = toxic.afterBytes * (toxic.kind === 'reset' ? 1 + Math.random() : 1);
        }
        const left = Math.max(0, Math.floor(direction.breakAt - direction.carried));
        direction.carried += chunk.length;
        await write(to, chunk.subarray(0, left));
        if (chunk.length < left) return;
        if (toxic.kind === 'limit') {
          to.end();
          from.destroy();
        } else {
          reset(from);
          reset(to);
        }
        return;
      }
    }
  }
}

/** Unix sockets know no reset. */
function reset(socket: Socket): void {
  if (socket.remoteFamily === undefined) socket.destroy();
  else socket.resetAndDestroy();
}

function write(to: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    if (to.destroyed) reject(new Error('the other end is gone'));
    else if (bytes.length === 0) resolve();
    else to.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

/** Listens on a free port and leads to `target`; closed at the test's end. */
export async function startToxicProxy(cleanup: Cleanup, target: Target): Promise<ToxicProxy> {
  const proxy = new ToxicProxy(target);
  await proxy.listen();
  cleanup(() => proxy.close());
  return proxy;
}
