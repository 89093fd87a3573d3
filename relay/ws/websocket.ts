/** `/sockjs/websocket`: clients over raw WebSockets. */
import { randomUUID } from 'node:crypto';
import type { TemplatedApp, WebSocketBehavior } from 'uWebSockets.js';
import { CLOSE, HEARTBEAT_MS, MAX_CLIENT_MESSAGE_BYTES, MAX_FRAME_BYTES } from '../protocol/index.js';
import { RelayError } from '../errors.js';
import type { Origins } from '../http/cors.js';
import { Exchange } from '../http/respond.js';
import type { Log } from '../observe/log.js';
import { ClientConnection, type ConnectionContext } from '../sessions/client-connection.js';
import { WsSocket } from './socket.js';

/**
 * Longer messages are cut off by uWebSockets.js with a reset and no word (close code 1006). Up to here a client
 * is told that its message is too large.
 */
const MAX_PAYLOAD_BYTES = 8 * MAX_CLIENT_MESSAGE_BYTES;

/** Beginning of a too large message that is searched for its identifier. */
const HEAD_BYTES = 1_024;

/** Seconds of silence after which a peer that answers no ping is closed. */
const IDLE_TIMEOUT_S = 60;

/** How often heartbeats and stalled readers are looked after. */
const SWEEP_MS = 5_000;

interface ClientData {
  readonly id: string;
  socket?: WsSocket<ClientData>;
  connection?: ClientConnection;
}

/** The WebSocket door, from its making to `close`. */
export class WebSocketDoor {
  readonly #clients = new Set<ClientData>();
  readonly #context: ConnectionContext;
  readonly #origins: Origins;
  readonly #log: Log;
  readonly #sweep: NodeJS.Timeout;

  constructor(context: ConnectionContext, origins: Origins) {
    this.#context = context;
    this.#origins = origins;
    this.#log = context.log;
    this.#sweep = setInterval(() => {
      this.#look();
    }, SWEEP_MS);
    this.#sweep.unref();
  }

  mount(app: TemplatedApp, path: string): void {
    const behavior: WebSocketBehavior<ClientData> = {
      maxPayloadLength: MAX_PAYLOAD_BYTES,
      idleTimeout: IDLE_TIMEOUT_S,
      sendPingsAutomatically: true,
      // Above what a socket may ever hold (see WsSocket), so that nothing is dropped.
      maxBackpressure: 2 * MAX_FRAME_BYTES,
      upgrade: (res, req, context) => {
        // Nothing here waits; if it ever does, the request's headers must be copied before.
        const origin = req.getHeader('origin');
        if (!this.#origins.allows(origin, req.getHeader('host'))) {
          // The page is told nothing by its browser; whoever runs the relay can find the reason here.
          this.#log.warn(
            { origin: origin.slice(0, 200) },
            'refused a page: ALLOWED_ORIGINS does not name it',
          );
          const exchange = new Exchange(res, req, this.#origins);
          exchange.error(new RelayError('unauthorized', 'This origin may not use this relay.'));
          return;
        }
        if (this.#context.isDraining()) {
          const exchange = new Exchange(res, req, this.#origins);
          exchange.error(new RelayError('draining', 'This relay is shutting down.', { retryAfterMs: 1_000 }));
          return;
        }
        res.upgrade<ClientData>(
          { id: randomUUID() },
          req.getHeader('sec-websocket-key'),
          req.getHeader('sec-websocket-protocol'),
          req.getHeader('sec-websocket-extensions'),
          context,
        );
      },
      open: (ws) => {
        const client = ws.getUserData();
        client.socket = new WsSocket(ws);
        client.connection = new ClientConnection(client.socket, this.#context, client.id);
        this.#clients.add(client);
      },
      message: (ws, message, isBinary) => {
        const { id, connection } = ws.getUserData();
        try {
          if (isBinary) connection?.receiveBinary();
          else if (message.byteLength > MAX_CLIENT_MESSAGE_BYTES) {
            connection?.receiveTooLarge(Buffer.from(message, 0, HEAD_BYTES).toString());
          } else connection?.receive(Buffer.from(message).toString());
        } catch (error) {
          // A defect that one client found must not end the others' connections with the process.
          this.#log.error({ err: error, connection: id }, 'a message could not be handled');
          connection?.send({
            type: 'error',
            code: 'internal',
            message: 'The relay failed; this was logged.',
          });
        }
      },
      drain: (ws) => {
        ws.getUserData().socket?.drained();
      },
      close: (ws, code) => {
        const client = ws.getUserData();
        client.socket?.closed();
        client.connection?.closed();
        this.#clients.delete(client);
        this.#log.debug({ connection: client.id, code }, 'client disconnected');
      },
    };
    app.ws(path, behavior);
  }

  /** Ends the timers; sockets are closed by the app. */
  close(): void {
    clearInterval(this.#sweep);
  }

  #look(): void {
    for (const { id, socket, connection } of [...this.#clients]) {
      if (socket?.isStalled === true) {
        this.#log.info({ connection: id }, 'client stopped reading');
        socket.close(CLOSE.SLOW_CONSUMER, 'stopped reading');
      } else if (socket !== undefined && socket.silentMs > HEARTBEAT_MS - SWEEP_MS) {
        // Pages can't see WebSocket pings.
        connection?.send({ type: 'pong' });
      }
    }
  }
}
