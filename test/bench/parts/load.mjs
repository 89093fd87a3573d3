/** The relay under many clients, busy, idle, slow and hostile ones, beside a bare uWebSockets.js server. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { startBareServer } from '../bare-server.mjs';
import { frameOf, RawSocket } from '../raw-socket.mjs';
import { Client, startRelay } from '../relay.mjs';
import { median } from '../stats.mjs';

const ECHO_CONNECTIONS = 50;
const ECHO_MS = 1_500;
const ECHO_ROUNDS = 5;
const IDLE_CONNECTIONS = 10_000;
const HEALTH_REQUESTS = 40_000;
const PIPELINED = 10_000;
/** Executions in flight: what one connection may hold. */
const WINDOW = 250;
const STALLED = 20;
const SLOW = 200;
/** When a slow request counts as one that is never closed. */
const SLOW_MS = 30_000;
const BARE = 'bare uWebSockets.js';
const ECHO_SERVER = 'echo-server.mjs';

const HELLO = frameOf('{"type":"hello","version":1}');
const PING = frameOf('{"type":"ping","nonce":12345}');

/** @param {number} ms */
const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Resident memory, kilobytes. Linux only. @param {number} pid */
const residentKB = (pid) =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1]);

/** @param {import('../run.mjs').Context} context */
export async function measure({ figures, python }) {
  const bare = await startBareServer(ECHO_SERVER);
  const relay = await startRelay(python, { SAGE_POOL: '1' });
  await relay.prepared();
  const ours = { port: Number(relay.url.port), pid: relay.pid };
  try {
    await echoes(figures, ours, bare);
    await prints(figures, relay.url);
    await health(figures, ours.port);
    await stalledReaders(figures, relay);
    await slowRequests(figures, ours.port);
  } finally {
    await relay.stop();
    await bare.stop();
  }
  await idle(figures, python);
}

/** @typedef {{ port: number, pid: number }} Server */
/** @typedef {import('../figures.mjs').Figures} Figures */

/** Pings that the relay answers, and echoes; each connection has one under way. @param {Figures} figures @param {Server} ours @param {Server} bare */
async function echoes(figures, ours, bare) {
  /** @param {Server} server */
  const open = (server) =>
    Promise.all(Array.from({ length: ECHO_CONNECTIONS }, () => RawSocket.open(server.port)));
  const [toOurs, toBare] = [await open(ours), await open(bare)];
  toOurs.forEach((socket) => socket.send(HELLO));
  await rest(200);
  /** @param {RawSocket[]} sockets */
  const rate = async (sockets) => {
    let count = 0;
    let isOver = false;
    for (const socket of sockets) {
      socket.onFrame = () => {
        count += 1;
        if (!isOver) socket.send(PING);
      };
      socket.send(PING);
    }
    const startedAt = performance.now();
    await rest(ECHO_MS);
    isOver = true;
    const perSecond = (count * 1_000) / (performance.now() - startedAt);
    await rest(100);
    return perSecond;
  };
  const [first, second] = [/** @type {number[]} */ ([]), /** @type {number[]} */ ([])];
  for (let round = 0; round < ECHO_ROUNDS; round += 1) {
    first.push(await rate(toOurs));
    second.push(await rate(toBare));
  }
  [...toOurs, ...toBare].forEach((socket) => socket.close());
  figures.beside(
    `pings answered at ${String(ECHO_CONNECTIONS)} connections`,
    median(first),
    median(second),
    `${BARE} echo`,
    '/s',
    '≥ 0.4',
  );
}

/** @param {Figures} figures @param {URL} url */
async function prints(figures, url) {
  const client = await Client.connect(url);
  await client.open('s');
  await client.execute('print(2+2)', 's');
  let left = PIPELINED;
  const lane = async () => {
    while ((left -= 1) >= 0) await client.execute('print(2+2)', 's');
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: WINDOW }, lane));
  figures.add(
    'prints in one open session, pipelined',
    (PIPELINED * 1_000) / (performance.now() - startedAt),
    '/s',
    '≥ 2500',
  );
  client.close();
}

/** @param {Figures} figures @param {number} port */
async function health(figures, port) {
  const agent = new Agent({ keepAlive: true, maxSockets: ECHO_CONNECTIONS });
  let left = HEALTH_REQUESTS;
  let failed = 0;
  const lane = async () => {
    while ((left -= 1) >= 0) {
      const isGood = await new Promise((resolve) => {
        get({ host: '127.0.0.1', port, path: '/healthz', agent }, (answer) => {
          answer.resume().once('end', () => resolve(answer.statusCode === 200));
        }).once('error', () => resolve(false));
      });
      if (!isGood) failed += 1;
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: ECHO_CONNECTIONS }, lane));
  agent.destroy();
  figures.add(`errors of ${String(HEALTH_REQUESTS)} requests to /healthz`, failed, '', '0');
  figures.add('requests to /healthz', (HEALTH_REQUESTS * 1_000) / (performance.now() - startedAt), '/s');
}

/** Clients that have much put out and then read nothing. @param {Figures} figures @param {{ pid: number, url: URL }} relay */
async function stalledReaders(figures, { pid, url }) {
  const probe = await Client.connect(url);
  await probe.execute('print(2+2)');
  const clients = [];
  for (let number = 0; number < STALLED; number += 1) clients.push(await Client.connect(url));
  await Promise.all(clients.map((client) => client.open('s')));
  const before = residentKB(pid);
  for (const client of clients) {
    client.pause();
    client.execute('for i in range(800): print("x" * 20000)', 's').catch(() => {});
  }
  let most = before;
  for (let look = 0; look < 50; look += 1) {
    await rest(100);
    most = Math.max(most, residentKB(pid));
  }
  const startedAt = performance.now();
  await probe.execute('print(2+2)');
  figures.add('memory for each reader that stalls', (most - before) / STALLED / 1_024, 'MiB', '≤ 2');
  figures.add('a fresh print(2+2) meanwhile', performance.now() - startedAt, 'ms');
  clients.forEach((client) => client.close());
  probe.close();
}

/** Requests of one byte a second. @param {Figures} figures @param {number} port */
async function slowRequests(figures, port) {
  const startedAt = performance.now();
  const longest = await Promise.all(
    Array.from({ length: SLOW }, async (_, index) => {
      const socket = connect({ host: '127.0.0.1', port });
      socket.on('error', () => {});
      const head = 'GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ';
      socket.write(index % 2 === 0 ? head : '');
      const drip = setInterval(() => socket.writable && socket.write(index % 2 === 0 ? 'x' : 'G'), 1_000);
      await Promise.race([once(socket.resume(), 'close'), rest(SLOW_MS)]);
      clearInterval(drip);
      socket.destroy();
      return performance.now() - startedAt;
    }),
  );
  figures.add(
    `until the last of ${String(SLOW)} slow requests is closed`,
    Math.max(...longest) / 1_000,
    's',
    '≤ 15',
  );
}

/** Memory of connections that do nothing; on servers that did nothing before. @param {Figures} figures @param {string[]} python */
async function idle(figures, python) {
  /** @param {Server} server */
  const cost = async (server) => {
    // What is allocated once is allocated before.
    const first = await Promise.all(Array.from({ length: 100 }, () => RawSocket.open(server.port)));
    first.forEach((socket) => socket.send(HELLO));
    await rest(500);
    const before = residentKB(server.pid);
    const sockets = [];
    while (sockets.length < IDLE_CONNECTIONS) {
      const batch = await Promise.all(Array.from({ length: 100 }, () => RawSocket.open(server.port)));
      batch.forEach((socket) => socket.send(HELLO));
      sockets.push(...batch);
    }
    await rest(2_000);
    const after = residentKB(server.pid);
    const isWhole = sockets.every((socket) => !socket.isClosed);
    [...first, ...sockets].forEach((socket) => socket.close());
    if (!isWhole) throw new Error('an idle connection was closed');
    return { total: after / 1_024, each: (after - before) / IDLE_CONNECTIONS };
  };
  const bare = await startBareServer(ECHO_SERVER);
  const atBare = await cost(bare).finally(() => bare.stop());
  const relay = await startRelay(python, { SAGE_POOL: '1' });
  await relay.prepared();
  const atOurs = await cost({ port: Number(relay.url.port), pid: relay.pid }).finally(() => relay.stop());
  const what = `memory with ${String(IDLE_CONNECTIONS)} idle WebSockets`;
  figures.beside(what, atOurs.total, atBare.total, BARE, 'MB', '≤ 2');
  figures.beside('memory of one more idle WebSocket', atOurs.each, atBare.each, BARE, 'kB', '');
}
