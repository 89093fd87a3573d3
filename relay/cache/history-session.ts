/** A session that needs no Sage as long as what it is asked was asked before, in the same order. */
import type {
  Bridge,
  BridgeAnswer,
  BridgeFacts,
  BridgeQuestion,
  Bridges,
  SessionCommand,
  SessionEvent,
  SessionListener,
} from '../bridges/bridge.js';
import { lost, SENTENCES, stopped } from '../ends.js';
import type { CloseReason, ErrorCode, ExecutionId, OfType, SessionId } from '../protocol/index.js';
import { Claim, type Claims } from './claims.js';
import type { ExecuteCommand } from './flight.js';
import { Ledger } from './ledger.js';
import { RealSession } from './real-session.js';
import type { ResultCache } from './result-cache.js';
import { Revival } from './revival.js';
import type { Route } from './route.js';
import type { Run } from './running.js';
import type { SessionRecord } from './session-record.js';
import { VirtualSession } from './virtual-session.js';

/** Questions kept until the session is real. */
const MAX_QUESTIONS = 16;

/** What a session needs. */
export interface HistorySessionOptions {
  readonly session: SessionId;
  readonly cache: ResultCache;
  /** Where it becomes real, unless that is full or gone. */
  readonly bridge: Bridge;
  readonly bridges: Bridges;
  /** What it knows of its Sage when that is not there. */
  readonly facts: BridgeFacts | undefined;
  readonly claims: Claims;
  /** Called when the session is over. */
  readonly over: () => void;
}

/**
 * `virtual` answers from the cache; what is not there makes it real: `reviving` looks for a bridge that runs the history,
 * `real` passes everything on and keeps what is pure. Messages are numbered by this session while it is virtual, by the
 * bridge from there on. Once a run was not pure nothing more is kept. A bridge that goes away makes a pure session virtual
 * again.
 */
export class HistorySession implements Route {
  readonly #options: HistorySessionOptions;
  readonly #ledger: Ledger;
  readonly #virtual: VirtualSession;
  readonly #claim: Claim;
  #bridge: Bridge;
  #facts: BridgeFacts | undefined;
  #listener: SessionListener | undefined;
  #revival: Revival | undefined;
  #real: RealSession | undefined;
  #isHeld = false;
  #hasEnded = false;
  /** Executions begun anew after their bridge died: once. */
  readonly #rerun = new Set<ExecutionId>();
  #questions: { question: BridgeQuestion; answer: (answer: BridgeAnswer) => void }[] = [];

  constructor(options: HistorySessionOptions) {
    const { session, cache, bridge, facts, claims } = options;
    this.#options = options;
    this.#bridge = bridge;
    this.#facts = facts;
    this.#claim = new Claim(claims);
    this.#ledger = new Ledger(session, cache, (event) => this.#listener?.event(event));
    this.#virtual = new VirtualSession({
      ledger: this.#ledger,
      cache,
      claims,
      claim: this.#claim,
      facts: () => (this.#facts = this.#bridge.facts ?? this.#facts),
      onMiss: () => this.#becomeReal(),
    });
  }

  get home(): string {
    return this.#bridge.id;
  }

  /** True if the reader has had more than this knows of: the session went on elsewhere. */
  isBehind(after: number): boolean {
    return this.#real === undefined && after > this.#ledger.journal.seq;
  }

  /** Goes on where a session that was never real left off, on this relay or another. */
  resume(record: SessionRecord, after: number, held: readonly SessionCommand[]): void {
    void this.#ledger.restore(record).then(() => {
      if (this.#hasEnded) return;
      this.#ledger.reopen(after);
      for (const command of held) this.send(command);
    });
  }

  heardBy(listener: SessionListener | undefined): void {
    this.#listener = listener;
    // Nobody waits for a reader who has left.
    if (listener === undefined) this.#claim.end('gone');
  }

  send(command: SessionCommand): boolean {
    if (command.type === 'hold') this.#isHeld = command.isHeld;
    if (command.type === 'execute' && this.#ledger.hasEnded(command.execution)) return true;
    if (this.#real !== undefined) {
      const isSent = this.#real.send(command);
      // Who comes back while the bridge is away finds what is known without it.
      if (isSent || command.type !== 'attach' || !this.#real.giveUp()) return isSent;
    }
    switch (command.type) {
      case 'open':
        this.#ledger.emit({ type: 'opened', session: command.session, resumed: false, missed: 0 });
        break;
      case 'attach':
        this.#ledger.reopen(command.after);
        break;
      case 'execute':
        this.#virtual.execute(command);
        break;
      case 'ack':
        this.#ledger.release(command.seq);
        break;
      case 'interrupt':
        this.#virtual.interrupt(command.execution);
        break;
      case 'kill':
      case 'close':
        this.#finish(command.type === 'kill' ? 'killed' : 'closed', 'The session was closed.');
        break;
      case 'answer':
      case 'hold':
        break;
    }
    return true;
  }

  /** Whoever asks is about to write something new: the session becomes real. */
  ask(question: BridgeQuestion, answer: (answer: BridgeAnswer) => void): boolean {
    if (this.#real !== undefined) return this.#bridge.ask(question, answer);
    if (this.#questions.length >= MAX_QUESTIONS) return false;
    if (question.type === 'budget') {
      const message = 'The session has needed no Sage so far: nothing of its limits is used.';
      answer({ type: 'error', code: 'unknown-execution', message });
      return true;
    }
    this.#questions.push({ question, answer });
    if (this.#revival === undefined) this.#becomeReal(false);
    return true;
  }

  /** @param isMiss what is asked for next is not in the cache */
  #becomeReal(isMiss = true): void {
    this.#virtual.pause();
    const { cache, bridges } = this.#options;
    const { session, journal } = this.#ledger;
    const { ran: history } = this.#ledger.history;
    const { first } = this.#virtual;
    if (first !== undefined && history.length > 0) {
      this.#ledger.emit({
        type: 'status',
        session,
        execution: first.execution,
        state: 'queued',
        position: 0,
      });
    }
    const options = { session, history, seq: journal.seq, bridge: this.#bridge, bridges };
    this.#revival = new Revival(options, {
      stands: (bridge) => this.#becameReal(bridge),
      failed: (code) => this.#fail(code, isMiss),
      differs: (place) => {
        for (const { key } of history.slice(place)) cache.forget(key);
        this.#finish('lost', 'The session could not be built again from what it had run.', 'session-lost');
      },
      closed: (event) => this.#closed(event),
      takenOver: () => this.#takenOver(),
    });
    this.#revival.begin();
  }

  #becameReal(bridge: Bridge): void {
    this.#revival = undefined;
    this.#bridge = bridge;
    const { session } = this.#ledger;
    const real = new RealSession({
      bridge,
      ledger: this.#ledger,
      cache: this.#options.cache,
      claim: this.#claim,
      listener: () => this.#listener,
      onGone: (runs) => this.#becomeVirtual(runs),
      onClosed: (event) => this.#closed(event),
      onTakenOver: () => this.#takenOver(),
    });
    this.#real = real;
    // The token names the bridge.
    if (bridge !== this.#options.bridge) {
      this.#ledger.emit({ type: 'opened', session, resumed: true, missed: 0 });
    }
    if (this.#isHeld) bridge.send({ type: 'hold', session, isHeld: true });
    for (const command of this.#virtual.takeAll()) real.send(command);
    for (const { question, answer } of this.#questions.splice(0)) {
      if (!bridge.ask(question, answer)) {
        answer({ type: 'error', code: 'unavailable', message: SENTENCES.unavailable });
      }
    }
  }

  /** No bridge took it. The history is kept: what is asked for next may be known, or find a bridge. */
  #fail(code: 'busy' | 'unavailable', isMiss: boolean): void {
    this.#revival = undefined;
    this.#claim.end('gone');
    const message = SENTENCES[code];
    for (const { answer } of this.#questions.splice(0)) answer({ type: 'error', code, message });
    if (isMiss) this.#virtual.endAll(lost(code));
    this.#virtual.resume();
  }

  /** The bridge is gone and with it the worker; what it ran before is known. */
  #becomeVirtual(runs: readonly Run[]): void {
    this.#real = undefined;
    this.#ledger.forsake();
    const again: ExecuteCommand[] = [];
    for (const { command, hasOutput } of runs) {
      const { execution } = command;
      if (this.#rerun.has(execution)) {
        // It may have been what the bridge died of.
        this.#ledger.tellEnd(
          execution,
          lost('unavailable', 'The Sage server went away while this ran, twice.'),
        );
        continue;
      }
      // Nobody else saw what it did, and what it put out is taken back.
      if (hasOutput) this.#ledger.tell({ type: 'output', execution, output: { kind: 'clear' } });
      this.#rerun.add(execution);
      again.push(command);
    }
    this.#ledger.publish();
    this.#virtual.resume(again);
  }

  /** Tells the end of everything and is no more. */
  #finish(reason: CloseReason, message: string, code?: ErrorCode): void {
    this.#ledger.withdraw();
    if (reason !== 'lost') this.#virtual.endAll(stopped('killed', message));
    this.#revival?.abandon();
    const { session } = this.#ledger;
    this.#closed({ type: 'closed', session, reason, message, ...(code !== undefined && { code }) });
  }

  #closed(event: OfType<SessionEvent, 'closed'>): void {
    const listener = this.#listener;
    this.#end();
    listener?.event(event);
  }

  #takenOver(): void {
    const listener = this.#listener;
    this.#end();
    listener?.takenOver();
  }

  #end(): void {
    this.#hasEnded = true;
    this.#claim.end('gone');
    this.#virtual.pause();
    this.#real?.leave();
    for (const { answer } of this.#questions.splice(0)) {
      answer({ type: 'error', code: 'session-lost', message: 'The session has ended.' });
    }
    this.#options.over();
  }
}
