/** WebSocket clients as cheap as they can be, so that it is the server that is measured. */
import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';

/** Longest text of a frame with a header of four bytes. */
const MAX_TEXT = 65_535;
const TEXT = 0x81;

/** A masked text frame; the mask is zero, which leaves the text as it is. @param {string} text */
export function frameOf(text) {
  const length = Buffer.byteLength(text);
  if (length > MAX_TEXT) throw new RangeError(`${String(MAX_TEXT)} bytes at most`);
  const start = length < 126 ? 6 : 8;
  const frame = Buffer.alloc(start + length);
  frame[0] = TEXT;
  frame[1] = 0x80 | (length < 126 ? length : 126);
  if (length >= 126) frame.writeUInt16BE(length, 2);
  frame.write(text, start);
  return frame;
}

/** Connects, and asks for a WebSocket. @param {number} port @param {string} path @returns {Promise<import('node:net').Socket>} */
function upgrade(port, path) {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    let head = '';
    /** @param {Buffer} chunk */
    const read = (chunk) => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      socket.off('data', read);
      if (head.startsWith('HTTP/1.1 101')) resolve(socket);
      else reject(new Error(head.split('\r\n')[0]));
    };
    socket.on('data', read);
  });
}

/** One that reads what it gets. Opened by `open`, ended by `close`. */
export class TextSocket {
  /** Called with each text that came. @type {(text: string) => void} */
  onText = () => {};
  #rest = Buffer.alloc(0);

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.socket = socket;
    socket.on('data', (/** @type {Buffer} */ chunk) => this.#read(chunk));
    socket.on('error', () => {});
  }

  /** @param {number} port @param {string} [path] */
  static async open(port, path = '/sockjs/websocket') {
    return new TextSocket(await upgrade(port, path));
  }

  /** @param {object} message */
  send(message) {
    this.socket.write(frameOf(JSON.stringify(message)));
  }

  close() {
    this.socket.destroy();
  }

  /** @param {Buffer} chunk */
  #read(chunk) {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    for (;;) {
      const [kind, short = 0] = bytes;
      const start = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (bytes.length < start) break;
      const length =
        short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
      if (bytes.length < start + length) break;
      if (kind === TEXT) this.onText(bytes.toString('utf8', start, start + length));
      bytes = bytes.subarray(start + length);
    }
    this.#rest = bytes;
  }
}

/** One that counts what it gets. Opened by `open`, ended by `close`. */
export class RawSocket {
  /** Called for each frame that came. */
  onFrame = () => {};
  isClosed = false;
  #skip = 0;
  #header = /** @type {number[]} */ ([]);

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.socket = socket;
    socket.on('data', (/** @type {Buffer} */ chunk) => this.#read(chunk));
    socket.on('close', () => {
      this.isClosed = true;
    });
    socket.on('error', () => {});
  }

  /** @param {number} port @param {string} [path] */
  static async open(port, path = '/sockjs/websocket') {
    return new RawSocket(await upgrade(port, path));
  }

  /** @param {Buffer} frame */
  send(frame) {
    this.socket.write(frame);
  }

  close() {
    this.socket.destroy();
  }

  /** @param {Buffer} chunk */
  #read(chunk) {
    let at = 0;
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const taken = Math.min(this.#skip, chunk.length - at);
        this.#skip -= taken;
        at += taken;
        continue;
      }
      this.#header.push(chunk[at] ?? 0);
      at += 1;
      const [, length = 0] = this.#header;
      const size = this.#header.length < 2 ? 2 : length === 126 ? 4 : length === 127 ? 10 : 2;
      if (this.#header.length < size) continue;
      this.#skip =
        size === 2 ? length : Number(BigInt(`0x${Buffer.from(this.#header.slice(2)).toString('hex')}`));
      this.#header = [];
      this.onFrame();
    }
  }
}
