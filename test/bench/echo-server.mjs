/** A bare uWebSockets.js server in a process of its own: the floor of what the relay adds. Prints its port; ends with its standard input. */
import { App, us_socket_local_port } from 'uWebSockets.js';

App()
  .ws('/*', {
    idleTimeout: 60,
    message: (socket, message, isBinary) => void socket.send(message, isBinary),
  })
  .get('/healthz', (response) => void response.end('{"status":"ok"}'))
  .listen('127.0.0.1', 0, (socket) => {
    if (socket) console.log(us_socket_local_port(socket));
  });
process.stdin.resume().on('end', () => process.exit(0));
