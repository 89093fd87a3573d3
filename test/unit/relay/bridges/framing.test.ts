import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  encodeBlob,
  encodeJson,
  FrameDecoder,
  FramingError,
  writeJson,
  type Frame,
} from '../../../../relay/bridges/framing.js';
import { MAX_FRAME_BYTES } from '../../../../relay/protocol/index.js';

const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.string({ unit: 'grapheme' }).map((text): Frame => ({ kind: 'json', text })),
  fc
    .tuple(fc.uuid(), fc.uint8Array({ maxLength: 300 }))
    .map(([id, bytes]): Frame => ({ kind: 'blob', id, bytes })),
);

const encode = (frame: Frame): Buffer =>
  frame.kind === 'json' ? encodeJson(frame.text) : encodeBlob(frame.id, frame.bytes);

/** Cuts `bytes` at the given places, taken as fractions of its length. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => Math.floor(place * bytes.length)), bytes.length].sort(
    (a, b) => a - b,
  );
  let start = 0;
  return ends.map((end) => bytes.subarray(start, (start = end)));
}

const header = (length: number, type = ''): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return Buffer.concat([bytes, Buffer.from(type)]);
};

describe('the frame decoder', () => {
  test('yields the same frames however the bytes are cut', () => {
    const place = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(anyFrame), fc.array(place, { maxLength: 20 }), (frames, places) => {
        const decoder = new FrameDecoder();
        const chunks = cut(Buffer.concat(frames.map(encode)), places);
        expect(chunks.flatMap((chunk) => decoder.push(chunk))).toEqual(frames);
      }),
    );
  });

  test('reads a frame that comes byte by byte', () => {
    const decoder = new FrameDecoder();
    const bytes = encodeJson('"∑"');
    const frames = [...bytes].flatMap((byte) => decoder.push(Buffer.from([byte])));
    expect(frames).toEqual([{ kind: 'json', text: '"∑"' }]);
  });

  test('keeps a copy of a blob, whatever becomes of the chunk', () => {
    const bytes = encodeBlob('0'.repeat(36), Uint8Array.of(1, 2, 3));
    const [frame] = new FrameDecoder().push(bytes);
    bytes.fill(0);
    expect(frame).toMatchObject({ bytes: Uint8Array.of(1, 2, 3) });
  });

  test.each([
    ['a length above the limit', header(MAX_FRAME_BYTES + 1)],
    ['a length of zero', header(0)],
    ['an unknown type byte', header(1, 'x')],
    ['a JSON frame that is not UTF-8', Buffer.concat([header(2, 'j'), Buffer.of(0xff)])],
    ['a blob shorter than its id', header(5, 'b1234')],
  ])('refuses %s', (_what, bytes) => {
    expect(() => new FrameDecoder().push(bytes)).toThrow(FramingError);
  });
});

describe('encoding', () => {
  test('a message is written as it is encoded, whatever its length and its characters', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer({ min: 0, max: 70_000 }).map((length) => 'x'.repeat(length)),
    );
    fc.assert(
      fc.property(text, (each) => {
        const stream = new PassThrough();
        writeJson(stream, each);
        expect((stream.read() as Buffer).equals(encodeJson(each))).toBe(true);
        stream.destroy();
      }),
    );
  });

  test('refuses a message that the other side would refuse', () => {
    const long = 'x'.repeat(MAX_FRAME_BYTES);
    expect(() => encodeJson(long)).toThrow(RangeError);
    expect(() => {
      writeJson(new PassThrough(), long);
    }).toThrow(RangeError);
    expect(() => encodeBlob('0'.repeat(36), new Uint8Array(MAX_FRAME_BYTES))).toThrow(RangeError);
  });

  test('refuses a blob id of another length', () => {
    expect(() => encodeBlob('short', new Uint8Array())).toThrow(RangeError);
  });
});
