/** One session as one client connection sees it: its messages in order, whatever becomes of the link to its bridge. */
import type {
  ClientMessage,
  CloseReason,
  ErrorCode,
  ExecutionId,
  OfType,
  ServerMessage,
  SessionId,
} from '../protocol/index.js';
import type { Bridge, Bridges, SessionEvent, SessionListener } from '../bridges/bridge.js';
import { lost, RETRY_AFTER_MS, SENTENCES, type DoneFields } from '../ends.js';
import { endOfSession } from './done.js';
import { MessageOrder } from './message-order.js';
import { PendingExecutions } from './pending-executions.js';
import { Seat, type Unaddressed } from './seat.js';
import type { SessionTokens } from './session-token.js';
import { without } from './without.js';

/** How long a session waits for a link that broke, before its client is told that it is lost. */
const BACK_WITHIN_MS = 1_500;

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

type ExecutionEvent = OfType<SessionEvent, 'status' | 'output' | 'done'>;

/** Made by `open` or `attach` of a connection, ended by `closed` or left by `detach`. */
export class ClientSession implements SessionListener {
  /** The client's name for it. */
  readonly name: SessionId;
  readonly #holder: SessionHolder;
  readonly #context: SessionContext;
  readonly #seat: Seat;
  #state: 'opening' | 'open' | 'down' | 'ended' = 'opening';
  /** Set for sessions that had a life before this connection: executions of that life are not pending here. */
  readonly #hasPast: boolean;
  #wasOpened = false;
  /** Name of the bridge that the client's token names. */
  #home: string | undefined;
  #isHeld = false;
  readonly #order: MessageOrder;
  readonly #executions = new PendingExecutions();
  /** What the bridge numbered before it had a worker: its numbers count only if this bridge opens the session. */
  #early: ExecutionEvent[] = [];
  #backTimer: NodeJS.Timeout | undefined;

  private constructor(
    name: SessionId,
    bridge: Bridge,
    context: SessionContext,
    holder: SessionHolder,
    past?: { readonly id: SessionId; readonly after: number },
  ) {
    this.name = name;
    this.#context = context;
    this.#holder = holder;
    this.#seat = new Seat(context.bridges, this, bridge, past?.id);
    this.#hasPast = past !== undefined;
    this.#order = new MessageOrder(past?.after ?? 0, this.#hasPast);
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
    return this.#seat.id;
  }

  get bridge(): Bridge {
    return this.#seat.bridge;
  }

  /** Executions that have no `done` yet. */
  get pending(): number {
    return this.#executions.size;
  }

  /** Says the first word to the bridge. Apart from the making, since its answer may come at once. */
  begin(): void {
    if (this.bridge.facts === undefined) this.down(false);
    else if (!this.#sayFirstWord() && !this.#openElsewhere()) {
      this.#finish('refused', SENTENCES.busy, 'busy');
    }
  }

  /** Runs what passed its schema; ends in one `done` whatever happens. A name that is running already is not run again. */
  execute(message: OfType<ClientMessage, 'execute'>): void {
    const { execution } = message;
    if (this.#executions.has(execution)) return;
    if (this.#executions.hasFinished(execution)) {
      // The bridge would not run it again, so that it would never end.
      this.#sendDone(execution, lost('duplicate-id', 'An execution of that name has run in this session.'));
      return;
    }
    this.#executions.add(message);
    if (this.#state === 'down' || this.#seat.send(message)) return;
    this.#executions.drop(execution);
    this.#sendDone(execution, lost('busy'));
  }

  /** The reader's answer to a prompt. */
  answer(message: OfType<ClientMessage, 'answer'>): void {
    if (this.#hasPast || this.#executions.has(message.execution)) this.#executions.answered(message);
    this.#command(message);
  }

  /** @returns false if no such execution can be running or waiting */
  stop(type: 'interrupt' | 'kill', execution: ExecutionId): boolean {
    if (!this.#executions.has(execution) && !this.#hasPast) return false;
    this.#command({ type, execution });
    return true;
  }

  /** Ends the session; `closed` follows. */
  close(): void {
    if (this.#state === 'down') this.#finish('closed', 'The session was closed.');
    else this.#command({ type: 'close' });
  }

  ack(seq: number): void {
    this.#command({ type: 'ack', seq });
  }

  /** Holds its output back in the bridge, or lets it flow again. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (this.#state !== 'down') this.#seat.send({ type: 'hold', isHeld });
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
      else this.#finish('refused', SENTENCES.unavailable, 'unavailable');
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
    const held = this.#seat.takeHeld();
    if (!this.#isNew) this.#sayFirstWord();
    else {
      // Whether the bridge heard the first `open` is unknown.
      this.#tellEarlyEnds();
      this.#seat.moveTo(this.bridge);
      this.#sayFirstWord();
    }
    // The bridge runs the same id once, so that what it had heard does no harm.
    this.#sayAll(this.#executions.executes());
    this.#sayAll(this.#executions.answers());
    this.#sayAll(held);
  }

  takenOver(): void {
    this.#finish('taken-over', 'Another connection has taken the session over.', 'session-lost');
  }

  /** True while no bridge has opened it: nothing that could be lost has happened in it. */
  get #isNew(): boolean {
    return !this.#hasPast && !this.#wasOpened;
  }

  #sayFirstWord(): boolean {
    if (this.#isNew) return this.#seat.send({ type: 'open' });
    this.#order.replays();
    return this.#seat.send({ type: 'attach', after: this.#order.last });
  }

  /** Opens the session, which nobody has opened yet, on a bridge that was not tried. @returns false if there is none */
  #openElsewhere(): boolean {
    do {
      if (!this.#seat.moveOn()) return false;
      this.#tellEarlyEnds();
    } while (!this.#sayFirstWord());
    this.#state = 'opening';
    this.#sayAll(this.#executions.executes());
    return true;
  }

  #sayAll(commands: Iterable<Unaddressed>): void {
    for (const command of commands) this.#seat.send(command);
  }

  #opened(event: OfType<SessionEvent, 'opened'>): void {
    const home = this.bridge.homeOf?.(this.id) ?? this.bridge.id;
    const isRepeat = this.#wasOpened && home === this.#home;
    this.#home = home;
    this.#wasOpened = true;
    this.#state = 'open';
    // A bridge lets what it opens flow.
    if (this.#isHeld) this.hold(true);
    this.#order.begins(event.missed);
    if (!isRepeat || event.missed > 0) {
      this.#holder.send({
        type: 'opened',
        session: this.name,
        token: this.#context.tokens.sign({ bridge: home, session: this.id }),
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
      const place = this.#order.take(event.seq);
      if (place === 'missing' && !this.#askAgain()) {
        this.#finish('lost', 'Messages of the session were lost.', 'internal');
      }
      if (place !== 'next') return;
    }
    if (event.type === 'done') this.#executions.settle(event.execution);
    this.#holder.send({ ...event, session: this.name });
  }

  /** Lets the bridge replay what came after the last message passed on. @returns false if it did that in vain */
  #askAgain(): boolean {
    return !this.#isNew && this.#order.mayAskAgain() && this.#sayFirstWord();
  }

  /** What ended before the session began has ended, wherever the session will begin. */
  #tellEarlyEnds(): void {
    for (const event of this.#early.splice(0)) {
      if (event.type !== 'done') continue;
      this.#executions.settle(event.execution);
      this.#holder.send({ ...without(event, 'seq'), session: this.name });
    }
  }

  #command(command: Unaddressed): void {
    if (this.#state === 'down') this.#seat.hold(command);
    else this.#seat.send(command);
  }

  #finish(reason: CloseReason, message: string, code?: ErrorCode, seq?: number): void {
    if (this.#state === 'ended') return;
    this.#leave();
    this.#tellEarlyEnds();
    for (const execution of this.#executions.takeAll()) {
      this.#sendDone(execution, endOfSession(reason, message, code));
    }
    // The client forgets the session with this message and acknowledges no more.
    if (seq !== undefined) this.#seat.send({ type: 'ack', seq });
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
    this.#seat.leave();
  }

  #sendDone(execution: ExecutionId, fields: DoneFields): void {
    this.#holder.send({ type: 'done', execution, session: this.name, ...fields });
  }
}
