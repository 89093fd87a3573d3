/**
 * Bare Sage children behind a bare uWebSockets.js server, in a process of its own: each text of a WebSocket is a line
 * for floor.py, and each line of floor.py a text for the client. Prints its port when they are ready; ends with its
 * standard input.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { App, us_socket_local_port } from 'uWebSockets.js';

const [python = '', ...args] = process.argv.slice(2);
const children = spawn(python, args, { stdio: ['pipe', 'pipe', 'inherit'] });

/** @type {import('uWebSockets.js').WebSocket<unknown> | undefined} */
let client;
const app = App().ws('/*', {
  open: (socket) => {
    client = socket;
  },
  message: (_, text) => void children.stdin.write(`${Buffer.from(text).toString()}\n`),
});
createInterface({ input: children.stdout }).on('line', (line) => {
  if (client) client.send(line);
  // The first says that they are ready.
  else app.listen('127.0.0.1', 0, (socket) => void (socket && console.log(us_socket_local_port(socket))));
});
process.stdin.resume().on('end', () => children.stdin.end());
children.on('exit', (code) => process.exit(code ?? 1));
