/** HTTP/1.1 as it is on the wire: header by header, chunk by chunk. */
import { connect, type Socket } from 'node:net';
import type { Cleanup } from './cleanup.js';

/** What a request says besides its method and URL. */
export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The beginning of an answer, and the rest as it comes. */
export class RawAnswer {
  readonly #socket: Socket;
  #buffer = Buffer.alloc(0);
  #isEnded = false;
  #hasChunk = false;
  #wake: (() => void) | undefined;
  status = 0;
  /** By lower-case name; repeated headers are joined by a comma. */
  readonly headers = new Map<string, string>();

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk]);
      this.#wake?.();
    });
    socket.on('close', () => {
      this.#isEnded = true;
      this.#wake?.();
    });
    socket.on('error', () => undefined);
  }

  header(name: string): string | undefined {
    return this.headers.get(name);
  }

  /** Reads status and headers. */
  async begin(): Promise<this> {
    const [first = '', ...lines] = (await this.#until('\r\n\r\n')).split('\r\n');
    this.status = Number(first.split(' ')[1]);
    for (const line of lines) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      const before = this.headers.get(name);
      this.headers.set(name, before === undefined ? value : `${before}, ${value}`);
    }
    return this;
  }

  /** The next chunk of a chunked answer, '' after the last. */
  async chunk(): Promise<string> {
    // uWebSockets.js writes the line break that ends a chunk together with the next one.
    if (this.#hasChunk) await this.#take(2);
    this.#hasChunk = true;
    return this.#take(Number.parseInt(await this.#until('\r\n'), 16));
  }

  /** All of the body. */
  async body(): Promise<string> {
    if (this.headers.get('transfer-encoding') === 'chunked') {
      let all = '';
      for (let chunk = await this.chunk(); chunk !== ''; chunk = await this.chunk()) all += chunk;
      return all;
    }
    return this.#take(Number(this.headers.get('content-length') ?? 0));
  }

  /** Cuts the connection. */
  cut(): void {
    this.#socket.destroy();
  }

  async #until(mark: string): Promise<string> {
    let at = this.#buffer.indexOf(mark);
    while (at === -1) {
      await this.#more();
      at = this.#buffer.indexOf(mark);
    }
    const text = this.#buffer.subarray(0, at).toString();
    this.#buffer = this.#buffer.subarray(at + mark.length);
    return text;
  }

  async #take(length: number): Promise<string> {
    while (this.#buffer.length < length) await this.#more();
    const text = this.#buffer.subarray(0, length).toString();
    this.#buffer = this.#buffer.subarray(length);
    return text;
  }

  #more(): Promise<void> {
    if (this.#isEnded)
      throw new Error(`the connection ended after ${JSON.stringify(this.#buffer.toString())}`);
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** Sends a request on a connection of its own and reads the answer's headers; closed at the test's end. */
export function request(
  cleanup: Cleanup,
  method: string,
  url: string,
  { headers = {}, body = '' }: RequestOptions = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  // As it stands: `URL` would tidy the path.
  const path = url.slice(url.indexOf('/', 'http://'.length));
  const socket = connect(Number(port), hostname);
  cleanup(() => void socket.destroy());
  const lines = Object.entries({
    host: `${hostname}:${port}`,
    ...(method === 'POST' && { 'content-length': String(Buffer.byteLength(body)) }),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
  return new RawAnswer(socket).begin();
}
