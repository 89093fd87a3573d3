/** A real relay with a real bridge, and a client of it that only counts. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../../relay/launch/paths.mjs';
import { NODE_OPTIONS } from '../../relay/launch/relay.mjs';
import { TextSocket } from './raw-socket.mjs';
import { untilPrepared } from './bridge.mjs';

/**
 * Starts the built relay as the launcher does, on a free port, without a cache unless `env` says otherwise. The caller ends it with `stop`.
 * @param {string[]} sagePython
 * @param {NodeJS.ProcessEnv} [env]
 */
export async function startRelay(sagePython, env = {}) {
  const child = spawn(process.execPath, [...NODE_OPTIONS, join(ROOT, 'dist/relay/main.js')], {
    env: {
      ...process.env,
      // It says now and then what its bridge says, and nothing of single clients.
      LOG_LEVEL: 'info',
      CACHE: 'false',
      STORE: 'memory',
      ...env,
      PORT: '0',
      SAGE_PYTHON: JSON.stringify(sagePython),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const prepared = untilPrepared(child.stderr, (line) => {
    if (/"level":[56]0,/.test(line)) process.stderr.write(`${line}\n`);
  });
  const exit = new Promise((resolve) => child.once('exit', resolve));
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = JSON.parse(line);
      if (event.event === 'listening') resolve(new URL(event.url));
    });
    child.once('exit', (code) => reject(new Error(`the relay ended with ${String(code)}`)));
  });
  return {
    url: /** @type {URL} */ (url),
    pid: child.pid ?? 0,
    /** Until the relay's own bridge has nothing to do but to answer. */
    prepared,
    async stop() {
      child.kill('SIGTERM');
      await exit;
    },
  };
}

/** Messages of a session between acknowledgements. */
const ACK_EVERY = 200;

/** One connection; executions are promises of their output. */
export class Client {
  /** @type {Map<string, { text: string, resolve: (text: string) => void, reject: (error: Error) => void }>} */
  #waiting = new Map();
  /** @type {Map<string, () => void>} */
  #opening = new Map();
  #count = 0;

  /** @param {TextSocket} socket */
  constructor(socket) {
    this.socket = socket;
    socket.onText = (text) => this.#receive(JSON.parse(text));
  }

  /** @param {URL} url @returns {Promise<Client>} */
  static async connect(url) {
    const socket = await TextSocket.open(Number(url.port));
    socket.send({ type: 'hello', version: 1 });
    return new Client(socket);
  }

  /** @param {{ type: string, execution?: string, session?: string, seq?: number, output?: any, status?: string }} message */
  #receive(message) {
    const { seq = 1, session } = message;
    // As every client does: a session stops that nobody acknowledges.
    if (seq % ACK_EVERY === 0) this.socket.send({ type: 'ack', session, seq });
    const waiting = this.#waiting.get(message.execution ?? '');
    if (message.type === 'opened') this.#opening.get(message.session ?? '')?.();
    else if (message.type === 'output' && waiting) {
      waiting.text += message.output.text ?? message.output.data?.['text/plain'] ?? '';
    } else if (message.type === 'done' && waiting) {
      this.#waiting.delete(message.execution ?? '');
      if (message.status === 'ok') waiting.resolve(waiting.text);
      else waiting.reject(new Error(`${String(message.status)}: ${JSON.stringify(message)}`));
    }
  }

  /** @param {string} session */
  open(session) {
    return new Promise((resolve) => {
      this.#opening.set(session, () => resolve(undefined));
      this.socket.send({ type: 'open', session });
    });
  }

  /** @param {string} code @param {string} [session] @returns {Promise<string>} */
  execute(code, session) {
    const execution = `e${String((this.#count += 1))}`;
    return new Promise((resolve, reject) => {
      this.#waiting.set(execution, { text: '', resolve, reject });
      this.socket.send({ type: 'execute', execution, code, ...(session && { session }) });
    });
  }

  /** Reads nothing any more. */
  pause() {
    this.socket.socket.pause();
  }

  close() {
    this.socket.close();
  }
}
