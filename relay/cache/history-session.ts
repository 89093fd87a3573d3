/** A session that needs no Sage as long as what it is asked was asked before, in the same order. */
import type {
  Bridge,
  BridgeAnswer,
  BridgeQuestion,
  Bridges,
  SessionCommand,
  SessionEvent,
  SessionListener,
} from '../bridges/bridge.js';
import type { CloseReason, ErrorCode, ExecutionId, OfType, Output, SessionId } from '../protocol/index.js';
import { doneFromHit, type ExecuteCommand } from './flight.js';
import { historyAfter, resultKey, type Asked } from './key.js';
import { isKeepable, type Hit, type ResultCache } from './result-cache.js';
import type { Route } from './route.js';
import { SessionJournal } from './session-journal.js';
import { dropRecord, writeRecord, type Ran, type SessionRecord } from './session-record.js';

/** Executions and bytes of code that a history may have: longer ones are not kept, so that none is replayed for minutes. */
const MAX_HISTORY = 200;
const MAX_HISTORY_LENGTH = 1_048_576;

/** Output of one execution that is collected to be kept, UTF-16 code units; longer output is no result to keep. */
const MAX_COLLECTED_LENGTH = 8_388_608;

/** Questions kept until the session is real. */
const MAX_QUESTIONS = 16;

/** When it is worth asking again where no bridge had room. */
const RETRY_AFTER_MS = 2_000;

/** How long a broken link may take to come back before a session that can be built again is built elsewhere. */
const BACK_WITHIN_MS = 1_000;

type NumberedEvent = OfType<SessionEvent, 'status' | 'output' | 'done'>;

/** What a session needs. */
export interface HistorySessionOptions {
  readonly session: SessionId;
  readonly cache: ResultCache;
  /** Where it becomes real, unless that is full or gone. */
  readonly bridge: Bridge;
  readonly bridges: Bridges;
  /** Called when the session is over. */
  readonly over: () => void;
}

/** An execution that the bridge runs. */
interface Running {
  readonly command: ExecuteCommand;
  readonly outputs: Output[];
  length: number;
}

/**
 * `virtual` answers from the cache; what is not there makes it real: `opening` asks a bridge for a worker, `replaying` runs
 * the history there, untold, `real` passes everything on and keeps what is pure. Messages are numbered by this session while it is
 * virtual, by the bridge from there on. Once a run was not pure nothing more is kept. A bridge that goes away makes a pure session
 * virtual again.
 */
export class HistorySession implements Route, SessionListener {
  readonly #options: HistorySessionOptions;
  #bridge: Bridge;
  #listener: SessionListener | undefined;
  #state: 'virtual' | 'opening' | 'replaying' | 'real' | 'ended' = 'virtual';
  #isLooking = false;
  #isHeld = false;
  #isPure = true;
  #history: Ran[] = [];
  #historyLength = 0;
  #digest = '';
  #replayed = 0;
  /** Waiting, in order; while virtual also the one that is looked for. */
  #queue: ExecuteCommand[] = [];
  readonly #running = new Map<ExecutionId, Running>();
  /** Executions begun anew after their bridge died: once. */
  readonly #rerun = new Set<ExecutionId>();
  readonly #journal = new SessionJournal();
  #seq = 0;
  readonly #tried = new Set<Bridge>();
  #questions: { question: BridgeQuestion; answer: (answer: BridgeAnswer) => void }[] = [];
  #backTimer: NodeJS.Timeout | undefined;

  constructor(options: HistorySessionOptions) {
    this.#options = options;
    this.#bridge = options.bridge;
  }

  get home(): string {
    return this.#bridge.id;
  }

  /** Goes on where a session that was never real left off, on this relay or another. */
  resume(record: SessionRecord, after: number, held: readonly SessionCommand[]): void {
    this.#history = [...record.history];
    for (const { asked } of record.history) this.#remember(asked);
    this.#seq = record.seq;
    void this.#rebuildJournal(record).then(() => {
      if (this.#state === 'ended') return;
      this.#reopen(after);
      for (const command of held) this.send(command);
    });
  }

  heardBy(listener: SessionListener | undefined): void {
    this.#listener = listener;
  }

  send(command: SessionCommand): boolean {
    switch (command.type) {
      case 'open':
        this.#emit({ type: 'opened', session: this.#id, resumed: false, missed: 0 });
        return true;
      case 'attach':
        if (this.#state === 'real') return this.#bridge.send(command);
        this.#reopen(command.after);
        return true;
      case 'execute':
        return this.#execute(command);
      case 'ack':
        this.#journal.release(command.seq);
        return this.#state === 'real' ? this.#bridge.send(command) : true;
      case 'interrupt':
        return this.#state === 'real' ? this.#bridge.send(command) : this.#unqueue(command.execution);
      case 'kill':
      case 'close':
        if (this.#state === 'real') return this.#bridge.send(command);
        this.#finish(command.type === 'kill' ? 'killed' : 'closed', 'The session was closed.');
        return true;
      case 'answer':
        return this.#bridge.send(command);
      case 'hold':
        this.#isHeld = command.isHeld;
        return this.#state === 'real' ? this.#bridge.send(command) : true;
    }
  }

  /** Whoever asks is about to write something new: the session becomes real. */
  ask(question: BridgeQuestion, answer: (answer: BridgeAnswer) => void): boolean {
    if (this.#state === 'real') return this.#bridge.ask(question, answer);
    if (this.#questions.length >= MAX_QUESTIONS) return false;
    if (question.type === 'budget') {
      const message = 'The session has needed no Sage so far: nothing of its limits is used.';
      answer({ type: 'error', code: 'unknown-execution', message });
      return true;
    }
    this.#questions.push({ question, answer });
    if (this.#state === 'virtual' && !this.#isLooking) this.#becomeReal();
    return true;
  }

  // ---- what the bridge says ----

  event(event: SessionEvent): void {
    switch (event.type) {
      case 'opened':
        if (this.#state === 'opening') this.#replay();
        else this.#reattached(event);
        return;
      case 'closed':
        this.#closed(event);
        return;
      case 'status':
      case 'output':
      case 'done':
        if (this.#state === 'replaying') this.#ofReplay(event);
        else this.#ofExecution(event);
        return;
    }
  }

  refused(code: ErrorCode, message: string): void {
    if (this.#state === 'real') this.#listener?.refused(code, message);
    else this.#giveUpBridge();
  }

  down(final: boolean): void {
    if (this.#state !== 'real') {
      this.#giveUpBridge();
      return;
    }
    if (!this.#isPure) {
      this.#listener?.down(final);
      return;
    }
    if (final) this.#becomeVirtual();
    else this.#backTimer ??= setTimeout(() => this.#becomeVirtual(), BACK_WITHIN_MS);
  }

  back(): void {
    if (this.#backTimer === undefined) {
      if (this.#state === 'real') this.#listener?.back();
      return;
    }
    clearTimeout(this.#backTimer);
    this.#backTimer = undefined;
    this.#bridge.send({ type: 'attach', session: this.#id, after: this.#seq });
    for (const { command } of this.#running.values()) this.#bridge.send(command);
  }

  takenOver(): void {
    const listener = this.#listener;
    this.#end();
    listener?.takenOver();
  }

  // ---- while it is virtual ----

  get #id(): SessionId {
    return this.#options.session;
  }

  #execute(command: ExecuteCommand): boolean {
    if (this.#state === 'real') return this.#pass(command);
    this.#queue.push(command);
    this.#next();
    return true;
  }

  #next(): void {
    const { cache } = this.#options;
    while (this.#state === 'virtual' && !this.#isLooking) {
      const [command] = this.#queue;
      if (command === undefined) return;
      const key = this.#keyOf(command);
      if (key === undefined || command.cache === 'bypass') {
        this.#becomeReal();
        return;
      }
      const hit = cache.recall(key);
      if (hit !== undefined) {
        this.#answer(command, key, hit);
        continue;
      }
      if (cache.guarded === undefined || cache.isKnownImpure(key)) {
        this.#becomeReal();
        return;
      }
      this.#isLooking = true;
      void cache.search(key).then((found) => {
        this.#isLooking = false;
        if (this.#state !== 'virtual') return;
        // It may have been taken out of the queue meanwhile.
        if (this.#queue[0] !== command) this.#next();
        else if (found === undefined || this.#questions.length > 0) this.#becomeReal();
        else {
          this.#answer(command, key, found);
          this.#next();
        }
      });
    }
  }

  #keyOf(command: ExecuteCommand): string | undefined {
    const { facts } = this.#bridge;
    const isShort = this.#history.length < MAX_HISTORY && this.#historyLength <= MAX_HISTORY_LENGTH;
    if (facts === undefined || !this.#isPure || !isShort) return undefined;
    return resultKey(facts, 'session', this.#digest, command);
  }

  #answer(command: ExecuteCommand, key: string, hit: Hit): void {
    this.#queue.shift();
    const { execution } = command;
    for (const output of hit.entry.outputs) this.#tell({ type: 'output', execution, output });
    this.#tell({ type: 'done', execution, ...doneFromHit(hit, key) });
    this.#ran(command, hit.entry.end.status, key);
    this.#record();
  }

  /** Numbers a message, keeps it until it is acknowledged, and passes it on. */
  #tell(fields: Readonly<Record<string, unknown>>): void {
    this.#seq += 1;
    const event = { ...fields, session: this.#id, seq: this.#seq } as unknown as NumberedEvent;
    this.#journal.write(this.#seq, event);
    this.#emit(event);
  }

  #emit(event: SessionEvent): void {
    this.#listener?.event(event);
  }

  #ran(command: ExecuteCommand, status: 'ok' | 'error', key: string): void {
    const { code, language, typeset, expressions, limits, execution } = command;
    const asked: Asked = {
      code,
      ...(language !== undefined && { language }),
      ...(typeset !== undefined && { typeset }),
      ...(expressions !== undefined && { expressions }),
      ...(limits !== undefined && { limits }),
    };
    this.#history.push({ execution, asked, status, key, lastSeq: this.#seq });
    this.#remember(asked);
  }

  #remember(asked: Asked): void {
    this.#digest = historyAfter(this.#digest, asked);
    this.#historyLength += asked.code.length;
  }

  #record(): void {
    const { guarded } = this.#options.cache;
    if (guarded !== undefined) writeRecord(guarded, this.#id, { history: this.#history, seq: this.#seq });
  }

  #unqueue(execution: ExecutionId): boolean {
    const index = this.#queue.findIndex((command) => command.execution === execution);
    if (index < 0) return true;
    this.#queue.splice(index, 1);
    this.#tellStopped(execution, 'interrupted', 'Taken out of the queue on request.');
    return true;
  }

  #tellStopped(execution: ExecutionId, status: 'interrupted' | 'killed', message: string): void {
    this.#tell({ type: 'done', execution, status, ...NOT_MEASURED, message });
  }

  #reopen(after: number): void {
    const missed = this.#journal.missed(after, this.#seq);
    this.#emit({ type: 'opened', session: this.#id, resumed: true, missed });
    for (const event of this.#journal.after(after)) this.#emit(event);
  }

  /** The messages of a history, as far as its results are still there. */
  async #rebuildJournal(record: SessionRecord): Promise<void> {
    let last = 0;
    for (const { execution, key, lastSeq } of record.history) {
      const hit = await this.#options.cache.find(key);
      let seq = last;
      last = lastSeq;
      if (hit?.entry.outputs.length !== lastSeq - seq - 1) {
        this.#journal.release(lastSeq);
        this.#journal.forgetBefore(lastSeq);
        continue;
      }
      const events = [
        ...hit.entry.outputs.map((output) => ({ type: 'output', execution, output }) as const),
        { type: 'done', execution, ...doneFromHit(hit, key) } as const,
      ];
      for (const event of events) {
        seq += 1;
        this.#journal.write(seq, { ...event, session: this.#id, seq });
      }
    }
  }

  // ---- becoming real ----

  #becomeReal(): void {
    if (this.#bridge.facts === undefined || this.#tried.has(this.#bridge)) {
      const next = this.#options.bridges.pick(this.#tried);
      if (next === undefined) {
        this.#failQueue();
        return;
      }
      this.#bridge = next;
    }
    this.#state = 'opening';
    this.#replayed = 0;
    this.#bridge.listen(this.#id, this);
    const [first] = this.#queue;
    if (first !== undefined && this.#history.length > 0) {
      this.#emit({
        type: 'status',
        session: this.#id,
        execution: first.execution,
        state: 'queued',
        position: 0,
      });
    }
    if (!this.#bridge.send({ type: 'open', session: this.#id, after: this.#seq })) this.#giveUpBridge();
  }

  /** No worker, no link, no room: another bridge may have one. The history is kept whatever happens. */
  #giveUpBridge(): void {
    if (this.#state === 'ended') return;
    this.#bridge.unlisten(this.#id, this);
    this.#tried.add(this.#bridge);
    this.#state = 'virtual';
    if (this.#queue.length > 0 || this.#questions.length > 0) this.#becomeReal();
  }

  #failQueue(): void {
    this.#tried.clear();
    const code = this.#options.bridges.pick() === undefined ? 'unavailable' : 'busy';
    const message =
      code === 'busy'
        ? 'The Sage server has too much to do.'
        : 'No Sage server can be reached at the moment.';
    for (const { answer } of this.#questions.splice(0)) answer({ type: 'error', code, message });
    for (const { execution } of this.#queue.splice(0)) {
      this.#tell({
        type: 'done',
        execution,
        status: 'lost',
        ...NOT_MEASURED,
        message,
        error: { code, retryAfterMs: RETRY_AFTER_MS },
      });
    }
  }

  #replay(): void {
    this.#state = 'replaying';
    const next = this.#history[this.#replayed];
    if (next === undefined) {
      this.#becameReal();
      return;
    }
    const execution = `replay-${String(this.#replayed)}` as ExecutionId;
    const command = { type: 'execute', session: this.#id, execution, ...next.asked, replay: true } as const;
    if (!this.#bridge.send(command)) this.#giveUpBridge();
  }

  #ofReplay(event: NumberedEvent): void {
    if (event.type !== 'done') return;
    const expected = this.#history[this.#replayed];
    if (event.status === expected?.status && event.pure === true) {
      this.#replayed += 1;
      this.#replay();
      return;
    }
    // What was measured to be pure was not, or the machine failed: a state that nobody knows is not passed off as the right one.
    for (const { key } of this.#history.slice(this.#replayed)) this.#options.cache.forget(key);
    this.#bridge.send({ type: 'close', session: this.#id });
    this.#finish('lost', 'The session could not be built again from what it had run.', 'session-lost');
  }

  #becameReal(): void {
    this.#state = 'real';
    this.#tried.clear();
    const { guarded } = this.#options.cache;
    if (guarded !== undefined && this.#history.length > 0) dropRecord(guarded, this.#id);
    if (this.#bridge !== this.#options.bridge) {
      // The token names the bridge.
      this.#emit({ type: 'opened', session: this.#id, resumed: true, missed: 0 });
    }
    if (this.#isHeld) this.#bridge.send({ type: 'hold', session: this.#id, isHeld: true });
    for (const command of this.#queue.splice(0)) this.#pass(command);
    for (const { question, answer } of this.#questions.splice(0)) {
      if (!this.#bridge.ask(question, answer)) {
        answer({
          type: 'error',
          code: 'unavailable',
          message: 'No Sage server can be reached at the moment.',
        });
      }
    }
  }

  // ---- while it is real ----

  #pass(command: ExecuteCommand): boolean {
    if (this.#isPure) this.#running.set(command.execution, { command, outputs: [], length: 0 });
    return this.#bridge.send(command);
  }

  #ofExecution(event: NumberedEvent): void {
    if (event.seq !== undefined) {
      if (event.seq > this.#seq) {
        this.#seq = event.seq;
        if (this.#isPure) this.#collect(event);
      }
    }
    const running = this.#running.get(event.execution);
    if (event.type !== 'done' || running === undefined) {
      this.#emit(event);
      return;
    }
    this.#running.delete(event.execution);
    const key = this.#settle(running, event);
    this.#emit({ ...event, ...(key !== undefined && { key }) });
  }

  #collect(event: NumberedEvent): void {
    const running = this.#running.get(event.execution);
    if (running === undefined || event.type !== 'output') return;
    running.length += JSON.stringify(event.output).length;
    if (running.length > MAX_COLLECTED_LENGTH) running.outputs.length = 0;
    else if (event.output.kind === 'clear') running.outputs.length = 0;
    else running.outputs.push(event.output);
  }

  /** @returns the result's name if it is kept */
  #settle({ command, outputs, length }: Running, end: OfType<SessionEvent, 'done'>): string | undefined {
    // Taken out of the queue, or never let in: it has changed nothing.
    if ((end.status === 'interrupted' || end.status === 'lost') && end.wallMs === 0) return undefined;
    const key = this.#keyOf(command);
    const { facts } = this.#bridge;
    if (!isKeepable(end) || key === undefined || facts === undefined) {
      if (key !== undefined && (end.status === 'ok' || end.status === 'error')) {
        this.#options.cache.noteImpure(key);
      }
      this.#isPure = false;
      this.#history = [];
      this.#running.clear();
      return undefined;
    }
    const isKept = length <= MAX_COLLECTED_LENGTH && this.#options.cache.keep(key, facts, outputs, end);
    if (end.status === 'ok' || end.status === 'error') this.#ran(command, end.status, key);
    return isKept ? key : undefined;
  }

  /** Messages from before it became real are not the bridge's to replay. */
  #reattached(event: OfType<SessionEvent, 'opened'>): void {
    const own = event.missed > 0 ? this.#journal.before(event.missed, this.#seq) : [];
    this.#emit({ ...event, missed: event.missed - own.length });
    for (const each of own) this.#emit(each);
  }

  /** The bridge is gone and with it the worker; what it ran is known. */
  #becomeVirtual(): void {
    this.#backTimer = undefined;
    if (this.#state !== 'real') return;
    this.#bridge.unlisten(this.#id, this);
    this.#state = 'virtual';
    if (this.#bridge.facts === undefined) this.#tried.add(this.#bridge);
    for (const { command, length } of this.#running.values()) {
      // Nobody else saw what it did, and what it put out is taken back.
      const { execution } = command;
      if (this.#rerun.has(execution)) {
        // It may have been what the bridge died of.
        const message = 'The Sage server went away while this ran, twice.';
        this.#tell({
          type: 'done',
          execution,
          status: 'lost',
          ...NOT_MEASURED,
          message,
          error: { code: 'unavailable' },
        });
        continue;
      }
      if (length > 0) this.#tell({ type: 'output', execution, output: { kind: 'clear' } });
      this.#rerun.add(execution);
      this.#queue.push(command);
    }
    this.#running.clear();
    this.#record();
    this.#next();
  }

  #closed(event: OfType<SessionEvent, 'closed'>): void {
    if (event.reason === 'refused' && this.#state === 'opening') {
      this.#giveUpBridge();
      return;
    }
    const listener = this.#listener;
    this.#end();
    listener?.event(event);
  }

  /** Tells the end of everything and is no more. */
  #finish(reason: CloseReason, message: string, code?: ErrorCode): void {
    const { guarded } = this.#options.cache;
    if (guarded !== undefined && this.#history.length > 0) dropRecord(guarded, this.#id);
    if (reason !== 'lost') {
      for (const { execution } of this.#queue.splice(0)) this.#tellStopped(execution, 'killed', message);
    }
    if (this.#state === 'opening' || this.#state === 'replaying') {
      this.#bridge.send({ type: 'close', session: this.#id });
    }
    const listener = this.#listener;
    this.#end();
    listener?.event({
      type: 'closed',
      session: this.#id,
      reason,
      message,
      ...(code !== undefined && { code }),
    });
  }

  #end(): void {
    this.#state = 'ended';
    clearTimeout(this.#backTimer);
    this.#bridge.unlisten(this.#id, this);
    for (const { answer } of this.#questions.splice(0)) {
      answer({ type: 'error', code: 'session-lost', message: 'The session has ended.' });
    }
    this.#options.over();
  }
}

const NOT_MEASURED = { wallMs: 0, cpuMs: 0, cached: false, truncated: false } as const;
