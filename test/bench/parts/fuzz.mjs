/**
 * Mutated messages, payloads, frames and requests by the hundred thousand against the doors of a real relay: it must
 * neither end, nor fail within, nor slow down. `FUZZ_FRAMES` says how many, `FUZZ_SEED` which.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import { startRelay } from '../relay.mjs';
import { quantile } from '../stats.mjs';

const FRAMES = Number(process.env['FUZZ_FRAMES'] ?? 1_000_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);

/** A relay ends a connection after 100 refused messages; so many go into one. */
const BATCH = 90;

/** Connections at a time. */
const LANES = 16;

/** Nobody listens there: what is to be computed is refused, which is all that is wanted here. */
const NO_BRIDGE = { BRIDGES: 'tcp://127.0.0.1:9', BRIDGE_TOKEN: 'a token for nobody at all' };

const HELLO = '{"type":"hello","version":1}';

/** Messages to begin from. */
const SEEDS = [
  HELLO,
  '{"type":"open","session":"s"}',
  '{"type":"open","session":"s","token":"abcdefghijklmnop","after":3}',
  '{"type":"execute","execution":"e","code":"print(2+2)"}',
  '{"type":"execute","execution":"e","session":"s","code":"1","language":"sage","limits":{"wallMs":1000}}',
  '{"type":"interrupt","execution":"e"}',
  '{"type":"kill","execution":"e","session":"s"}',
  '{"type":"complete","request":"r","before":"fac"}',
  '{"type":"inspect","request":"r","before":"fac","detail":"source"}',
  '{"type":"ack","session":"s","seq":7}',
  '{"type":"answer","execution":"e","text":"yes"}',
  '{"type":"close","session":"s"}',
];

/** What is put somewhere into a message. */
const SPLINTERS = [
  '{',
  '}',
  '[',
  ']',
  '"',
  '\\',
  '\\u0000',
  '\\ud800',
  ',',
  ':',
  '-1',
  '1e999',
  'null',
  '__proto__',
];

/** A small generator (mulberry32): the same seed brings the same frames. @param {number} seed */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @param {() => number} next */
function generator(next) {
  /** @param {number} below */
  const int = (below) => Math.floor(next() * below);
  /** @template T @param {readonly T[]} list @returns {T} */
  const pick = (list) => /** @type {T} */ (list[int(list.length)]);
  /** JSON that is still an object with a type, so that the connection lives on. */
  const nearMiss = () => {
    /** @type {Record<string, unknown>} */
    const message = JSON.parse(pick(SEEDS.slice(1)));
    const values = [null, -1, 1e308, '', 'x'.repeat(int(300)), [], {}, true, '../s', '__proto__', '\u0000'];
    for (let turn = int(3); turn >= 0; turn -= 1) {
      const field = pick([...Object.keys(message), 'extra', 'constructor', 'key']);
      if (field !== 'type' || next() < 0.2) message[field] = field === 'type' ? 'launch' : pick(values);
    }
    return JSON.stringify(message);
  };
  /** Text that need not be JSON any more. */
  const broken = () => {
    let text = pick(SEEDS);
    for (let turn = int(4); turn >= 0; turn -= 1) {
      const at = int(text.length + 1);
      text = text.slice(0, at) + (next() < 0.5 ? pick(SPLINTERS) : '') + text.slice(at + int(4));
    }
    return text;
  };
  /** @param {Buffer} bytes */
  const flipped = (bytes) => {
    const copy = Buffer.from(bytes);
    for (let turn = int(6); turn >= 0; turn -= 1) copy[int(copy.length)] = int(256);
    return copy.subarray(0, next() < 0.2 ? int(copy.length) : copy.length);
  };
  return { int, pick, nearMiss, broken, flipped };
}

/** A masked text frame as a client sends it. @param {string} text */
function frame(text) {
  const body = Buffer.from(text);
  const head =
    body.length < 126
      ? Buffer.from([0x81, 0x80 | body.length])
      : Buffer.from([0x81, 0xfe, body.length >> 8, body.length & 255]);
  return Buffer.concat([head, Buffer.alloc(4), body]);
}

/** Sends bytes and waits until the relay, or patience, ends it. @param {URL} url @param {Buffer[]} pieces */
function throwBytes(url, pieces) {
  return new Promise((resolve) => {
    const socket = connect(Number(url.port), url.hostname);
    socket.on('error', () => undefined);
    socket.once('close', resolve);
    socket.resume();
    for (const piece of pieces) socket.write(piece);
    setTimeout(() => socket.destroy(), 20);
  });
}

/** Memory of a process, in Linux' count; 0 where there is none. @param {number} pid */
function residentMiB(pid) {
  try {
    return (
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1] ?? 0) / 1_024
    );
  } catch {
    return 0;
  }
}

/** @param {import('../run.mjs').Context} context */
export async function measure({ figures, python }) {
  const relay = await startRelay(python, NO_BRIDGE);
  /** @type {number[]} */
  const times = [];
  let sent = 0;
  let internal = 0;
  const before = residentMiB(relay.pid);
  const startedAt = performance.now();
  try {
    await Promise.all(
      Array.from({ length: LANES }, async (_, lane) => {
        const { int, nearMiss, broken, flipped } = generator(random(SEED + lane));
        for (let turn = 0; sent < FRAMES; turn += 1) {
          const isFramed = turn % 2 === 1;
          const messages = Array.from({ length: BATCH }, nearMiss);
          internal += await talk(relay.url, isFramed, messages, times);
          sent += BATCH;
          if (turn % 4 === 0) {
            const last = [frame(HELLO), flipped(frame(broken())), flipped(frame(nearMiss()))];
            const path = isFramed ? `/sockjs/000/fuzz${String(lane)}abc/websocket` : '/sockjs/websocket';
            const upgrade = `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\r\n`;
            await throwBytes(relay.url, [Buffer.from(upgrade), ...last]);
            sent += last.length;
          } else if (turn % 4 === 2) {
            const body = JSON.stringify(Array.from({ length: int(5) }, broken));
            const name = `fuzz${String(lane)}-${String(turn)}`;
            const post = (/** @type {string} */ transport, /** @type {string} */ payload) =>
              Buffer.from(
                `POST /sockjs/000/${name}/${transport} HTTP/1.1\r\nHost: x\r\nContent-Length: ${String(Buffer.byteLength(payload))}\r\n\r\n${payload}`,
              );
            await throwBytes(relay.url, [post('xhr', ''), flipped(post('xhr_send', body))]);
            await throwBytes(relay.url, [post('xhr_send', broken()), flipped(post('xhr', ''))]);
            sent += 4;
          }
        }
      }),
    );
    const seconds = (performance.now() - startedAt) / 1_000;
    // It lives, and still knows what to say.
    internal += await talk(relay.url, false, [], []);
    figures.add(
      `frames that a relay survived (seed ${String(SEED)}, ${seconds.toFixed(0)} s)`,
      sent,
      'frames',
      '1000000',
    );
    figures.add('of them handled with an internal error', internal, 'frames', '0');
    figures.add('time per frame, p99', quantile(times, 0.99), 'ms', '≤ 1');
    figures.add('memory grown meanwhile', residentMiB(relay.pid) - before, 'MiB');
  } finally {
    await relay.stop();
  }
}

/**
 * Says hello, then `messages`, then ping; ends when that is answered, so that all before it was read.
 * @param {URL} url @param {boolean} isFramed @param {string[]} messages @param {number[]} times per message, milliseconds
 * @returns {Promise<number>} internal errors that were told
 */
function talk(url, isFramed, messages, times) {
  return new Promise((resolve, reject) => {
    const path = isFramed ? '000/fuzzing-frames/websocket' : 'websocket';
    const socket = new WebSocket(`ws://${url.host}/sockjs/${path}`);
    const texts = [HELLO, ...messages, '{"type":"ping","nonce":77}'];
    let internal = 0;
    let sentAt = 0;
    socket.on('open', () => {
      sentAt = performance.now();
      if (isFramed) socket.send(JSON.stringify(texts));
      else for (const text of texts) socket.send(text);
    });
    socket.on('message', (data) => {
      const text = String(data);
      if (text.includes('"internal') || text.includes('\\"internal')) internal += 1;
      if (!/nonce\\?":77/.test(text)) return;
      if (messages.length > 0) times.push((performance.now() - sentAt) / messages.length);
      socket.close();
    });
    socket.on('error', reject);
    socket.on('close', (code) => {
      if (code === 1_006) reject(new Error('the relay cut a connection that broke no frame'));
      else resolve(internal);
    });
  });
}
