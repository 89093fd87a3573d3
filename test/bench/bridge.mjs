/** A real bridge by itself, with its whole sandbox, and a relay's side of its socket that only counts. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { ROOT } from '../../relay/launch/paths.mjs';

/** What the bridge logs when nothing is left that it does for later workers in its pauses. */
const PREPARED = "GAP's state is kept";
/** Longest wait for that, milliseconds: a Sage without GAP never says it. */
const PREPARED_MS = 60_000;
const TOKEN = 'a token for benchmarks only';

/**
 * Until the bridge whose words are read here has nothing to do but to answer. Reads them from now on.
 * @param {import('node:stream').Readable} words standard error of it, or of the relay that passes them on
 * @param {(line: string) => void} [other] told of each line
 * @returns {() => Promise<void>} to be called when that is waited for
 */
export function untilPrepared(words, other = () => {}) {
  const prepared = new Promise((resolve) => {
    createInterface({ input: words }).on('line', (line) => {
      if (line.includes(PREPARED)) resolve(undefined);
      other(line);
    });
  });
  return () => Promise.race([prepared, setTimeout(PREPARED_MS, undefined, { ref: false })]);
}

/**
 * Starts a bridge on a Unix socket of its own. The caller ends it with `stop`.
 * @param {string[]} sagePython
 */
export async function startBridge([python = '', ...args]) {
  const folder = mkdtempSync(join(tmpdir(), 'sage-embed-bench-'));
  const path = join(folder, 'socket');
  const child = spawn(python, [...args, '-m', 'sage_bridge', 'serve', '--listen', `unix:${path}`], {
    env: { ...process.env, PYTHONPATH: join(ROOT, 'sage-bridge'), SAGE_BRIDGE_TOKEN: TOKEN },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const prepared = untilPrepared(child.stderr);
  const exit = new Promise((resolve) => child.once('exit', resolve));
  await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the bridge ended with ${String(code)}`)));
  });
  return {
    path,
    pid: child.pid ?? 0,
    /** Until the bridge has nothing to do but to answer. */
    prepared,
    async stop() {
      child.kill('SIGTERM');
      await exit;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One link to a bridge; executions are promises of their output. */
export class BridgeClient {
  /** @type {Map<string, { text: string, resolve: (text: string) => void, reject: (error: Error) => void }>} */
  #waiting = new Map();
  /** @type {Map<string, () => void>} */
  #expected = new Map();
  #pending = Buffer.alloc(0);
  #count = 0;

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.socket = socket;
    socket.on('data', (data) => this.#read(data));
  }

  /** @param {string} path of the bridge's socket @returns {Promise<BridgeClient>} */
  static async connect(path) {
    const socket = connect(path);
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const client = new BridgeClient(socket);
    const ready = client.#expect('ready');
    client.#send({ type: 'auth', version: 1, token: TOKEN });
    await ready;
    return client;
  }

  /** @param {string} what */
  #expect(what) {
    return new Promise((resolve) => this.#expected.set(what, () => resolve(undefined)));
  }

  /** @param {object} message */
  #send(message) {
    const body = Buffer.from(`j${JSON.stringify(message)}`);
    const frame = Buffer.allocUnsafe(4 + body.length);
    frame.writeUInt32BE(body.length);
    body.copy(frame, 4);
    this.socket.write(frame);
  }

  /** @param {Buffer} data */
  #read(data) {
    let rest = this.#pending.length > 0 ? Buffer.concat([this.#pending, data]) : data;
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE()) {
      const end = 4 + rest.readUInt32BE();
      this.#receive(JSON.parse(rest.toString('utf8', 5, end)));
      rest = rest.subarray(end);
    }
    this.#pending = rest;
  }

  /** @param {{ type: string, execution?: string, session?: string, output?: any, status?: string }} message */
  #receive(message) {
    const waiting = this.#waiting.get(message.execution ?? '');
    this.#expected.get(message.session ?? message.type)?.();
    if (message.type === 'output' && waiting) {
      waiting.text += message.output.text ?? message.output.data?.['text/plain'] ?? '';
    } else if (message.type === 'done' && waiting) {
      this.#waiting.delete(message.execution ?? '');
      if (message.status === 'ok') waiting.resolve(waiting.text);
      else waiting.reject(new Error(`${String(message.status)}: ${JSON.stringify(message)}`));
    }
  }

  /** @param {string} session */
  async open(session) {
    const opened = this.#expect(session);
    this.#send({ type: 'open', session });
    await opened;
    this.#expected.delete(session);
  }

  /** @param {string} session */
  end(session) {
    this.#send({ type: 'close', session });
  }

  /** @param {string} code @param {string} [session] without one: in a fresh worker @returns {Promise<string>} */
  execute(code, session) {
    const execution = `e${String((this.#count += 1))}`;
    return new Promise((resolve, reject) => {
      this.#waiting.set(execution, { text: '', resolve, reject });
      const where = session === undefined ? { session: `x${execution}`, stateless: true } : { session };
      this.#send({ type: 'execute', execution, code, ...where });
    });
  }

  close() {
    this.socket.destroy();
  }
}
