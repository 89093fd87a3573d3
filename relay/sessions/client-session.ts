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
import type { Bridge, Bridges, SessionCommand, SessionEvent, SessionListener } from '../bridges/bridge.js';
import { endOfSession, lost, RETRY_AFTER_MS, type DoneFields } from './done.js';
import type { SessionTokens } from './session-token.js';
import { without } from './without.js';

/** How long a session waits for a link that broke, before its client is told that it is lost. */
const BACK_WITHIN_MS = 1_500;

/** Commands kept for a link that broke. */
const MAX_HELD_COMMANDS = 64;

/** Names of ended executions kept: as many as a bridge remembers. */
const MAX_REMEMBERED_EXECUTIONS = 1_024;

/** What sessions share. */
export interface SessionContext {
  readonly bridges: Bridges;
  readonly tokens: SessionTokens;
}

/** What a session needs of the connection that holds it. */
export interface SessionHolder {
  send(message: ServerMessage): void;
  /** The session is over and its name free. */
  ended(session: ClientSession): void;
}

type BridgeExecute = OfType<SessionCommand, 'execute'>;
type ExecutionEvent = OfType<SessionEvent, 'status' | 'output' | 'done'>;

/** Made by `open` or `attach` of a connection, ended by `closed` or left by `detach`. */
export class ClientSession implements SessionListener {
  /** The client's name for it. */
  readonly name: SessionId;
  readonly #holder: SessionHolder;
  readonly #context: SessionContext;
  #bridge: Bridge;
  #id: SessionId;
  #state: 'opening' | 'open' | 'down' | 'ended' = 'opening';
  /** Set for sessions that had a life before this connection: executions of that life are not in `#pending`. */
  readonly #hasPast: boolean;
  #wasOpened = false;
  /** Name of the bridge that the client's token names. */
  #home: string | undefined;
  #isHeld = false;
  #lastSeq: number;
  /** The bridge was asked to replay: what it sent before that is on its way still and will come again in order. */
  #isReplayDue: boolean;
  /** Number after which messages were asked for again because one was missing; asked twice, it never will come. */
  #askedAgainAt = -1;
  /** Executions without an end, in order: to be sent again after a broken link, or ended when the session is. */
  readonly #pending = new Map<ExecutionId, BridgeExecute>();
  /** The latest answer to each of them: to be repeated after a broken link, since it may have been lost on that. */
  readonly #answers = new Map<ExecutionId, OfType<SessionCommand, 'answer'>>();
  /** Names of executions that ended, the latest of them. */
  readonly #finished = new Set<ExecutionId>();
  /** What the bridge numbered before it had a worker: its numbers count only if this bridge opens the session. */
  #early: ExecutionEvent[] = [];
  /** Bridges that could not open it. */
  readonly #tried = new Set<Bridge>();
  #held: SessionCommand[] = [];
  #backTimer: NodeJS.Timeout | undefined;

  private constructor(
    name: SessionId,
    bridge: Bridge,
    context: SessionContext,
    holder: SessionHolder,
    past?: { readonly id: SessionId; readonly after: number },
  ) {
    this.name = name;
    this.#bridge = bridge;
    this.#context = context;
    this.#holder = holder;
    this.#id = past?.id ?? newId();
    this.#hasPast = past !== undefined;
    this.#isReplayDue = this.#hasPast;
    this.#lastSeq = past?.after ?? 0;
    bridge.listen(this.#id, this);
  }

  /** Opens a new session on `bridge`, or on another one if that has no room. */
  static open(
    name: SessionId,
    bridge: Bridge,
    context: SessionContext,
    holder: SessionHolder,
  ): ClientSession {
    return new ClientSession(name, bridge, context, holder);
  }

  /** Takes over the session `id` of `bridge`, whose messages up to `after` the client has. */
  static attach(
    name: SessionId,
    bridge: Bridge,
    past: { readonly id: SessionId; readonly after: number },
    context: SessionContext,
    holder: SessionHolder,
  ): ClientSession {
    return new ClientSession(name, bridge, context, holder, past);
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
    if (this.#bridge.facts === undefined) this.down(false);
    else if (!this.#sayFirstWord() && !this.#openElsewhere()) {
      this.#finish('refused', 'The Sage server has too much to do.', 'busy');
    }
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

  /** The reader's answer to a prompt. */
  answer(message: OfType<ClientMessage, 'answer'>): void {
    const command = { ...message, session: this.#id };
    // One that does not say what it answers must not be said twice.
    const mayRepeat = message.prompt !== undefined && this.#answers.size < MAX_HELD_COMMANDS;
    if (mayRepeat && (this.#hasPast || this.#pending.has(message.execution)))
      this.#answers.set(message.execution, command);
    this.#command(command);
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

  /** Holds its output back in the bridge, or lets it flow again. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (this.#state !== 'down') this.#bridge.send({ type: 'hold', session: this.#id, isHeld });
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
        this.#closed(event);
        return;
      case 'status':
      case 'output':
      case 'done':
        this.#ofExecution(event);
        return;
    }
  }

  refused(code: ErrorCode, message: string): void {
    if (code === 'unknown-session') this.#finish('lost', 'The session is gone.', 'session-lost');
    else if (code !== 'internal') this.#holder.send({ type: 'error', code, message, about: this.name });
    // A message that could not be read is told anew; that helps when it was hurt on its way.
    else if (!this.#askAgain()) this.#finish('lost', message, 'internal');
  }

  down(final: boolean): void {
    if (this.#state === 'ended') return;
    if (this.#isNew && this.#openElsewhere()) return;
    const end = (): void => {
      if (!this.#isNew)
        this.#finish('lost', 'The Sage server that held this session is gone.', 'session-lost');
      else this.#finish('refused', 'No Sage server can be reached at the moment.', 'unavailable');
    };
    if (final) {
      end();
      return;
    }
    this.#state = 'down';
    this.#backTimer ??= setTimeout(end, BACK_WITHIN_MS);
  }

  back(): void {
    clearTimeout(this.#backTimer);
    this.#backTimer = undefined;
    this.#state = this.#wasOpened ? 'open' : 'opening';
    const held = this.#held.splice(0);
    if (!this.#isNew) this.#sayFirstWord();
    // Whether the bridge heard the first `open` is unknown: a fresh id leaves that one to its grace period.
    else this.#beginOn(this.#bridge);
    // The bridge runs the same id once, so that what it had heard does no harm.
    this.#repeatPending();
    for (const answer of this.#answers.values()) this.#bridge.send({ ...answer, session: this.#id });
    for (const command of held) this.#bridge.send({ ...command, session: this.#id });
  }

  takenOver(): void {
    this.#finish('taken-over', 'Another connection has taken the session over.', 'session-lost');
  }

  /** True while no bridge has opened it: nothing that could be lost has happened in it. */
  get #isNew(): boolean {
    return !this.#hasPast && !this.#wasOpened;
  }

  #sayFirstWord(): boolean {
    const session = this.#id;
    if (this.#isNew) return this.#bridge.send({ type: 'open', session });
    this.#isReplayDue = true;
    return this.#bridge.send({ type: 'attach', session, after: this.#lastSeq });
  }

  /** Opens the session, which nobody has opened yet, on a bridge that was not tried. @returns false if there is none */
  #openElsewhere(): boolean {
    this.#tried.add(this.#bridge);
    const next = this.#context.bridges.pick(this.#tried);
    if (next === undefined) return false;
    if (!this.#beginOn(next)) return this.#openElsewhere();
    this.#state = 'opening';
    this.#repeatPending();
    return true;
  }

  #beginOn(bridge: Bridge): boolean {
    this.#tellEarlyEnds();
    this.#bridge.unlisten(this.#id, this);
    this.#bridge = bridge;
    this.#id = newId();
    bridge.listen(this.#id, this);
    return this.#sayFirstWord();
  }

  #repeatPending(): void {
    for (const execute of this.#pending.values()) this.#bridge.send({ ...execute, session: this.#id });
  }

  #opened(event: OfType<SessionEvent, 'opened'>): void {
    const home = this.#bridge.homeOf?.(this.#id) ?? this.#bridge.id;
    const isRepeat = this.#wasOpened && home === this.#home;
    this.#home = home;
    this.#wasOpened = true;
    this.#isReplayDue = false;
    this.#state = 'open';
    // A bridge lets what it opens flow.
    if (this.#isHeld) this.hold(true);
    if (!isRepeat || event.missed > 0) {
      this.#lastSeq += event.missed;
      this.#holder.send({
        type: 'opened',
        session: this.name,
        token: this.#context.tokens.sign({ bridge: home, session: this.#id }),
        resumed: event.resumed,
        missed: event.missed,
      });
    }
    for (const early of this.#early.splice(0)) this.#ofExecution(early);
  }

  #closed({ reason, message, code, seq }: OfType<SessionEvent, 'closed'>): void {
    // Our own attaching is not answered yet: this is about one before it.
    if (reason === 'taken-over' && this.#state === 'opening') return;
    if (reason === 'refused' && this.#isNew && this.#openElsewhere()) return;
    this.#finish(reason, message, code, seq);
  }

  #ofExecution(event: ExecutionEvent): void {
    if (event.seq !== undefined) {
      if (this.#isNew) {
        this.#early.push(event);
        if (event.type === 'status') this.#holder.send({ ...without(event, 'seq'), session: this.name });
        return;
      }
      if (this.#isReplayDue || event.seq <= this.#lastSeq) return;
      if (event.seq > this.#lastSeq + 1) {
        if (!this.#askAgain()) this.#finish('lost', 'Messages of the session were lost.', 'internal');
        return;
      }
      this.#lastSeq = event.seq;
    }
    if (event.type === 'done') this.#settle(event.execution);
    this.#holder.send({ ...event, session: this.name });
  }

  /** Lets the bridge replay what came after the last message passed on. @returns false if it did that in vain */
  #askAgain(): boolean {
    if (this.#isNew || this.#askedAgainAt === this.#lastSeq) return false;
    this.#askedAgainAt = this.#lastSeq;
    return this.#sayFirstWord();
  }

  /** What ended before the session began has ended, wherever the session will begin. */
  #tellEarlyEnds(): void {
    for (const event of this.#early.splice(0)) {
      if (event.type !== 'done') continue;
      this.#settle(event.execution);
      this.#holder.send({ ...without(event, 'seq'), session: this.name });
    }
  }

  #settle(execution: ExecutionId): void {
    this.#pending.delete(execution);
    this.#answers.delete(execution);
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
    this.#tellEarlyEnds();
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
      ...(reason === 'refused' && { retryAfterMs: RETRY_AFTER_MS }),
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
