/** One client: what it may say in which state, and what becomes of it. Independent of the transport. */
import {
  assertNever,
  CLOSE,
  HEARTBEAT_MS,
  MAX_CLIENT_MESSAGE_BYTES,
  MAX_EXECUTIONS_PER_CONNECTION,
  MAX_SESSIONS_PER_CONNECTION,
  parseClientMessage,
  PROTOCOL_VERSION,
  type ClientMessage,
  type CloseCode,
  type ErrorCode,
  type ExecutionId,
  type OfType,
  type ParseProblem,
  type ServerMessage,
  type SessionId,
} from '../protocol/index.js';
import type { Bridges } from '../bridges/bridge.js';
import type { Log } from '../observe/log.js';
import { ClientQuestions } from './client-questions.js';
import { ClientSession, type SessionHolder } from './client-session.js';
import type { Connections, MovableConnection } from './connections.js';
import type { ClientSocket, Conversation } from './conversation.js';
import { lost, RETRY_AFTER_MS } from './done.js';
import type { Orphans } from './orphans.js';
import type { SessionTokens } from './session-token.js';
import { StatelessExecution } from './stateless-execution.js';
import { without } from './without.js';

/** What connections share. */
export interface ConnectionContext {
  readonly bridges: Bridges;
  readonly tokens: SessionTokens;
  readonly orphans: Orphans;
  readonly connections: Connections;
  /** Version of this relay, for `welcome`. */
  readonly version: string;
  readonly log: Log;
  /** True from the moment the relay is to end. */
  isDraining(): boolean;
}

/** Refused messages after which a client is taken for broken or hostile. */
const MAX_REFUSALS = 100;

/** How long a client may stay silent before its `hello`. */
const HELLO_TIMEOUT_MS = 10_000;

/** Fed by its transport: `receive…` for each message, `closed` once. */
export class ClientConnection implements Conversation, SessionHolder, MovableConnection {
  readonly #socket: ClientSocket;
  readonly #context: ConnectionContext;
  readonly #log: Log;
  #state: 'expecting-hello' | 'open' | 'closed' = 'expecting-hello';
  readonly #sessions = new Map<SessionId, ClientSession>();
  readonly #executions = new Map<ExecutionId, StatelessExecution>();
  readonly #questions = new ClientQuestions({
    send: (message) => this.send(message),
    refuse: (...refusal) => this.#refuse(...refusal),
  });
  #refusals = 0;
  readonly #helloTimer: NodeJS.Timeout;

  constructor(socket: ClientSocket, context: ConnectionContext, connectionId: string) {
    this.#socket = socket;
    this.#context = context;
    this.#log = context.log.child({ connection: connectionId });
    this.#helloTimer = setTimeout(() => {
      this.#refuse('hello-expected', 'No hello came in time.');
      this.#close(CLOSE.UNSUPPORTED, 'hello expected');
    }, HELLO_TIMEOUT_MS);
    context.connections.add(this);
  }

  /** Executions that have no `done` yet. */
  get pending(): number {
    let count = this.#executions.size;
    for (const session of this.#sessions.values()) count += session.pending;
    return count;
  }

  get bound(): number {
    return this.#executions.size;
  }

  /** One text message. */
  receive(text: string): void {
    if (this.#state === 'closed') return;
    const parsed = parseClientMessage(text);
    if (!parsed.ok) {
      this.#refuseUnparsed(parsed.problem);
      return;
    }
    const { message } = parsed;
    if (this.#state === 'expecting-hello' && message.type !== 'hello') {
      this.#refuse('hello-expected', 'The first message must be hello.');
      this.#close(CLOSE.UNSUPPORTED, 'hello expected');
      return;
    }
    this.#obey(message);
  }

  /** A message longer than `MAX_CLIENT_MESSAGE_BYTES`; `head` is its beginning. */
  receiveTooLarge(head: string): void {
    const about = /"(?:execution|request)"\s*:\s*"([A-Za-z0-9_-]{1,64})"/.exec(head)?.[1];
    this.#refuse('too-large', `A message may have ${MAX_CLIENT_MESSAGE_BYTES} bytes.`, about);
  }

  /** A binary message: there are none in this protocol. */
  receiveBinary(): void {
    this.#refuse('bad-message', 'Messages are text.');
    this.#close(CLOSE.BAD_MESSAGE, 'binary message');
  }

  /** A defect that one client found must not end the others' connections with the process. */
  failed(): void {
    this.send({ type: 'error', code: 'internal', message: 'The relay failed; this was logged.' });
  }

  /** The relay is shutting down. */
  drain(): void {
    this.#close(CLOSE.DRAINING, 'draining');
  }

  /** The socket is gone: stateless executions end, sessions wait for their client. Idempotent. */
  closed(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#helloTimer);
    this.#context.connections.delete(this);
    for (const execution of [...this.#executions.values()]) execution.kill();
    this.#executions.clear();
    for (const session of this.#sessions.values()) {
      session.detach();
      this.#context.orphans.keep(session.bridge, session.id);
    }
    this.#sessions.clear();
  }

  send(message: ServerMessage): void {
    if (this.#state === 'closed') return;
    if (message.type === 'done') {
      const { execution, session, status, wallMs } = message;
      this.#log.debug({ execution, session, status, wallMs, error: message.error?.code }, 'done');
    }
    this.#socket.send(JSON.stringify(message));
  }

  ended(session: ClientSession): void {
    if (this.#sessions.get(session.name) === session) this.#sessions.delete(session.name);
  }

  #obey(message: ClientMessage): void {
    switch (message.type) {
      case 'hello':
        this.#hello(message);
        return;
      case 'open':
        this.#open(message);
        return;
      case 'execute':
        this.#execute(message);
        return;
      case 'answer':
        this.#answer(message);
        return;
      case 'interrupt':
      case 'kill':
        this.#stop(message);
        return;
      case 'close':
        this.#withSession(message.session, undefined, (session) => session.close());
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
        this.#sessions.get(message.session)?.ack(message.seq);
        return;
      case 'ping':
        this.send({ type: 'pong', ...(message.nonce !== undefined && { nonce: message.nonce }) });
        return;
      default:
        assertNever(message);
    }
  }

  #hello({ version, client }: OfType<ClientMessage, 'hello'>): void {
    if (version !== PROTOCOL_VERSION) {
      this.#refuse('unsupported-version', `This relay speaks version ${PROTOCOL_VERSION}, not ${version}.`);
      this.#close(CLOSE.UNSUPPORTED, 'unsupported version');
      return;
    }
    clearTimeout(this.#helloTimer);
    this.#state = 'open';
    const facts = this.#context.bridges.pick()?.facts;
    this.#log.debug({ client }, 'client connected');
    this.send({
      type: 'welcome',
      version: PROTOCOL_VERSION,
      relay: this.#context.version,
      ...(facts !== undefined && { sage: facts.sage }),
      languages: facts?.languages ?? ['sage', 'python'],
      heartbeatMs: HEARTBEAT_MS,
    });
  }

  #open({ session: name, token, after }: OfType<ClientMessage, 'open'>): void {
    if (this.#sessions.has(name)) {
      this.#refuse('duplicate-id', `A session ${name} is open on this connection.`, name);
      return;
    }
    const refuse = (reason: 'refused' | 'lost', code: ErrorCode, message: string): void => {
      const mayRetry = code === 'unavailable' || code === 'draining';
      const retryAfterMs = code === 'draining' ? 0 : RETRY_AFTER_MS;
      this.send({
        type: 'closed',
        session: name,
        reason,
        message,
        code,
        ...(mayRetry && { retryAfterMs }),
      });
    };
    if (this.#sessions.size >= MAX_SESSIONS_PER_CONNECTION) {
      refuse('refused', 'too-many', `A connection may hold ${MAX_SESSIONS_PER_CONNECTION} sessions.`);
      return;
    }
    if (this.#context.isDraining()) {
      refuse('refused', 'draining', 'This relay is shutting down.');
      return;
    }
    const { bridges, tokens } = this.#context;
    let session: ClientSession;
    if (token === undefined) {
      const bridge = bridges.pick();
      if (bridge === undefined) {
        refuse('refused', 'unavailable', 'No Sage server can be reached at the moment.');
        return;
      }
      session = ClientSession.open(name, bridge, this.#context, this);
    } else {
      const past = tokens.read(token);
      const bridge = past && bridges.find(past.bridge);
      if (past === undefined) {
        refuse('refused', 'unauthorized', 'The session token is wrong or expired.');
        return;
      }
      if (bridge === undefined) {
        refuse('lost', 'session-lost', 'The Sage server that held this session is gone.');
        return;
      }
      const from = { id: past.session, after: after ?? 0 };
      session = ClientSession.attach(name, bridge, from, this.#context, this);
    }
    this.#sessions.set(name, session);
    session.begin();
  }

  #execute(message: OfType<ClientMessage, 'execute'>): void {
    const { execution, session: name } = message;
    this.#log.debug({ execution, session: name, length: message.code.length }, 'execute');
    const refusal: ErrorCode | undefined = this.#context.isDraining()
      ? 'draining'
      : this.pending >= MAX_EXECUTIONS_PER_CONNECTION
        ? 'too-many'
        : undefined;
    if (refusal !== undefined) {
      this.#sendDone(execution, name, refusal);
      return;
    }
    if (name !== undefined) {
      const session = this.#sessions.get(name);
      if (session === undefined) this.#sendDone(execution, name, 'unknown-session');
      else session.execute(message);
      return;
    }
    // The same id twice runs once.
    if (this.#executions.has(execution)) return;
    const request = without(message, 'type', 'session');
    const stateless = new StatelessExecution(this.#context.bridges, request, {
      status: (state, position) =>
        this.send({ type: 'status', execution, state, ...(position !== undefined && { position }) }),
      output: (output) => this.send({ type: 'output', execution, output }),
      done: (fields) => {
        this.#executions.delete(execution);
        this.send({ type: 'done', execution, ...fields });
      },
    });
    this.#executions.set(execution, stateless);
    stateless.start();
  }

  #answer({ execution, session: name, text }: OfType<ClientMessage, 'answer'>): void {
    // One that crosses the end of its execution has nobody to hear it, and nobody needs to know.
    if (name === undefined) this.#executions.get(execution)?.answer(text);
    else this.#withSession(name, execution, (session) => session.answer(execution, text));
  }

  #stop({ type, execution, session: name }: OfType<ClientMessage, 'interrupt' | 'kill'>): void {
    if (name === undefined) {
      const stateless = this.#executions.get(execution);
      if (stateless === undefined) this.#refuseUnknownExecution(execution);
      else stateless[type]();
      return;
    }
    this.#withSession(name, execution, (session) => {
      if (!session.stop(type, execution)) this.#refuseUnknownExecution(execution);
    });
  }

  #ask(message: OfType<ClientMessage, 'complete' | 'inspect'>): void {
    const session = message.session === undefined ? undefined : this.#sessions.get(message.session);
    this.#questions.ask(message, session, session?.bridge ?? this.#context.bridges.pick());
  }

  #askBudget(message: OfType<ClientMessage, 'budget'>): void {
    const { session, execution } = message;
    const alone = execution === undefined ? undefined : this.#executions.get(execution);
    this.#questions.askBudget(message, session === undefined ? alone : this.#sessions.get(session));
  }

  #withSession(name: SessionId, about: string | undefined, act: (session: ClientSession) => void): void {
    const session = this.#sessions.get(name);
    if (session !== undefined) act(session);
    else this.#refuse('unknown-session', `There is no session ${name} on this connection.`, about ?? name);
  }

  #refuseUnknownExecution(execution: ExecutionId): void {
    this.#refuse('unknown-execution', `No execution ${execution} is running or waiting.`, execution);
  }

  #refuseUnparsed(problem: ParseProblem): void {
    this.#refuse(problem.code, problem.message, problem.about, problem);
    // Without a type the rest of what this client says can't be trusted to be messages at all.
    if (problem.code === 'bad-message' && problem.field === undefined && problem.about === undefined) {
      this.#close(CLOSE.BAD_MESSAGE, 'not a message');
    }
  }

  #refuse(
    code: ErrorCode,
    message: string,
    about?: string,
    detail: { readonly field?: string | undefined; readonly retryAfterMs?: number | undefined } = {},
  ): void {
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
    if (this.#refusals >= MAX_REFUSALS) this.#close(CLOSE.TOO_MANY, 'too many refused messages');
  }

  #sendDone(execution: ExecutionId, session: SessionId | undefined, code: ErrorCode): void {
    this.send({ type: 'done', execution, ...(session !== undefined && { session }), ...lost(code) });
  }

  #close(code: CloseCode, reason: string): void {
    if (this.#state === 'closed') return;
    this.#socket.close(code, reason);
    this.closed();
  }
}
