/** Clients over WebSockets, their messages framed one way or another. */
import { randomUUID } from 'node:crypto';
import type { HttpRequest, HttpResponse, TemplatedApp, WebSocketBehavior } from 'uWebSockets.js';
import { CLOSE, HEARTBEAT_MS, MAX_CLIENT_MESSAGE_BYTES, MAX_FRAME_BYTES } from '../protocol/index.js';
import { SENTENCES } from '../ends.js';
import { RelayError } from '../errors.js';
import type { Request } from '../admission/admission.js';
import type { Visit } from '../admission/visit.js';
import type { Origins } from '../http/cors.js';
import { peerOf } from '../http/peer.js';
import { Exchange } from '../http/respond.js';
import type { Log } from '../observe/log.js';
import type { Conversation, Converse } from '../sessions/conversation.js';
import type { OutboxWatcher } from '../sessions/outbox.js';
import type { Framing } from './framing.js';
import { WsSocket } from './socket.js';

/**
 * Longer messages are cut off by uWebSockets.js with a reset and no word (close code 1006). Up to here a client
 * is told that its message is too large.
 */
const MAX_PAYLOAD_BYTES = 8 * MAX_CLIENT_MESSAGE_BYTES;

/** Beginning of a too large message that is searched for its identifier, UTF-16 code units. */
const HEAD_LENGTH = 1_024;

/** Seconds of silence after which a peer that answers no ping is closed. */
const IDLE_TIMEOUT_S = 60;

/** How often heartbeats and stalled readers are looked after. */
const SWEEP_MS = 5_000;

interface ClientData {
  readonly id: string;
  readonly framing: Framing;
  readonly visit: Visit;
  socket?: WsSocket<ClientData>;
  conversation?: Conversation;
}

/** What becomes of a socket's fullness. One field: there may be very many. */
class Flow implements OutboxWatcher {
  readonly #client: ClientData;

  constructor(client: ClientData) {
    this.#client = client;
  }

  behind(isBehind: boolean): void {
    this.#client.conversation?.hold(isBehind);
  }

  queued(delta: number): void {
    this.#client.visit.queued(delta);
  }
}

/** What a door needs. */
export interface DoorOptions {
  readonly converse: Converse;
  /** Lets a client in. @throws RelayError if it may not come, or not now */
  admit(request: Request): Visit;
  readonly origins: Origins;
  readonly log: Log;
  isDraining(): boolean;
}

/** Where a door is. */
export interface DoorPath {
  /** A pattern of uWebSockets.js. */
  readonly pattern: string;
  readonly framing: Framing;
  /** False refuses a path that fits the pattern, or headers: the request then falls through to the plain routes. */
  readonly accepts?: (request: HttpRequest) => boolean;
}

/** The WebSocket door, from its making to `close`. */
export class WebSocketDoor {
  readonly #clients = new Set<ClientData>();
  readonly #options: DoorOptions;
  readonly #log: Log;
  readonly #sweep: NodeJS.Timeout;

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#sweep = setInterval(() => {
      this.#look();
    }, SWEEP_MS);
    this.#sweep.unref();
  }

  mount(app: TemplatedApp, { pattern, framing, accepts }: DoorPath): void {
    const { converse, origins } = this.#options;
    const behavior: WebSocketBehavior<ClientData> = {
      maxPayloadLength: MAX_PAYLOAD_BYTES,
      idleTimeout: IDLE_TIMEOUT_S,
      sendPingsAutomatically: true,
      // Above what a socket may ever hold (see WsSocket), so that nothing is dropped.
      maxBackpressure: 2 * MAX_FRAME_BYTES,
      upgrade: (res, req, context) => {
        // Nothing here waits; if it ever does, the request's headers must be copied before.
        if (accepts?.(req) === false) {
          req.setYield(true);
          return;
        }
        let visit: Visit;
        try {
          visit = this.#admit(res, req);
        } catch (error) {
          if (!(error instanceof RelayError)) throw error;
          new Exchange(res, req, origins).error(error);
          return;
        }
        res.upgrade<ClientData>(
          { id: randomUUID(), framing, visit },
          req.getHeader('sec-websocket-key'),
          req.getHeader('sec-websocket-protocol'),
          req.getHeader('sec-websocket-extensions'),
          context,
        );
      },
      open: (ws) => {
        const client = ws.getUserData();
        client.socket = new WsSocket(ws, new Flow(client));
        this.#clients.add(client);
        client.conversation = converse(framing.wrap(client.socket), client.id, client.visit);
        // It may have ended at once.
        if (!this.#clients.has(client)) client.conversation.closed();
      },
      message: (ws, message, isBinary) => {
        const client = ws.getUserData();
        const { id, conversation } = client;
        if (conversation === undefined) return;
        try {
          if (isBinary) conversation.receiveBinary();
          else this.#receive(client, conversation, Buffer.from(message).toString());
        } catch (error) {
          this.#log.error({ err: error, connection: id }, 'a message could not be handled');
          conversation.failed();
        }
      },
      drain: (ws) => {
        ws.getUserData().socket?.drained();
      },
      close: (ws, code) => {
        const client = ws.getUserData();
        client.socket?.closed();
        client.conversation?.closed();
        client.visit.leave();
        this.#clients.delete(client);
        this.#log.debug({ connection: client.id, code }, 'client disconnected');
      },
    };
    app.ws(pattern, behavior);
  }

  /** Ends the timers; sockets are closed by the app. */
  close(): void {
    clearInterval(this.#sweep);
  }

  /** @throws RelayError */
  #admit(res: HttpResponse, req: HttpRequest): Visit {
    if (this.#options.isDraining()) {
      throw new RelayError('draining', SENTENCES.draining, { retryAfterMs: 1_000 });
    }
    const origin = req.getHeader('origin');
    try {
      return this.#options.admit({ peer: peerOf(res, req), origin, host: req.getHeader('host') });
    } catch (error) {
      if (error instanceof RelayError && error.code === 'unauthorized') {
        // The page is told nothing by its browser; whoever runs the relay can find the reason here.
        this.#log.warn(
          { origin: origin.slice(0, 200) },
          'refused a page: neither ALLOWED_ORIGINS nor an embed key names it',
        );
      }
      throw error;
    }
  }

  #receive({ framing, socket }: ClientData, conversation: Conversation, frame: string): void {
    const messages = framing.read(frame);
    if (messages === undefined) {
      socket?.cut();
      return;
    }
    for (const message of messages) {
      // A code unit is at least a byte, and at most three.
      const mayBeTooLong = message.length > MAX_CLIENT_MESSAGE_BYTES / 3;
      if (mayBeTooLong && Buffer.byteLength(message) > MAX_CLIENT_MESSAGE_BYTES) {
        conversation.receiveTooLarge(message.slice(0, HEAD_LENGTH));
      } else conversation.receive(message);
    }
  }

  #look(): void {
    for (const { id, socket, framing } of [...this.#clients]) {
      if (socket?.isStalled === true) {
        this.#log.info({ connection: id }, 'client stopped reading');
        socket.close(CLOSE.SLOW_CONSUMER, 'stopped reading');
      } else if (framing.heartbeat !== undefined && (socket?.silentMs ?? 0) > HEARTBEAT_MS - SWEEP_MS) {
        // Pages can't see WebSocket pings.
        socket?.send(framing.heartbeat, true);
      }
    }
  }
}
