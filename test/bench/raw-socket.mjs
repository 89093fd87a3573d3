/** WebSocket clients as cheap as they can be, so that it is the server that is measured: short texts only. */
import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';

/** Longest text of a frame with a two-byte header. */
const MAX_TEXT = 125;

/** A masked text frame; the mask is zero, which leaves the text as it is. @param {string} text */
export function frameOf(text) {
  const body = Buffer.from(text);
  if (body.length > MAX_TEXT) throw new RangeError(`${String(MAX_TEXT)} bytes at most`);
  return Buffer.concat([Buffer.from([0x81, 0x80 | body.length, 0, 0, 0, 0]), body]);
}

/** Opened by `open`, ended by `close`. Counts what it gets. */
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

  /** @param {number} port @param {string} [path] @returns {Promise<RawSocket>} */
  static open(port, path = '/sockjs/websocket') {
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
        if (head.startsWith('HTTP/1.1 101')) resolve(new RawSocket(socket));
        else reject(new Error(head.split('\r\n')[0]));
      };
      socket.on('data', read);
    });
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
