/** One client: what it may say in which state, and what becomes of it. Independent of the transport. */
import {
  assertNever,
  CLOSE,
  HEARTBEAT_MS,
  MAX_CLIENT_MESSAGE_BYTES,
  parseClientMessage,
  PROTOCOL_VERSION,
  type ClientMessage,
  type CloseCode,
  type ErrorCode,
  type OfType,
  type ParseProblem,
  type ServerMessage,
} from '../protocol/index.js';
import type { Visit } from '../admission/visit.js';
import type { Log } from '../observe/log.js';
import type { Transport } from '../observe/metrics.js';
import { ClientExecutions } from './client-executions.js';
import { ClientQuestions } from './client-questions.js';
import { ClientSessions } from './client-sessions.js';
import type { Client, ConnectionContext, RefusalDetail } from './connection-context.js';
import type { MovableConnection } from './connections.js';
import type { ClientSocket, Conversation } from './conversation.js';
import { Handshake, type Greeter } from './handshake.js';

/** Refused messages after which a client is taken for broken or hostile. */
const MAX_REFUSALS = 100;

/** Messages that go before output that waits. Those of sessions are numbered and keep their order. */
const URGENT: ReadonlySet<ServerMessage['type']> = new Set([
  'welcome',
  'pong',
  'error',
  'status',
  'completions',
  'inspection',
  'remaining',
]);

/** What a connection that does something needs. */
interface Work {
  readonly sessions: ClientSessions;
  readonly executions: ClientExecutions;
  readonly questions: ClientQuestions;
}

/** Fed by its transport: `receive…` for each message, `closed` once. */
export class ClientConnection implements Conversation, MovableConnection, Client, Greeter {
  readonly context: ConnectionContext;
  readonly visit: Visit;
  readonly since = performance.now();
  readonly #socket: ClientSocket;
  readonly #id: string;
  #ownLog: Log | undefined;
  #isClosed = false;
  #isHeld = false;
  #refusals = 0;
  /** Until the client is known. */
  #handshake: Handshake | undefined;
  /** Made by the first that is asked for: of ten thousand connections most do nothing. */
  #work: Work | undefined;

  /** @param visit who this is; the caller ends it when the socket is gone */
  constructor(socket: ClientSocket, context: ConnectionContext, connectionId: string, visit: Visit) {
    this.#socket = socket;
    this.context = context;
    this.visit = visit;
    this.#id = connectionId;
    this.#handshake = new Handshake(this);
    context.connections.add(this);
  }

  /** Executions that have no `done` yet. */
  get pending(): number {
    return this.#work === undefined ? 0 : this.#work.executions.bound + this.#work.sessions.pending;
  }

  get sessions(): number {
    return this.#work?.sessions.size ?? 0;
  }

  get transport(): Transport {
    return this.#socket.transport;
  }

  get bound(): number {
    return this.#work?.executions.bound ?? 0;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  get log(): Log {
    return (this.#ownLog ??= this.context.log.child({ connection: this.#id }));
  }

  /** One text message. */
  receive(text: string): void {
    if (this.#isClosed) return;
    this.visit.carried(text.length);
    this.context.metrics.received(text.length);
    if (this.#handshake?.defer(text) !== true) this.#read(text);
  }

  /** A message longer than `MAX_CLIENT_MESSAGE_BYTES`; `head` is its beginning. */
  receiveTooLarge(head: string): void {
    const about = /"(?:execution|request)"\s*:\s*"([A-Za-z0-9_-]{1,64})"/.exec(head)?.[1];
    this.refuse('too-large', `A message may have ${MAX_CLIENT_MESSAGE_BYTES} bytes.`, about);
  }

  /** A binary message: there are none in this protocol. */
  receiveBinary(): void {
    this.refuse('bad-message', 'Messages are text.');
    this.close(CLOSE.BAD_MESSAGE, 'binary message');
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#work?.sessions.hold(isHeld);
    this.#work?.executions.hold(isHeld);
  }

  /** A defect that one client found must not end the others' connections with the process. */
  failed(): void {
    this.send({ type: 'error', code: 'internal', message: 'The relay failed; this was logged.' });
  }

  /** The relay is shutting down. */
  drain(): void {
    this.close(CLOSE.DRAINING, 'draining');
  }

  /** Says what is yet to be said, then ends. Idempotent. */
  close(code: CloseCode, reason: string): void {
    if (this.#isClosed) return;
    this.#socket.close(code, reason);
    this.closed();
  }

  /** The socket is gone: stateless executions end, sessions wait for their client. Idempotent. */
  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#handshake?.cancel();
    this.context.connections.delete(this);
    this.#work?.executions.leave();
    this.#work?.sessions.leave();
  }

  send(message: ServerMessage): void {
    if (this.#isClosed) return;
    if (message.type === 'done') this.#begun.executions.ended(message);
    const text = JSON.stringify(message);
    this.visit.carried(text.length);
    this.context.metrics.sent(text.length);
    this.#socket.send(text, URGENT.has(message.type) && !('seq' in message));
  }

  refuse(code: ErrorCode, message: string, about?: string, detail: RefusalDetail = {}): void {
    const { field, retryAfterMs } = detail;
    this.send({
      type: 'error',
      code,
      message,
      ...(about !== undefined && { about }),
      ...(field !== undefined && { field }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
    this.#refusals += 1;
    if (this.#refusals >= MAX_REFUSALS) this.close(CLOSE.TOO_MANY, 'too many refused messages');
  }

  welcome(client: string | undefined, early: readonly string[]): void {
    this.#handshake = undefined;
    const facts = this.context.bridges.pick()?.facts;
    this.context.log.debug({ connection: this.#id, client }, 'client connected');
    this.send({
      type: 'welcome',
      version: PROTOCOL_VERSION,
      relay: this.context.version,
      ...(facts !== undefined && { sage: facts.sage }),
      languages: facts?.languages ?? ['sage', 'python'],
      heartbeatMs: HEARTBEAT_MS,
    });
    for (const text of early) if (!this.#isClosed) this.#read(text);
  }

  #read(text: string): void {
    const parsed = parseClientMessage(text);
    if (!parsed.ok) this.#refuseUnparsed(parsed.problem);
    else if (this.#handshake === undefined) this.#obey(parsed.message);
    else if (parsed.message.type === 'hello') this.#handshake.hello(parsed.message);
    else this.#handshake.expectHello();
  }

  #obey(message: ClientMessage): void {
    switch (message.type) {
      case 'hello':
        this.refuse('bad-message', 'There is one hello.');
        return;
      case 'open':
        this.#begun.sessions.open(message);
        return;
      case 'execute':
        this.#begun.executions.execute(message);
        return;
      case 'answer':
        this.#begun.executions.answer(message);
        return;
      case 'interrupt':
      case 'kill':
        this.#begun.executions.stop(message);
        return;
      case 'close':
        this.#begun.sessions.with(message.session, undefined, (session) => {
          session.close();
        });
        return;
      case 'complete':
      case 'inspect':
        this.#ask(message);
        return;
      case 'budget':
        this.#askBudget(message);
        return;
      case 'ack':
        // It may cross the `closed` of its session: no answer then.
        this.#work?.sessions.get(message.session)?.ack(message.seq);
        return;
      case 'ping':
        this.send({ type: 'pong', ...(message.nonce !== undefined && { nonce: message.nonce }) });
        return;
      default:
        assertNever(message);
    }
  }

  #ask(message: OfType<ClientMessage, 'complete' | 'inspect'>): void {
    const { sessions, questions } = this.#begun;
    const session = message.session === undefined ? undefined : sessions.get(message.session);
    questions.ask(message, session, session?.bridge ?? this.context.bridges.pick());
  }

  #askBudget(message: OfType<ClientMessage, 'budget'>): void {
    const { session, execution } = message;
    const { sessions, executions, questions } = this.#begun;
    const alone = execution === undefined ? undefined : executions.get(execution);
    questions.askBudget(message, session === undefined ? alone : sessions.get(session));
  }

  #refuseUnparsed(problem: ParseProblem): void {
    this.refuse(problem.code, problem.message, problem.about, problem);
    // Without a type the rest of what this client says can't be trusted to be messages at all.
    if (problem.code === 'bad-message' && problem.field === undefined && problem.about === undefined) {
      this.close(CLOSE.BAD_MESSAGE, 'not a message');
    }
  }

  get #begun(): Work {
    if (this.#work === undefined) {
      const sessions = new ClientSessions(this);
      const executions = new ClientExecutions(this, sessions);
      this.#work = { sessions, executions, questions: new ClientQuestions(this) };
    }
    return this.#work;
  }
}
