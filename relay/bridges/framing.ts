/** Bytes ⇄ frames of the relay ⇄ bridge link. Pure: opens and closes no socket. */
import { isAscii } from 'node:buffer';
import type { Writable } from 'node:stream';
import { MAX_FRAME_BYTES } from '../protocol/index.js';

const LENGTH_BYTES = 4;
const JSON_FRAME = 0x6a;
const BLOB_FRAME = 0x62;
const BLOB_ID_BYTES = 36;

/** One frame: the text of a JSON message, or a blob. Blob bytes are a copy that the receiver may keep. */
export type Frame =
  | { readonly kind: 'json'; readonly text: string }
  | { readonly kind: 'blob'; readonly id: string; readonly bytes: Uint8Array };

/** The peer broke the framing: nothing after it can be read, so the link must end. */
export class FramingError extends Error {
  override readonly name = 'FramingError';
}

/**
 * One JSON message as bytes, ready to write.
 * @throws RangeError if it is longer than `MAX_FRAME_BYTES`
 */
export function encodeJson(text: string): Buffer {
  const length = 1 + Buffer.byteLength(text);
  if (length > MAX_FRAME_BYTES) throw new RangeError(`A frame of ${length} bytes is longer than the limit.`);
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + length);
  frame.writeUInt32BE(length, 0);
  frame[LENGTH_BYTES] = JSON_FRAME;
  frame.write(text, LENGTH_BYTES + 1);
  return frame;
}

/**
 * Writes one JSON message. Text of ASCII goes without a buffer of its own, in half the time.
 * @throws RangeError if it is longer than `MAX_FRAME_BYTES`
 */
export function writeJson(to: Writable, text: string): void {
  const length = 1 + Buffer.byteLength(text);
  if (length - 1 !== text.length || length > MAX_FRAME_BYTES) {
    to.write(encodeJson(text));
    return;
  }
  const bytes = [length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff, JSON_FRAME];
  to.write(String.fromCharCode(...bytes) + text, 'latin1');
}

/**
 * One blob as bytes, ready to write.
 * @throws RangeError if it is longer than `MAX_FRAME_BYTES` or the id is not 36 ASCII characters
 */
export function encodeBlob(id: string, bytes: Uint8Array): Buffer {
  if (Buffer.byteLength(id) !== BLOB_ID_BYTES) throw new RangeError('A blob id has 36 characters.');
  const length = 1 + BLOB_ID_BYTES + bytes.byteLength;
  if (length > MAX_FRAME_BYTES) throw new RangeError(`A frame of ${length} bytes is longer than the limit.`);
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + length);
  frame.writeUInt32BE(length, 0);
  frame[LENGTH_BYTES] = BLOB_FRAME;
  frame.write(id, LENGTH_BYTES + 1, 'latin1');
  frame.set(bytes, LENGTH_BYTES + 1 + BLOB_ID_BYTES);
  return frame;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @param start of the frame's type byte in `bytes` @param end of the frame */
function readFrame(bytes: Buffer, start: number, end: number): Frame {
  const kind = bytes[start];
  const rest = bytes.subarray(start + 1, end);
  if (kind === JSON_FRAME) {
    try {
      return { kind: 'json', text: isAscii(rest) ? rest.toString('latin1') : utf8.decode(rest) };
    } catch {
      throw new FramingError('A JSON frame is not UTF-8.');
    }
  }
  if (kind === BLOB_FRAME) {
    if (rest.length < BLOB_ID_BYTES) throw new FramingError('A blob frame is shorter than its id.');
    return {
      kind: 'blob',
      id: rest.toString('latin1', 0, BLOB_ID_BYTES),
      bytes: Uint8Array.from(rest.subarray(BLOB_ID_BYTES)),
    };
  }
  throw new FramingError(`A frame has the unknown type byte ${String(kind)}.`);
}

/**
 * Collects bytes however they are cut and yields whole frames in order. Holds at most one incomplete frame,
 * `MAX_FRAME_BYTES` long. After a `FramingError` it must not be used again.
 */
export class FrameDecoder {
  /** Copies of the bytes of the incomplete frame, in order, so that a large frame is joined once, not once per chunk. */
  #chunks: Buffer[] = [];
  #held = 0;
  /** Bytes that must be there before a frame can be read: a length prefix, or the prefix and its frame. */
  #needed = LENGTH_BYTES;

  /**
   * @param chunk the caller may use its memory again afterwards
   * @returns the frames that it completes
   * @throws FramingError when the stream can't be one of frames
   */
  push(chunk: Buffer): Frame[] {
    this.#held += chunk.length;
    if (this.#held < this.#needed) {
      this.#chunks.push(Buffer.from(chunk));
      return [];
    }
    const frames: Frame[] = [];
    const bytes = this.#chunks.length === 0 ? chunk : Buffer.concat([...this.#chunks, chunk], this.#held);
    let start = 0;
    for (;;) {
      if (bytes.length - start < LENGTH_BYTES) {
        this.#needed = LENGTH_BYTES;
        break;
      }
      const length = bytes.readUInt32BE(start);
      if (length === 0) throw new FramingError('A frame is empty.');
      if (length > MAX_FRAME_BYTES) {
        throw new FramingError(`A frame announces ${length} bytes; allowed are ${MAX_FRAME_BYTES}.`);
      }
      this.#needed = LENGTH_BYTES + length;
      if (bytes.length - start < this.#needed) break;
      const end = start + this.#needed;
      frames.push(readFrame(bytes, start + LENGTH_BYTES, end));
      start = end;
    }
    this.#held = bytes.length - start;
    if (this.#held > 0) this.#chunks = [Buffer.from(bytes.subarray(start))];
    else if (this.#chunks.length > 0) this.#chunks = [];
    return frames;
  }
}
