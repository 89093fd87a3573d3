/** Request bodies, never longer than allowed. */
import { RelayError } from '../errors.js';
import type { Exchange } from './respond.js';

/**
 * Reads the whole body. Must be called within the route's callback. Never ends if the client goes away.
 * @param maxBytes longest body taken
 * @throws RelayError `too-large` as soon as it is known to be longer; the rest is let through unread
 */
export function readBody(exchange: Exchange, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const refuse = (): void => reject(new RelayError('too-large', `The body may have ${maxBytes} bytes.`));
    const chunks: Buffer[] = [];
    let size = 0;
    let isRefused = Number(exchange.header('content-length')) > maxBytes;
    if (isRefused) refuse();
    exchange.onData((chunk, isLast) => {
      if (isRefused) return;
      size += chunk.byteLength;
      if (size > maxBytes) {
        isRefused = true;
        chunks.length = 0;
        refuse();
        return;
      }
      // The chunk's memory is taken back when this returns.
      chunks.push(Buffer.from(chunk.slice(0)));
      if (isLast) resolve(Buffer.concat(chunks, size));
    });
  });
}
