/** A scripted WebSocket client that says whatever it is told to, well-formed or not. */
import { WebSocket } from 'ws';
import { PROTOCOL_VERSION, type OfType, type ServerMessage } from '../../relay/protocol/index.js';
import type { Cleanup } from './cleanup.js';

/** How a connection ended. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** Connect with `connectClient`. */
export class RawClient {
  /** Everything received so far, in order. */
  readonly received: ServerMessage[] = [];
  readonly #ws: WebSocket;
  #closed: Closed | undefined;
  readonly #watchers = new Set<() => void>();

  constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.on('message', (data) => {
      this.received.push(JSON.parse((data as Buffer).toString()) as ServerMessage);
      this.#wake();
    });
    ws.on('close', (code, reason) => {
      this.#closed = { code, reason: reason.toString() };
      this.#wake();
    });
    ws.on('error', () => undefined);
  }

  /** Sends a message, well-formed or not. */
  send(message: Record<string, unknown>): void {
    this.#ws.send(JSON.stringify(message));
  }

  sendText(text: string): void {
    this.#ws.send(text);
  }

  sendBinary(bytes: Uint8Array): void {
    this.#ws.send(bytes);
  }

  hello(): void {
    this.send({ type: 'hello', version: PROTOCOL_VERSION });
  }

  /** Stops reading from the network, as a hung page does. */
  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  /** Cuts the connection without a word. */
  cut(): void {
    this.#ws.terminate();
  }

  /**
   * The first message, received already or to come, of that type for which `accept` is true.
   * @throws Error when the connection ends or `timeoutMs` pass before
   */
  waitFor<T extends ServerMessage['type']>(
    type: T,
    accept: (message: OfType<ServerMessage, T>) => boolean = () => true,
    timeoutMs = 10_000,
  ): Promise<OfType<ServerMessage, T>> {
    return this.#until(`a message ${type}`, timeoutMs, () =>
      this.received.find(
        (message): message is OfType<ServerMessage, T> =>
          message.type === type && accept(message as OfType<ServerMessage, T>),
      ),
    );
  }

  /** The end of an execution. */
  done(execution: string, timeoutMs = 10_000): Promise<OfType<ServerMessage, 'done'>> {
    return this.waitFor('done', (message) => message.execution === execution, timeoutMs);
  }

  /** All text an execution wrote to standard output so far. */
  stdout(execution: string): string {
    return this.received
      .flatMap((message) =>
        message.type === 'output' &&
        message.execution === execution &&
        message.output.kind === 'stream' &&
        message.output.name === 'stdout'
          ? [message.output.text]
          : [],
      )
      .join('');
  }

  waitForClose(timeoutMs = 10_000): Promise<Closed> {
    return this.#until('the close', timeoutMs, () => this.#closed);
  }

  async close(): Promise<void> {
    this.#ws.close();
    await this.waitForClose();
  }

  #wake(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #until<R>(what: string, timeoutMs: number, look: () => R | undefined): Promise<R> {
    return new Promise((resolve, reject) => {
      const finish = (end: () => void): void => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        end();
      };
      const fail = (why: string): void =>
        finish(() => {
          const seen = this.received.map((message) => JSON.stringify(message).slice(0, 200)).join('\n');
          reject(new Error(`${why} before ${what} came. Received:\n${seen}`));
        });
      const watcher = (): void => {
        const found = look();
        if (found !== undefined) finish(() => resolve(found));
        else if (this.#closed) fail(`The connection closed with ${String(this.#closed.code)}`);
      };
      const timer = setTimeout(() => fail(`${String(timeoutMs)} ms passed`), timeoutMs);
      this.#watchers.add(watcher);
      watcher();
    });
  }
}

/**
 * Connects to `/sockjs/websocket`; closed at the test's end.
 * @param url the relay's `http://…`
 * @throws Error when the upgrade is refused
 */
export async function connectClient(
  url: string,
  cleanup: Cleanup,
  headers: Record<string, string> = {},
): Promise<RawClient> {
  const ws = new WebSocket(`${url.replace(/^http/, 'ws')}/sockjs/websocket`, { headers });
  const client = new RawClient(ws);
  await new Promise<void>((resolve, reject) => {
    ws.once('open', resolve);
    ws.once('error', reject);
  });
  cleanup(() => ws.terminate());
  return client;
}

/** A client that has said hello and was welcomed. */
export async function connectGreeted(url: string, cleanup: Cleanup): Promise<RawClient> {
  const client = await connectClient(url, cleanup);
  client.hello();
  await client.waitFor('welcome');
  return client;
}
