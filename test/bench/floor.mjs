/** The floors: the least that any design must pay on this machine, measured in the same run. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { App, us_listen_socket_close, us_socket_local_port } from 'uWebSockets.js';
import WebSocket from 'ws';
import { ROOT } from '../../relay/launch/paths.mjs';
import { startBareServer } from './bare-server.mjs';
import { TextSocket } from './raw-socket.mjs';

/** Longest wait for one answer, milliseconds. */
const ANSWER_MS = 20_000;

/** @typedef {Awaited<ReturnType<typeof startSageFloor>>} SageFloor */

/** Questions that wait for their answers. */
class Asked {
  #count = 0;
  /** @type {Map<number, (answer: any) => void>} */
  #waiting = new Map();

  /** @param {object} request @param {(message: object) => void} send @returns {Promise<any>} */
  ask(request, send) {
    return new Promise((resolve, reject) => {
      const id = (this.#count += 1);
      // A child whose code raises never answers: that is a mistake in the benchmark, to be told, not waited for.
      const timer = setTimeout(() => reject(new Error(`no answer to ${JSON.stringify(request)}`)), ANSWER_MS);
      this.#waiting.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      send({ id, ...request });
    });
  }

  /** @param {{ id: number }} answer */
  answered(answer) {
    this.#waiting.get(answer.id)?.(answer);
    this.#waiting.delete(answer.id);
  }
}

/** @param {string[]} python @returns {[string, string[]]} how floor.py is begun */
const sageFloor = ([python = '', ...args]) => [python, [...args, join(ROOT, 'test/bench/floor.py')]];
const FLOOR_ENV = { ...process.env, PYTHONPATH: join(ROOT, 'sage-bridge') };

/** Bare Sage children on pipes, see floor.py. Ended by `stop`. @param {string[]} sagePython */
export async function startSageFloor(sagePython) {
  const child = spawn(...sageFloor(sagePython), { env: FLOOR_ENV, stdio: ['pipe', 'pipe', 'inherit'] });
  const asked = new Asked();
  const ready = new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const answer = JSON.parse(line);
      if (answer.event === 'ready') resolve(undefined);
      else asked.answered(answer);
    });
    child.once('exit', (code) => reject(new Error(`floor.py ended with ${String(code)}`)));
  });
  await ready;
  /** @param {object} request */
  const ask = (request) =>
    asked.ask(request, (message) => void child.stdin.write(`${JSON.stringify(message)}\n`));
  return {
    /** Runs in a fresh pre-forked child. @param {string} code */
    fresh: (code) => ask({ op: 'run', code }),
    /** Runs in a child that stays. @param {string} code */
    again: (code) => ask({ op: 'again', code }),
    /** fork(), _exit(), waitpid(). */
    fork: () => ask({ op: 'fork' }),
    async stop() {
      const exit = new Promise((resolve) => child.once('exit', resolve));
      child.stdin.end();
      await exit;
    },
  };
}

/**
 * The same children behind a WebSocket, see bare-relay.mjs, and one client of it. Ended by `stop`.
 * @param {string[]} sagePython
 */
export async function startRelayFloor(sagePython) {
  const [python, args] = sageFloor(sagePython);
  const relay = await startBareServer('bare-relay.mjs', [python, ...args], FLOOR_ENV);
  const socket = await TextSocket.open(relay.port, '/');
  const asked = new Asked();
  socket.onText = (text) => asked.answered(JSON.parse(text));
  return {
    /** Runs in a child that stays. @param {string} code */
    again: (code) => asked.ask({ op: 'again', code }, (message) => socket.send(message)),
    async stop() {
      socket.close();
      await relay.stop();
    },
  };
}

/** A uWebSockets.js server that sends back what it gets, and one client. Ended by `stop`. */
export async function startEchoFloor() {
  const app = App().ws('/*', {
    message: (socket, message, isBinary) => void socket.send(message, isBinary),
  });
  /** @type {any} */
  let listening;
  app.listen('127.0.0.1', 0, (socket) => {
    listening = socket;
  });
  const socket = new WebSocket(`ws://127.0.0.1:${String(us_socket_local_port(listening))}/`);
  await new Promise((resolve) => socket.once('open', resolve));
  return {
    /** One round trip. */
    echo: () =>
      new Promise((resolve) => {
        socket.once('message', resolve);
        socket.send('{"type":"ping"}');
      }),
    stop() {
      socket.close();
      us_listen_socket_close(listening);
      app.close();
    },
  };
}
