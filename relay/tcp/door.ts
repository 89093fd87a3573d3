/** The door for programs: the messages of the WebSocket, one JSON text a line, over TCP or TLS. */
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import {
  CLOSE,
  HEARTBEAT_MS,
  MAX_CLIENT_MESSAGE_BYTES,
  PROTOCOL_VERSION,
  parseBridgeCommand,
  type ServerMessage,
} from '../protocol/index.js';
import type { Request } from '../admission/admission.js';
import type { Visit } from '../admission/visit.js';
import { EXIT, RelayError, StartError } from '../errors.js';
import type { Log } from '../observe/log.js';
import { ClientConnection } from '../sessions/client-connection.js';
import type { ConnectionContext } from '../sessions/connection-context.js';
import { LineDecoder, type Line } from './lines.js';
import { TcpSocket } from './socket.js';

/** Connections of this door at a time; more are closed at once. */
const MAX_CONNECTIONS = 1_024;

/** How long a client may take to authenticate, milliseconds; for `hello` it has its connection's own time. */
const AUTH_TIMEOUT_MS = 10_000;

/** A client that says nothing for this long while nothing of it runs is let go, milliseconds. Clients of ours ping. */
const IDLE_TIMEOUT_MS = 120_000;

/** How often it is looked whether all has ended for a client that has said all it will say, milliseconds. */
const LAST_RUNS_MS = 100;

/** Such a client may have gone altogether, which only what is sent to it shows: so much silence is broken, milliseconds. */
const PROBE_MS = 500;

/** How often heartbeats, idle clients and stalled readers are looked after. */
const SWEEP_MS = 5_000;

/** Where the door is and who may come in. */
export interface TcpDoorOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Clients say it before anything else; undefined: nobody is asked. */
  readonly token: string | undefined;
  /** PEM files; undefined: plain TCP. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
}

/** Lets a client in. @throws RelayError if it may not come, or not now */
type Admit = (request: Request) => Visit;

interface Client {
  readonly id: string;
  readonly socket: TcpSocket;
  /** Undefined until it is authenticated. */
  connection: ClientConnection | undefined;
  visit: Visit | undefined;
  lastHeardAt: number;
}

/** Open with `TcpDoor.open`, end with `close`. */
export class TcpDoor {
  readonly #clients = new Set<Client>();
  readonly #sockets = new Set<Socket>();
  readonly #context: ConnectionContext;
  readonly #admission: Admit;
  readonly #log: Log;
  readonly #options: TcpDoorOptions;
  readonly #server: Server;
  readonly #sweep: NodeJS.Timeout;

  private constructor(options: TcpDoorOptions, context: ConnectionContext, admit: Admit) {
    this.#options = options;
    this.#admission = admit;
    this.#context = context;
    this.#log = context.log;
    const { tls } = options;
    const accept = (socket: Socket): void => {
      this.#accept(socket);
    };
    this.#server = tls
      ? createTlsServer(
          {
            cert: readFileSync(tls.certFile),
            key: readFileSync(tls.keyFile),
            handshakeTimeout: AUTH_TIMEOUT_MS,
            minVersion: 'TLSv1.2',
            allowHalfOpen: true,
          },
          accept,
        )
      : createServer({ allowHalfOpen: true }, accept);
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#sweep = setInterval(() => {
      this.#look();
    }, SWEEP_MS);
    this.#sweep.unref();
  }

  /** @throws StartError when the port is taken, the host is not this machine's, or certificate and key don't fit */
  static async open(options: TcpDoorOptions, context: ConnectionContext, admit: Admit): Promise<TcpDoor> {
    let door: TcpDoor;
    try {
      door = new TcpDoor(options, context, admit);
    } catch (error) {
      throw new StartError(
        `TCP_TLS_CERT and TCP_TLS_KEY can't be used: ${(error as Error).message}`,
        EXIT.CONFIG,
      );
    }
    const { host, port } = options;
    await new Promise<void>((resolve, reject) => {
      door.#server.once('error', (error) => {
        door.close();
        const reason = `Cannot listen on ${host}, port ${port}: ${error.message}. Set TCP_PORT or TCP_HOST.`;
        reject(new StartError(reason, EXIT.UNAVAILABLE));
      });
      door.#server.listen({ host, port, exclusive: true }, resolve);
    });
    return door;
  }

  /** `tcp://host:port`, or `tls://host:port`. */
  get url(): string {
    const { host, tls } = this.#options;
    const { port } = this.#server.address() as AddressInfo;
    return `${tls ? 'tls' : 'tcp'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  }

  /** Ends listening, timers and connections. Idempotent. */
  close(): void {
    clearInterval(this.#sweep);
    if (this.#server.listening) this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Socket): void {
    const client: Client = {
      id: randomUUID(),
      socket: new TcpSocket(socket, {
        behind: (isBehind) => client.connection?.hold(isBehind),
        queued: (delta) => client.visit?.queued(delta),
      }),
      connection: undefined,
      visit: undefined,
      lastHeardAt: performance.now(),
    };
    socket.on('error', (error) => {
      this.#log.debug({ connection: client.id, reason: error.message }, 'client connection failed');
    });
    if (this.#context.isDraining()) {
      client.socket.close(CLOSE.DRAINING, 'this relay is shutting down');
      return;
    }
    this.#clients.add(client);
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, HEARTBEAT_MS);
    const decoder = new LineDecoder(MAX_CLIENT_MESSAGE_BYTES);
    const { token } = this.#options;
    const lateToken = setTimeout(() => {
      if (client.connection === undefined) this.#refuse(client, 'No auth came in time.');
    }, AUTH_TIMEOUT_MS);
    if (token === undefined) this.#admit(client, socket);
    socket.on('data', (chunk: Buffer) => {
      client.lastHeardAt = performance.now();
      for (const line of decoder.push(chunk)) {
        if (client.connection !== undefined) this.#receive(client, client.connection, line);
        else if (this.#isAuth(line)) this.#admit(client, socket);
        else {
          this.#refuse(client, 'Say auth with the right token first.');
          return;
        }
      }
    });
    let lastRuns: NodeJS.Timeout | undefined;
    socket.once('end', () => {
      lastRuns = setInterval(() => {
        if (!client.connection?.pending) client.socket.close(CLOSE.NORMAL, 'all was answered');
        else if (client.socket.silentMs > PROBE_MS) client.connection.send({ type: 'pong' });
      }, LAST_RUNS_MS);
    });
    socket.once('close', () => {
      clearTimeout(lateToken);
      clearInterval(lastRuns);
      client.socket.closed();
      client.connection?.closed();
      client.visit?.leave();
      this.#clients.delete(client);
      this.#sockets.delete(socket);
      this.#log.debug({ connection: client.id }, 'client disconnected');
    });
  }

  #admit(client: Client, { remoteAddress = '' }: Socket): void {
    const peer = { remote: remoteAddress, proxied: '', forwardedFor: '', forwarded: '' };
    try {
      client.visit = this.#admission({ peer, origin: '', host: '' });
    } catch (error) {
      if (!(error instanceof RelayError)) throw error;
      const { code, message, detail } = error;
      const refusal: ServerMessage = { type: 'error', code, message, ...detail };
      client.socket.send(JSON.stringify(refusal));
      client.socket.close(CLOSE.TOO_MANY, 'too many');
      return;
    }
    client.connection = new ClientConnection(client.socket, this.#context, client.id, client.visit);
  }

  #isAuth(line: Line): boolean {
    if (line.kind !== 'line') return false;
    const parsed = parseBridgeCommand(line.text);
    if (!parsed.ok || parsed.message.type !== 'auth' || parsed.message.version !== PROTOCOL_VERSION)
      return false;
    const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
    return timingSafeEqual(digest(parsed.message.token), digest(this.#options.token ?? ''));
  }

  #refuse(client: Client, message: string): void {
    const refusal: ServerMessage = { type: 'error', code: 'unauthorized', message };
    client.socket.send(JSON.stringify(refusal));
    client.socket.close(CLOSE.UNSUPPORTED, 'unauthorized');
  }

  #receive({ id }: Client, connection: ClientConnection, line: Line): void {
    try {
      if (line.kind === 'line') connection.receive(line.text);
      else connection.receiveTooLarge(line.head);
    } catch (error) {
      // A defect that one client found must not end the others' connections with the process.
      this.#log.error({ err: error, connection: id }, 'a message could not be handled');
      const message = 'The relay failed; this was logged.';
      connection.send({ type: 'error', code: 'internal', message });
    }
  }

  #look(): void {
    for (const { id, socket, connection, lastHeardAt } of [...this.#clients]) {
      if (socket.isStalled) {
        this.#log.info({ connection: id }, 'client stopped reading');
        socket.close(CLOSE.SLOW_CONSUMER, 'stopped reading');
      } else if (connection?.pending === 0 && performance.now() - lastHeardAt > IDLE_TIMEOUT_MS) {
        socket.close(CLOSE.NORMAL, 'idle');
      } else if (socket.silentMs > HEARTBEAT_MS - SWEEP_MS) {
        connection?.send({ type: 'pong' });
      }
    }
  }
}
