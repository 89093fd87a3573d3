/** One session as one client connection sees it: the client's name for it, the bridge's id, and what has no end yet. */
import { randomUUID } from 'node:crypto';
import type {
  ClientMessage,
  CloseReason,
  ErrorCode,
  ExecutionId,
  OfType,
  ServerMessage,
  SessionId,
} from '../protocol/index.js';
import type { Bridge, SessionCommand, SessionEvent, SessionListener } from '../bridges/bridge.js';
import { endOfSession, lost, type DoneFields } from './done.js';
import type { SessionTokens } from './session-token.js';

/** How long a session waits for a link that broke, before its client is told that it is lost. */
const BACK_WITHIN_MS = 1_500;

/** Commands kept for a link that broke. */
const MAX_HELD_COMMANDS = 64;

/** Names of ended executions kept: as many as a bridge remembers. */
const MAX_REMEMBERED_EXECUTIONS = 1_024;

/** What a session needs of the connection that holds it. */
export interface SessionHolder {
  send(message: ServerMessage): void;
  /** The session is over and its name free. */
  ended(session: ClientSession): void;
}

type BridgeExecute = OfType<SessionCommand, 'execute'>;

/** Made by `open` or `attach` of a connection, ended by `closed` or left by `detach`. */
export class ClientSession implements SessionListener {
  /** The client's name for it. */
  readonly name: SessionId;
  readonly #holder: SessionHolder;
  readonly #bridge: Bridge;
  readonly #tokens: SessionTokens;
  #id: SessionId;
  #state: 'opening' | 'open' | 'down' | 'ended' = 'opening';
  /** Set for sessions that had a life before this connection: executions of that life are not in `#pending`. */
  readonly #hasPast: boolean;
  #wasOpened = false;
  #lastSeq: number;
  /** Executions without an end, in order: to be sent again after a broken link, or ended when the session is. */
  readonly #pending = new Map<ExecutionId, BridgeExecute>();
  /** Names of executions that ended, the latest of them. */
  readonly #finished = new Set<ExecutionId>();
  #held: SessionCommand[] = [];
  #backTimer: NodeJS.Timeout | undefined;

  private constructor(
    name: SessionId,
    bridge: Bridge,
    tokens: SessionTokens,
    holder: SessionHolder,
    past?: { readonly id: SessionId; readonly after: number },
  ) {
    this.name = name;
    this.#bridge = bridge;
    this.#tokens = tokens;
    this.#holder = holder;
    this.#id = past?.id ?? newId();
    this.#hasPast = past !== undefined;
    this.#lastSeq = past?.after ?? 0;
  }

  /** Opens a new session on `bridge`. */
  static open(name: SessionId, bridge: Bridge, tokens: SessionTokens, holder: SessionHolder): ClientSession {
    const session = new ClientSession(name, bridge, tokens, holder);
    bridge.listen(session.#id, session);
    return session;
  }

  /** Takes over the session `id` of `bridge`, whose messages up to `after` the client has. */
  static attach(
    name: SessionId,
    bridge: Bridge,
    past: { readonly id: SessionId; readonly after: number },
    tokens: SessionTokens,
    holder: SessionHolder,
  ): ClientSession {
    const session = new ClientSession(name, bridge, tokens, holder, past);
    bridge.listen(session.#id, session);
    return session;
  }

  get id(): SessionId {
    return this.#id;
  }

  get bridge(): Bridge {
    return this.#bridge;
  }

  /** Executions that have no `done` yet. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Says the first word to the bridge. Apart from the making, since its answer may come at once. */
  begin(): void {
    const command: SessionCommand = this.#hasPast
      ? { type: 'attach', session: this.#id, after: this.#lastSeq }
      : { type: 'open', session: this.#id };
    if (this.#bridge.facts === undefined) this.down(false);
    else if (!this.#bridge.send(command))
      this.#finish('refused', 'The Sage server has too much to do.', 'busy');
  }

  /** Runs what passed its schema; ends in one `done` whatever happens. A name that is running already is not run again. */
  execute(message: OfType<ClientMessage, 'execute'>): void {
    if (this.#pending.has(message.execution)) return;
    if (this.#finished.has(message.execution)) {
      // The bridge would not run it again, so that it would never end.
      this.#sendDone(
        message.execution,
        lost('duplicate-id', 'An execution of that name has run in this session.'),
      );
      return;
    }
    const command: BridgeExecute = { ...message, session: this.#id };
    this.#pending.set(message.execution, command);
    if (this.#state === 'down') return;
    if (!this.#bridge.send(command)) {
      this.#pending.delete(message.execution);
      this.#sendDone(message.execution, lost('busy'));
    }
  }

  /** The reader's answer to a prompt; without text there is none. */
  answer(execution: ExecutionId, text: string | undefined): void {
    this.#command({ type: 'answer', session: this.#id, execution, ...(text !== undefined && { text }) });
  }

  /** @returns false if no such execution can be running or waiting */
  stop(type: 'interrupt' | 'kill', execution: ExecutionId): boolean {
    if (!this.#pending.has(execution) && !this.#hasPast) return false;
    this.#command({ type, session: this.#id, execution });
    return true;
  }

  /** Ends the session; `closed` follows. */
  close(): void {
    if (this.#state === 'down') this.#finish('closed', 'The session was closed.');
    else this.#command({ type: 'close', session: this.#id });
  }

  ack(seq: number): void {
    this.#command({ type: 'ack', session: this.#id, seq });
  }

  /** The client went away: nothing more is told; the session lives on in its bridge. */
  detach(): void {
    this.#leave();
  }

  event(event: SessionEvent): void {
    switch (event.type) {
      case 'opened':
        this.#opened(event);
        return;
      case 'closed':
        this.#finish(event.reason, event.message, event.code, event.seq);
        return;
      case 'status':
      case 'output':
      case 'done':
        if (event.seq !== undefined) {
          // A replay may begin with what was already passed on.
          if (event.seq <= this.#lastSeq) return;
          this.#lastSeq = event.seq;
        }
        if (event.type === 'done') this.#settle(event.execution);
        this.#holder.send({ ...event, session: this.name });
        return;
    }
  }

  refused(code: ErrorCode, message: string): void {
    if (code === 'unknown-session') this.#finish('lost', 'The session is gone.', 'session-lost');
    else this.#holder.send({ type: 'error', code, message, about: this.name });
  }

  down(final: boolean): void {
    if (final) {
      this.#finish('lost', 'The Sage server that held this session is gone.', 'session-lost');
      return;
    }
    if (this.#state === 'ended') return;
    this.#state = 'down';
    this.#backTimer ??= setTimeout(() => {
      this.#finish('lost', 'The Sage server that held this session cannot be reached.', 'session-lost');
    }, BACK_WITHIN_MS);
  }

  back(): void {
    clearTimeout(this.#backTimer);
    this.#backTimer = undefined;
    const isNew = !this.#hasPast && !this.#wasOpened;
    this.#state = this.#wasOpened ? 'open' : 'opening';
    if (isNew) {
      // Whether the bridge heard the first `open` is unknown: a fresh id leaves that one to its grace period.
      this.#bridge.unlisten(this.#id, this);
      this.#id = newId();
      this.#bridge.listen(this.#id, this);
      this.#held = [];
    }
    const held = this.#held.splice(0);
    this.#bridge.send(
      isNew
        ? { type: 'open', session: this.#id }
        : { type: 'attach', session: this.#id, after: this.#lastSeq },
    );
    // The bridge runs the same id once, so that what it had heard does no harm.
    for (const execute of this.#pending.values()) this.#bridge.send({ ...execute, session: this.#id });
    for (const command of held) this.#bridge.send(command);
  }

  takenOver(): void {
    this.#finish('lost', 'Another connection has taken the session over.', 'session-lost');
  }

  #opened(event: OfType<SessionEvent, 'opened'>): void {
    const isRepeat = this.#wasOpened;
    this.#wasOpened = true;
    this.#state = 'open';
    if (isRepeat && event.missed === 0) return;
    this.#holder.send({
      type: 'opened',
      session: this.name,
      token: this.#tokens.sign({ bridge: this.#bridge.id, session: this.#id }),
      resumed: event.resumed,
      missed: event.missed,
    });
  }

  #settle(execution: ExecutionId): void {
    this.#pending.delete(execution);
    this.#finished.add(execution);
    for (const oldest of this.#finished) {
      if (this.#finished.size <= MAX_REMEMBERED_EXECUTIONS) return;
      this.#finished.delete(oldest);
    }
  }

  #command(command: SessionCommand): void {
    if (this.#state !== 'down') this.#bridge.send(command);
    else if (this.#held.length < MAX_HELD_COMMANDS) this.#held.push(command);
  }

  #finish(reason: CloseReason, message: string, code?: ErrorCode, seq?: number): void {
    if (this.#state === 'ended') return;
    this.#leave();
    for (const execution of this.#pending.keys()) {
      this.#sendDone(execution, endOfSession(reason, message, code));
    }
    this.#pending.clear();
    // The client forgets the session with this message and acknowledges no more.
    if (seq !== undefined) this.#bridge.send({ type: 'ack', session: this.#id, seq });
    this.#holder.send({
      type: 'closed',
      session: this.name,
      ...(seq !== undefined && { seq }),
      reason,
      message,
      ...(code !== undefined && { code }),
    });
    this.#holder.ended(this);
  }

  #leave(): void {
    this.#state = 'ended';
    clearTimeout(this.#backTimer);
    this.#bridge.unlisten(this.#id, this);
  }

  #sendDone(execution: ExecutionId, fields: DoneFields): void {
    this.#holder.send({ type: 'done', execution, session: this.name, ...fields });
  }
}

const newId = (): SessionId => randomUUID() as string as SessionId;
