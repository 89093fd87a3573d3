/** Joins a cell to a server: begins runs, follows them, stops them, and lets go when the cell leaves the page. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Output } from '../../relay/protocol/index.js';
import type { CellFailure, CellStatus } from '../events.js';
import { onTheWire, type LanguageName } from '../languages.js';
import type { Client } from '../session/client.js';
import type { ExecuteOptions, Execution, ExecutionObserver, ExecutionResult } from '../session/execution.js';
import type { Completions, Inspection } from '../session/questions.js';
import type { Session, SessionEnd } from '../session/session.js';
import type { Lease } from '../session/shared.js';
import { duration } from '../strings/duration.js';
import type { Strings } from '../strings/index.js';
import { loadedBackstage, prepareRuns, type Backstage } from './backstage.js';
import type { RunRecord } from './run-record.js';
import { prepareSession, type SetupCode } from './session-setup.js';
import { shifted } from './shifted.js';

/** A run shorter than this changes nothing on the screen but its result, milliseconds. */
export const SLOW_MS = 500;

/** How often a run is tried again that the server had no room for, before the reader is told. */
const MAX_RETRIES = 6;

/** Wait before that where the server names none, milliseconds. */
const RETRY_MS = 1_000;

/** The longest such wait that is sat out without telling the reader, milliseconds. */
const MAX_RETRY_MS = 10_000;

/** How often the stopwatch moves, milliseconds. */
const TICK_MS = 100;

/** Longest text before the cursor that a question to the server may hold, UTF-16 units: that of the protocol. */
const MAX_ASKED_LENGTH = 65_536;

/** The end of a text that is too long for a question, from the beginning of a line. */
function asked(before: string): string {
  if (before.length <= MAX_ASKED_LENGTH) return before;
  const end = before.slice(-MAX_ASKED_LENGTH);
  return end.slice(end.indexOf('\n') + 1);
}

const NOTHING_RAN = { wallMs: 0, cpuMs: 0, cached: false, truncated: false } as const;

/** Where a cell runs its code. */
export interface RunPlace {
  readonly server: string;
  /** Name of the session; without one the code runs in a fresh process. */
  readonly session: string | undefined;
  /** Embed key, where the server asks for one. */
  readonly key: string | undefined;
  /** What tells the cell from the others of its page, from one load to the next; undefined if nothing does. */
  readonly cell: string | undefined;
}

/** What a run is asked with. */
export interface RunRequest extends RunPlace {
  readonly code: string;
  readonly language: LanguageName;
  /** False if the server is to compute afresh what it may know. */
  readonly mayCache: boolean;
  /** Asks for formulas of displayed values. */
  readonly isTypeset: boolean;
  /** Longest the code may run, milliseconds; the server's own limit may be shorter. */
  readonly timeLimitMs: number | undefined;
  /** Code that must have run in the session before. */
  readonly setup: readonly SetupCode[];
}

/** The cell, as its controller sees it. */
export interface RunHost extends ReactiveControllerHost {
  readonly strings: Strings;
  statusChanged(status: CellStatus, previous: CellStatus): void;
  outputCame(output: Output): void;
  runRestarted(): void;
  runFailed(failure: CellFailure): void;
  /** The run ended; the status has changed already. */
  runDone(result: ExecutionResult): void;
}

/** One run at a time for one cell. */
export class RunController implements ReactiveController {
  status: CellStatus = 'idle';
  /** True once the present run takes long enough to be shown as running. */
  isSlow = false;
  /** True if the last run ended because the reader stopped it. */
  wasStopped = false;
  /** How far the reader got with stopping: asked, or asked in vain. */
  stopping: 'no' | 'asked' | 'ignored' = 'no';
  /** What the toolbar says about the last run; empty while there is nothing to say. */
  summary = '';
  /** What went wrong with the system, not the code. */
  notice = '';
  #setupFailure = '';
  #startedAt = 0;
  /** When the server will stop the run, as far as it is known, by `performance.now()`. */
  #endsAt: number | undefined;
  #position: number | undefined;
  #retries = 0;
  #hasPutOut = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #lease: Lease | undefined;
  #server = '';
  #session: Session | undefined;
  #unobserve: (() => void) | undefined;
  #execution: Execution | undefined;
  /** Of the latest run in a session. */
  #record: RunRecord | undefined;
  #result: Promise<ExecutionResult> | undefined;
  #resolve: ((result: ExecutionResult) => void) | undefined;
  #slowTimer: ReturnType<typeof setTimeout> | undefined;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #stopTimer: ReturnType<typeof setTimeout> | undefined;
  #leaveTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly host: RunHost) {
    host.addController(this);
  }

  hostConnected(): void {
    clearTimeout(this.#leaveTimer);
  }

  hostDisconnected(): void {
    // A cell that is moved leaves and comes back at once; only one that stays away gives up its run.
    this.#leaveTimer = setTimeout(() => {
      this.stop();
      this.#letGo();
    });
  }

  /** True from the asking for a run to its end. */
  get isActive(): boolean {
    return this.#result !== undefined;
  }

  /** What the status line says, for the reader. */
  get text(): string {
    if (!this.isActive) return this.summary;
    if (!this.isSlow) return '';
    const { strings } = this.host;
    if (this.stopping === 'ignored') return strings.notStopping;
    if (this.stopping === 'asked') return strings.stopping;
    if (this.status === 'queued') return strings.queued(this.#position);
    if (this.status !== 'running') return strings.connecting;
    const elapsed = performance.now() - this.#startedAt;
    if (this.#endsAt === undefined) return strings.running(duration(elapsed, strings));
    // Whole seconds: more would only flicker.
    const left = Math.max(0, Math.ceil((this.#endsAt - performance.now()) / 1_000)) * 1_000;
    return strings.runningOf(duration(elapsed, strings), duration(left, strings));
  }

  /** Begins a run, or joins the one under way. */
  run(request: RunRequest): Promise<ExecutionResult> {
    if (this.#result) return this.#result;
    const result = this.#start();
    const backstage = loadedBackstage();
    if (backstage) {
      this.#begin(backstage, request);
    } else {
      this.#become('connecting');
      prepareRuns().then(
        (ready) => {
          if (this.#result === result) this.#begin(ready, request);
        },
        () => {
          const message = this.host.strings.notLoaded;
          this.#ended({ ...NOTHING_RAN, status: 'lost', message, error: { code: 'unavailable' } });
        },
      );
    }
    return result;
  }

  /** What ran here before the page was loaded again, if that can be told; its session goes on from now on. */
  recall(place: RunPlace): RunRecord | undefined {
    const ready = loadedBackstage();
    const { server, session, cell } = place;
    if (ready === undefined || this.isActive || session === undefined || cell === undefined) return undefined;
    if (!ready.kept.mayClaim(server, session)) return undefined;
    this.#join(ready, this.#client(ready, place), place);
    return this.#session && ready.kept.claim(this.#session, cell);
  }

  /** Goes on with what was recalled; its output so far comes again. */
  resume(record: RunRecord): void {
    const { execution, result } = record;
    this.#record = record;
    if (execution === undefined) {
      if (result) this.#showEnd(result);
      this.#sayCut(record);
      return;
    }
    void this.#start();
    this.#become('connecting');
    this.#execution = execution;
    for (const output of record.outputs) this.#put(output);
    execution.observe(
      this.#observer(record.addedLines, (ended) => {
        this.#ended(ended);
        this.#sayCut(record);
      }),
    );
  }

  #sayCut({ isCut }: RunRecord): void {
    if (isCut) this.notice = `${this.notice} ${this.host.strings.notKept}`.trim();
  }

  #start(): Promise<ExecutionResult> {
    const result = new Promise<ExecutionResult>((resolve) => {
      this.#resolve = resolve;
    });
    this.#result = result;
    this.summary = '';
    this.notice = '';
    this.stopping = 'no';
    this.#setupFailure = '';
    this.#endsAt = undefined;
    this.#retries = 0;
    this.#hasPutOut = false;
    this.#startedAt = performance.now();
    this.#slowTimer = setTimeout(() => {
      this.isSlow = true;
      this.#ticker = setInterval(() => {
        this.host.requestUpdate();
      }, TICK_MS);
      this.#askTimeLeft();
      this.host.requestUpdate();
    }, SLOW_MS);
    return result;
  }

  /** Asks the run to stop; asked again after it did not react, ends its process and with it its session. */
  stop(): void {
    if (!this.isActive) return;
    if (this.#execution === undefined) {
      this.#ended({ ...NOTHING_RAN, status: 'interrupted' });
      return;
    }
    if (this.stopping === 'ignored') {
      this.#execution.kill();
      return;
    }
    if (this.stopping === 'asked') return;
    this.stopping = 'asked';
    this.#stopTimer = setTimeout(() => {
      this.stopping = 'ignored';
      this.host.requestUpdate();
    }, loadedBackstage()?.interruptGraceMs);
    this.#execution.interrupt();
    this.host.requestUpdate();
  }

  /** The reader's answer to a question of the code. */
  answer(text: string): void {
    this.#execution?.answer(text);
    this.#record?.answered(text);
  }

  /** A reader who waits wants to know how long at most; who need not wait is not asked about. */
  #askTimeLeft(): void {
    const execution = this.#execution;
    const client = this.#lease?.client;
    if (execution === undefined || !client?.isOnline || this.status !== 'running') return;
    client.remaining(execution).then(
      ({ wallMs }) => {
        if (this.#execution === execution && wallMs !== undefined) this.#endsAt = performance.now() + wallMs;
      },
      // Then nothing is said about it.
      () => undefined,
    );
  }

  /** Ends the session, so that its next run starts afresh. Without a session there is nothing to end. */
  restart(): void {
    if (this.#session === undefined) return;
    this.#session.close();
    this.notice = '';
    if (!this.isActive) {
      this.summary = this.host.strings.restarted;
      this.#become('idle');
    }
  }

  /** What the session knows of the name that ends `before`; `undefined` when there is nobody to ask or no answer. */
  async inspect(before: string): Promise<Inspection | undefined> {
    const client = this.#lease?.client;
    if (!client?.isOnline) return undefined;
    try {
      return await client.inspect(
        asked(before),
        'docstring',
        this.#session ? { session: this.#session } : {},
      );
    } catch {
      return undefined;
    }
  }

  /** Names for the text before the cursor; `undefined` when that would take a new connection, or no answer came. */
  async complete(before: string): Promise<Completions | undefined> {
    const client = this.#lease?.client;
    if (!client?.isOnline) return undefined;
    try {
      return await client.complete(asked(before), this.#session ? { session: this.#session } : {});
    } catch {
      return undefined;
    }
  }

  #begin(ready: Backstage, request: RunRequest): void {
    const client = this.#client(ready, request);
    this.#join(ready, client, request);
    this.#become(client.isOnline ? 'queued' : 'connecting');
    if (this.#session) {
      prepareSession(client, this.#session, request.setup, (failure) => {
        this.#setupFailure = this.host.strings.setupFailed(failure);
      });
    }
    const { code, language, addedLines } = onTheWire(request.code, request.language);
    const options: ExecuteOptions = {
      language,
      ...(this.#session && { session: this.#session }),
      ...(request.isTypeset && { typeset: true }),
      ...(!request.mayCache && { cache: 'bypass' as const }),
      ...(request.timeLimitMs !== undefined && { limits: { wallMs: request.timeLimitMs } }),
      observer: this.#observer(addedLines, (result) => {
        if (this.#shouldRetry(result)) this.#beginLater(ready, request, result);
        else this.#ended(result);
      }),
    };
    this.#execution = client.execute(code, options);
    this.#record =
      this.#session && request.cell !== undefined
        ? ready.kept.record(this.#session, request.cell, request, this.#execution)
        : undefined;
  }

  /** @param addedLines put before the reader's code */
  #observer(addedLines: number, done: (result: ExecutionResult) => void): ExecutionObserver {
    return {
      status: (state, position) => {
        if (state === 'running' && this.status !== 'running') this.#startedAt = performance.now();
        this.#position = position;
        this.#become(state);
        if (this.isSlow) this.#askTimeLeft();
      },
      output: (output) => {
        this.#put(shifted(output, addedLines));
      },
      restarted: () => {
        this.host.runRestarted();
      },
      done,
    };
  }

  #put(output: Output): void {
    // Stopping is what the reader asked for; the exception that does it is not news.
    if (output.kind === 'error' && output.name === 'KeyboardInterrupt' && this.stopping !== 'no') return;
    this.#hasPutOut = true;
    this.#tellFailure(output);
    this.host.outputCame(output);
  }

  /** True if the server had no room and nothing ran: then a moment's wait is better than a message. */
  #shouldRetry({ status, error }: ExecutionResult): boolean {
    if (status !== 'lost' || error === undefined || this.#hasPutOut || this.stopping !== 'no') return false;
    const isPassing = error.code === 'busy' || error.code === 'draining' || error.retryAfterMs !== undefined;
    return isPassing && this.#retries < MAX_RETRIES && (error.retryAfterMs ?? RETRY_MS) <= MAX_RETRY_MS;
  }

  #beginLater(ready: Backstage, request: RunRequest, result: ExecutionResult): void {
    this.#retries += 1;
    this.#execution = undefined;
    this.#position = undefined;
    this.#become('queued');
    // Not all at the same moment: others were turned away too.
    const wait = (result.error?.retryAfterMs ?? RETRY_MS) * (0.5 + Math.random());
    this.#retryTimer = setTimeout(() => {
      this.#begin(ready, request);
    }, wait);
  }

  #tellFailure(output: Output): void {
    if (output.kind !== 'error') return;
    const { name, message, line } = output;
    this.host.runFailed({ kind: 'code', name, message, ...(line !== undefined && { line }) });
  }

  #client(ready: Backstage, { server, key }: RunPlace): Client {
    const name = `${server} ${key ?? ''}`;
    if (this.#lease === undefined || this.#server !== name) {
      this.#letGo();
      this.#lease = ready.clients.lease(server, key);
      this.#server = name;
    }
    return this.#lease.client;
  }

  #join(ready: Backstage, client: Client, { server, session: name }: RunPlace): void {
    const session = name === undefined ? undefined : ready.kept.session(client, server, name);
    if (session === this.#session) return;
    this.#unobserve?.();
    this.#session = session;
    this.#unobserve = session?.observe({
      ended: (end) => {
        this.#sessionEnded(end);
      },
    });
  }

  #letGo(): void {
    this.#unobserve?.();
    this.#unobserve = undefined;
    this.#session = undefined;
    this.#lease?.release();
    this.#lease = undefined;
  }

  #sessionEnded({ reason, message }: SessionEnd): void {
    const { strings } = this.host;
    if (reason === 'closed' || reason === 'refused' || this.status === 'idle') return;
    this.summary = strings.dead;
    this.notice = `${message} ${strings.deadHelp}`.trim();
    if (!this.isActive) this.#become('dead');
  }

  #ended(result: ExecutionResult): void {
    clearTimeout(this.#slowTimer);
    clearTimeout(this.#stopTimer);
    clearTimeout(this.#retryTimer);
    clearInterval(this.#ticker);
    const resolve = this.#resolve;
    this.#execution = undefined;
    this.#result = undefined;
    this.isSlow = false;
    this.stopping = 'no';
    this.#showEnd(result);
    this.host.runDone(result);
    resolve?.(result);
  }

  #showEnd(result: ExecutionResult): void {
    const { strings } = this.host;
    this.wasStopped = result.status === 'interrupted';
    const time = duration(result.wallMs, strings);
    let status: CellStatus = 'done';
    switch (result.status) {
      case 'ok':
        this.summary = result.cached === false ? strings.done(time) : strings.cached(time);
        break;
      case 'interrupted':
        this.summary = strings.stopped(time);
        break;
      case 'error':
        status = 'error';
        this.summary = strings.failed;
        break;
      case 'timeout':
        status = 'error';
        this.summary = strings.stopped(time);
        this.notice = result.message ?? strings.timeout;
        break;
      case 'killed':
      case 'lost':
        status = this.#systemFailed(result);
        break;
    }
    if (this.#setupFailure !== '') this.notice = `${this.#setupFailure} ${this.notice}`.trim();
    if (result.truncated) this.notice = `${this.notice} ${strings.truncated}`.trim();
    this.#become(status);
  }

  #systemFailed(result: ExecutionResult): CellStatus {
    const { strings } = this.host;
    const message = result.message ?? strings.systemFailure;
    const retryAfterMs = result.error?.retryAfterMs;
    const isSessionGone =
      this.#session !== undefined && (result.status === 'killed' || result.error?.code === 'session-lost');
    this.summary = isSessionGone ? strings.dead : strings.failed;
    const advice = isSessionGone
      ? strings.deadHelp
      : retryAfterMs === undefined
        ? ''
        : strings.retryIn(Math.ceil(retryAfterMs / 1_000));
    this.notice = `${message} ${advice}`.trim();
    this.host.runFailed({ kind: 'system', name: result.error?.code ?? result.status, message });
    return isSessionGone ? 'dead' : 'error';
  }

  #become(status: CellStatus): void {
    const previous = this.status;
    this.status = status;
    this.host.requestUpdate();
    if (status !== previous) this.host.statusChanged(status, previous);
  }
}
