/** A scripted client of the TCP door that says whatever it is told to, well-formed or not. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { connect as connectTls } from 'node:tls';
import { vi } from 'vitest';
import type { OfType, ServerMessage } from '../../relay/protocol/index.js';
import type { Cleanup } from './cleanup.js';

/** Connect with `connectLines`. */
export class LineClient {
  /** Everything received so far, in order. */
  readonly received: ServerMessage[] = [];
  isClosed = false;
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
    createInterface({ input: socket }).on('line', (line) => {
      this.received.push(JSON.parse(line) as ServerMessage);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.isClosed = true;
    });
  }

  send(message: Record<string, unknown>): void {
    this.socket.write(`${JSON.stringify(message)}\n`);
  }

  /** The first message, received already or to come, of that type. */
  waitFor<T extends ServerMessage['type']>(type: T, timeout = 10_000): Promise<OfType<ServerMessage, T>> {
    return vi.waitFor(
      () => {
        const found = this.received.find(
          (message): message is OfType<ServerMessage, T> => message.type === type,
        );
        if (found === undefined)
          throw new Error(`no ${type} among ${JSON.stringify(this.received).slice(0, 500)}`);
        return found;
      },
      { timeout },
    );
  }

  waitForClose(timeout = 10_000): Promise<void> {
    return vi.waitFor(
      () => {
        if (!this.isClosed) throw new Error('the connection is still open');
      },
      { timeout },
    );
  }
}

/** Connects to a `tcp:` or `tls:` URL, whoever's certificate that is; closed at the test's end. */
export async function connectLines(url: string, cleanup: Cleanup): Promise<LineClient> {
  const { protocol, hostname: host, port } = new URL(url);
  const isTls = protocol === 'tls:';
  const socket = isTls
    ? connectTls({ host, port: Number(port), rejectUnauthorized: false })
    : connect({ host, port: Number(port) });
  cleanup(() => void socket.destroy());
  const client = new LineClient(socket);
  await once(socket, isTls ? 'secureConnect' : 'connect');
  return client;
}
