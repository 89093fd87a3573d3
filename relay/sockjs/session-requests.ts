/** Requests to the sessions of a SockJS service: those that wait for frames, and those that bring messages. */
import { MAX_CLIENT_MESSAGE_BYTES } from '../protocol/index.js';
import { SENTENCES } from '../ends.js';
import { RelayError } from '../errors.js';
import { readBody } from '../http/body.js';
import type { Request } from '../admission/admission.js';
import type { Visit } from '../admission/visit.js';
import type { Exchange } from '../http/respond.js';
import type { Log } from '../observe/log.js';
import type { Converse } from '../sessions/conversation.js';
import { notFound, type Access } from './access.js';
import { NEVER_CACHED } from './caching.js';
import { PayloadError, readPayload } from './frames.js';
import type { SockJsProfile } from './profile.js';
import { Receiver } from './receiver.js';
import { SessionTable } from './session-table.js';
import type { SockJsSession } from './session.js';
import { CALLBACK_TRANSPORTS, isCallback, PLAIN_TRANSPORTS, type ReceivingTransport } from './transports.js';

/** Largest body of one send: a client joins messages, and escapes characters by up to six bytes each. */
const MAX_BODY_BYTES = 8 * MAX_CLIENT_MESSAGE_BYTES;

/** What they need. */
export interface SessionRequestsOptions extends SockJsProfile {
  readonly converse: Converse;
  /** Lets a client in. @throws RelayError if it may not come, or not now */
  admit(request: Request): Visit;
  readonly log: Log;
  isDraining(): boolean;
}

/** From its making to `close`. */
export class SessionRequests {
  readonly #options: SessionRequestsOptions;
  readonly #access: Access;
  readonly #sessions: SessionTable;

  constructor(options: SessionRequestsOptions, access: Access) {
    this.#options = options;
    this.#access = access;
    const { converse, log } = options;
    this.#sessions = new SessionTable({
      converse,
      log,
      maxSessions: options.maxSessions ?? 10_000,
      disconnectMs: options.disconnectMs ?? 5_000,
      heartbeatMs: options.heartbeatMs ?? 25_000,
    });
  }

  /** Ends the sessions. */
  close(): void {
    this.#sessions.close();
  }

  /** Answers a request to the session of that name. @param transport the last part of the path, other than `websocket` */
  answer(exchange: Exchange, session: string, transport: string): Promise<void> | void {
    const legacy = this.#options.legacy ?? false;
    switch (transport) {
      case 'xhr':
      case 'xhr_streaming':
      case 'eventsource':
        this.#receive(exchange, session, PLAIN_TRANSPORTS[transport]);
        return;
      case 'xhr_send':
        return this.#send(exchange, session, readPayload, () => {
          exchange.reply('204 No Content', [
            ['Content-Type', 'text/plain; charset=UTF-8'],
            ...this.#access.sessionHeaders(exchange),
          ]);
        });
      case 'htmlfile':
      case 'jsonp':
        if (legacy) this.#receiveByCallback(exchange, session, transport);
        else notFound(exchange);
        return;
      case 'jsonp_send':
        if (!legacy) {
          notFound(exchange);
          return;
        }
        return this.#send(exchange, session, formPayload(exchange), () => {
          exchange.text('200 OK', 'ok', this.#access.sessionHeaders(exchange));
        });
      default:
        notFound(exchange);
    }
  }

  #receiveByCallback(exchange: Exchange, session: string, name: 'htmlfile' | 'jsonp'): void {
    if (!this.#access.takes(exchange, 'get')) return;
    const callback = new URLSearchParams(exchange.query).get('c') ?? '';
    const problem =
      callback === ''
        ? '"callback" parameter required'
        : isCallback(callback)
          ? ''
          : 'invalid "callback" parameter';
    if (problem === '') this.#receive(exchange, session, CALLBACK_TRANSPORTS[name](callback));
    else exchange.text('500 Internal Server Error', `${problem}\n`, NEVER_CACHED);
  }

  #receive(exchange: Exchange, name: string, transport: ReceivingTransport): void {
    if (!this.#access.takes(exchange, transport.method, true)) return;
    this.#access.checkPage(exchange);
    const session = this.#find(exchange, name) ?? this.#open(exchange, name);
    const limit = this.#options.responseLimit ?? 131_072;
    session.attach(new Receiver(exchange, transport, this.#access.sessionHeaders(exchange), limit));
  }

  #open(exchange: Exchange, name: string): SockJsSession {
    if (this.#options.isDraining()) {
      throw new RelayError('draining', SENTENCES.draining, { retryAfterMs: 1_000 });
    }
    const visit = this.#options.admit(exchange.request());
    const session = this.#sessions.open(name, visit);
    if (session === undefined) {
      visit.leave();
      throw new RelayError('too-many', 'This relay holds as many connections as it can.', {
        retryAfterMs: 5_000,
      });
    }
    session.origin = exchange.header('origin');
    return session;
  }

  async #send(
    exchange: Exchange,
    name: string,
    read: (body: string) => readonly string[],
    confirm: () => void,
  ): Promise<void> {
    if (!this.#access.takes(exchange, 'post', true)) return;
    this.#access.checkPage(exchange);
    if (this.#find(exchange, name) === undefined) {
      notFound(exchange, this.#access.sessionHeaders(exchange));
      return;
    }
    const body = await readBody(exchange, MAX_BODY_BYTES);
    let texts: readonly string[];
    try {
      texts = read(body.toString());
    } catch (error) {
      if (!(error instanceof PayloadError)) throw error;
      exchange.text('500 Internal Server Error', `${error.message}\n`, this.#access.sessionHeaders(exchange));
      return;
    }
    // Confirmed first: what the messages bring must not overtake it.
    confirm();
    const session = this.#sessions.get(name);
    try {
      session?.receive(texts, MAX_CLIENT_MESSAGE_BYTES);
    } catch (error) {
      this.#options.log.error({ err: error }, 'a message could not be handled');
      session?.failed();
    }
  }

  /** The session of that name, unless another site's page opened it. */
  #find(exchange: Exchange, name: string): SockJsSession | undefined {
    const session = this.#sessions.get(name);
    const origin = exchange.header('origin');
    if (session === undefined || origin === '' || session.origin === origin) return session;
    if (session.origin !== '') throw new RelayError('unauthorized', 'Another page opened this session.');
    // Requests of a page to its own origin need not name it.
    session.origin = origin;
    return session;
  }
}

/** Reads what a form of a hidden iframe posted, or the payload itself. */
function formPayload(exchange: Exchange): (body: string) => readonly string[] {
  const isForm = /^application\/x-www-form-urlencoded/i.test(exchange.header('content-type'));
  return (body) => readPayload(isForm ? (new URLSearchParams(body).get('d') ?? '') : body);
}
