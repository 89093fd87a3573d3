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
import type { Visit } from '../admission/visit.js';
import { RelayError, type ErrorDetail } from '../errors.js';
import type { Log } from '../observe/log.js';
import type { Metrics, Transport } from '../observe/metrics.js';
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
  readonly metrics: Metrics;
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

/** Most that a client may say before its key is checked, UTF-16 code units. */
const MAX_EARLY_LENGTH = 4 * MAX_CLIENT_MESSAGE_BYTES;

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
  readonly sessions: Map<SessionId, ClientSession>;
  /** Gives back what a session holds of the client's share. */
  readonly releases: Map<ClientSession, () => void>;
  readonly executions: Map<ExecutionId, StatelessExecution>;
  /** When each execution was asked for, by session and name. */
  readonly askedAt: Map<string, number>;
  readonly questions: ClientQuestions;
}

/** Fed by its transport: `receive…` for each message, `closed` once. */
export class ClientConnection implements Conversation, SessionHolder, MovableConnection {
  readonly #socket: ClientSocket;
  readonly #context: ConnectionContext;
  readonly #id: string;
  #ownLog: Log | undefined;
  readonly #visit: Visit;
  #state: 'expecting-hello' | 'checking-key' | 'open' | 'closed' = 'expecting-hello';
  /** What came while the key was checked. */
  #early: string[] = [];
  #earlyLength = 0;
  readonly #since = performance.now();
  #hadResult = false;
  /** Made by the first that is asked for: of ten thousand connections most do nothing. */
  #work: Work | undefined;
  #isHeld = false;
  #refusals = 0;
  #helloTimer: NodeJS.Timeout | undefined;

  /** @param visit who this is; the caller ends it when the socket is gone */
  constructor(socket: ClientSocket, context: ConnectionContext, connectionId: string, visit: Visit) {
    this.#socket = socket;
    this.#context = context;
    this.#visit = visit;
    this.#id = connectionId;
    this.#helloTimer = setTimeout(() => {
      this.#refuse('hello-expected', 'No hello came in time.');
      this.#close(CLOSE.UNSUPPORTED, 'hello expected');
    }, HELLO_TIMEOUT_MS);
    context.connections.add(this);
  }

  /** Executions that have no `done` yet. */
  get pending(): number {
    if (this.#work === undefined) return 0;
    let count = this.#executions.size;
    for (const session of this.#sessions.values()) count += session.pending;
    return count;
  }

  get sessions(): number {
    return this.#work?.sessions.size ?? 0;
  }

  get transport(): Transport {
    return this.#socket.transport;
  }

  get bound(): number {
    return this.#work?.executions.size ?? 0;
  }

  /** One text message. */
  receive(text: string): void {
    if (this.#state === 'closed') return;
    this.#visit.carried(text.length);
    this.#context.metrics.received(text.length);
    if (this.#state === 'checking-key') {
      this.#early.push(text);
      this.#earlyLength += text.length;
      if (this.#earlyLength > MAX_EARLY_LENGTH) this.#close(CLOSE.TOO_MANY, 'too much before the welcome');
    } else this.#read(text);
  }

  #read(text: string): void {
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

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    for (const session of this.#work?.sessions.values() ?? []) session.hold(isHeld);
    for (const execution of this.#work?.executions.values() ?? []) execution.hold(isHeld);
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
    this.#early = [];
    if (this.#work === undefined) return;
    for (const execution of [...this.#executions.values()]) execution.kill();
    this.#executions.clear();
    for (const session of this.#sessions.values()) {
      session.detach();
      this.#context.orphans.keep(session.bridge, session.id, this.#releases.get(session));
    }
    this.#sessions.clear();
    this.#releases.clear();
  }

  send(message: ServerMessage): void {
    if (this.#state === 'closed') return;
    if (message.type === 'done') this.#tellEnd(message);
    const text = JSON.stringify(message);
    this.#visit.carried(text.length);
    this.#context.metrics.sent(text.length);
    this.#socket.send(text, URGENT.has(message.type) && !('seq' in message));
  }

  ended(session: ClientSession): void {
    this.#releases.get(session)?.();
    this.#releases.delete(session);
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

  /** Counts and logs the end of an execution. */
  #tellEnd({ execution, session, status, wallMs, error }: OfType<ServerMessage, 'done'>): void {
    this.#log.debug({ execution, session, status, wallMs, error: error?.code }, 'done');
    const now = performance.now();
    const name = nameOf(execution, session);
    const askedAt = this.#askedAt.get(name);
    // Of one that was asked for on an earlier connection nothing is known here.
    if (askedAt === undefined) return;
    this.#askedAt.delete(name);
    this.#visit.executed();
    const { metrics } = this.#context;
    metrics.executed(session === undefined ? 'stateless' : 'session', status, (now - askedAt) / 1_000);
    if (!this.#hadResult) metrics.firstResult((now - this.#since) / 1_000);
    this.#hadResult = true;
  }

  #hello({ version, client, key }: OfType<ClientMessage, 'hello'>): void {
    if (this.#state === 'open') {
      this.#refuse('bad-message', 'There is one hello.');
      return;
    }
    if (version !== PROTOCOL_VERSION) {
      this.#refuse('unsupported-version', `This relay speaks version ${PROTOCOL_VERSION}, not ${version}.`);
      this.#close(CLOSE.UNSUPPORTED, 'unsupported version');
      return;
    }
    const refuse = (error: unknown): void => {
      if (!(error instanceof RelayError)) {
        this.#log.error({ err: error }, 'a key could not be checked');
        this.failed();
        this.#close(CLOSE.TOO_MANY, 'internal');
        return;
      }
      this.#refuse(error.code, error.message, undefined, error.detail);
      const isKnown = error.code !== 'unauthorized';
      this.#close(isKnown ? CLOSE.TOO_MANY : CLOSE.UNAUTHORIZED, isKnown ? 'too many' : 'unauthorized');
    };
    try {
      const identified = this.#visit.identify(key);
      if (identified === undefined) {
        this.#welcome(client);
        return;
      }
      this.#state = 'checking-key';
      identified
        .then(() => {
          this.#welcome(client);
          for (const text of this.#early.splice(0)) if (this.#state === 'open') this.#read(text);
        })
        .catch(refuse);
    } catch (error) {
      refuse(error);
    }
  }

  #welcome(client: string | undefined): void {
    if (this.#state === 'closed') return;
    clearTimeout(this.#helloTimer);
    this.#helloTimer = undefined;
    this.#state = 'open';
    const facts = this.#context.bridges.pick()?.facts;
    this.#context.log.debug({ connection: this.#id, client }, 'client connected');
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
    const refuse = (
      reason: 'refused' | 'lost',
      code: ErrorCode,
      message: string,
      retryAfterMs = code === 'draining' ? 0 : RETRY_AFTER_MS,
    ): void => {
      const mayRetry = code === 'unavailable' || code === 'draining' || code === 'busy';
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
    let release: () => void;
    if (token === undefined) {
      const bridge = bridges.pick();
      if (bridge === undefined) {
        refuse('refused', 'unavailable', 'No Sage server can be reached at the moment.');
        return;
      }
      try {
        release = this.#visit.holdSession(true);
      } catch (error) {
        if (!(error instanceof RelayError)) throw error;
        refuse('refused', error.code, error.message, error.detail.retryAfterMs);
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
      release = this.#visit.holdSession(false);
      const from = { id: past.session, after: after ?? 0 };
      session = ClientSession.attach(name, bridge, from, this.#context, this);
    }
    this.#sessions.set(name, session);
    this.#releases.set(session, release);
    session.begin();
    if (this.#isHeld) session.hold(true);
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
      else if (this.#mayExecute(execution, name)) session.execute(message);
      return;
    }
    // The same id twice runs once.
    if (this.#executions.has(execution) || !this.#mayExecute(execution, name)) return;
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
    if (this.#isHeld) stateless.hold(true);
  }

  /** Takes one execution of the client's share, unless it has it already; what is refused is ended. */
  #mayExecute(execution: ExecutionId, session: SessionId | undefined): boolean {
    const name = nameOf(execution, session);
    if (this.#askedAt.has(name)) return true;
    try {
      this.#visit.execute();
    } catch (error) {
      if (!(error instanceof RelayError)) throw error;
      this.#sendDone(execution, session, error.code, error);
      return false;
    }
    this.#askedAt.set(name, performance.now());
    return true;
  }

  #answer(message: OfType<ClientMessage, 'answer'>): void {
    const { execution, session: name, text } = message;
    // One that crosses the end of its execution has nobody to hear it, and nobody needs to know.
    if (name === undefined) this.#executions.get(execution)?.answer(text);
    else this.#withSession(name, execution, (session) => session.answer(message));
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

  get #begun(): Work {
    return (this.#work ??= {
      sessions: new Map(),
      releases: new Map(),
      executions: new Map(),
      askedAt: new Map(),
      questions: new ClientQuestions({
        send: (message) => this.send(message),
        refuse: (...refusal) => this.#refuse(...refusal),
      }),
    });
  }

  get #sessions(): Work['sessions'] {
    return this.#begun.sessions;
  }

  get #releases(): Work['releases'] {
    return this.#begun.releases;
  }

  get #executions(): Work['executions'] {
    return this.#begun.executions;
  }

  get #askedAt(): Work['askedAt'] {
    return this.#begun.askedAt;
  }

  get #questions(): ClientQuestions {
    return this.#begun.questions;
  }

  get #log(): Log {
    return (this.#ownLog ??= this.#context.log.child({ connection: this.#id }));
  }

  #sendDone(
    execution: ExecutionId,
    session: SessionId | undefined,
    code: ErrorCode,
    reason?: { readonly message: string; readonly detail: ErrorDetail },
  ): void {
    const { error, ...fields } = lost(code, reason?.message);
    const retryAfterMs = reason?.detail.retryAfterMs ?? error?.retryAfterMs;
    this.send({
      type: 'done',
      execution,
      ...(session !== undefined && { session }),
      ...fields,
      error: { code, ...(retryAfterMs !== undefined && { retryAfterMs }) },
    });
  }

  #close(code: CloseCode, reason: string): void {
    if (this.#state === 'closed') return;
    this.#socket.close(code, reason);
    this.closed();
  }
}

const nameOf = (execution: ExecutionId, session: SessionId | undefined): string =>
  `${session ?? ''} ${execution}`;
