/** Joins a cell to a server: begins runs, follows them, stops them, and lets go when the cell leaves the page. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { InteractId, Output } from '../../relay/protocol/index.js';
import type { CellStatus } from '../events.js';
import type { RecordedOutput } from '../interact/recorded-output.js';
import type { FrameSource } from '../interact/site.js';
import type { Execution, ExecutionObserver, ExecutionResult } from '../session/execution.js';
import type { SessionEnd } from '../session/session.js';
import type { Strings } from '../strings/index.js';
import type { Attachment } from './attachment.js';
import { loadedBackstage, prepareRuns, type Backstage } from './backstage.js';
import { NOTHING_RAN, runEnd } from './run-end.js';
import type { RunRecord } from './run-record.js';
import type { RunListener, RunPlace, RunRequest } from './run-request.js';
import { Stopwatch } from './stopwatch.js';

/** One run at a time for one cell. */
export class RunController implements ReactiveController, FrameSource {
  status: CellStatus = 'idle';
  /** True if the last run ended because the reader stopped it. */
  wasStopped = false;
  /** How far the reader got with stopping: asked, or asked in vain. */
  stopping: 'no' | 'asked' | 'ignored' = 'no';
  /** What the toolbar says about the last run; empty while there is nothing to say. */
  summary = '';
  /** What went wrong with the system, not the code. */
  notice = '';
  #setupFailure = '';
  #position: number | undefined;
  #retries = 0;
  #hasPutOut = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #execution: Execution | undefined;
  /** A frame of an interact, and what the cell was before. */
  #frame: { readonly execution: Execution; readonly before: CellStatus } | undefined;
  /** Of the latest run in a session. */
  #record: RunRecord | undefined;
  #result: Promise<ExecutionResult> | undefined;
  #resolve: ((result: ExecutionResult) => void) | undefined;
  #stopTimer: ReturnType<typeof setTimeout> | undefined;
  #leaveTimer: ReturnType<typeof setTimeout> | undefined;

  /** Comes with the first run. */
  #attachment: Attachment | undefined;
  readonly #stopwatch = new Stopwatch(
    () => {
      this.host.requestUpdate();
    },
    () => {
      if (this.#frame) this.#become('running');
      this.#askTimeLeft();
      this.host.requestUpdate();
    },
  );

  constructor(
    readonly host: ReactiveControllerHost & { readonly strings: Strings },
    readonly listener: RunListener,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    clearTimeout(this.#leaveTimer);
  }

  hostDisconnected(): void {
    // A cell that is moved leaves and comes back at once; only one that stays away gives up its run.
    this.#leaveTimer = setTimeout(() => {
      this.stop();
      this.#attachment?.letGo();
    });
  }

  /** What it holds of a server: also who answers questions about names, as long as there is a connection. */
  get attachment(): Attachment | undefined {
    return this.#attachment;
  }

  /** True from the asking for a run to its end. */
  get isRunning(): boolean {
    return this.#result !== undefined;
  }

  /** True while it runs, and while a frame of an interact is shown like a run. */
  get isActive(): boolean {
    return this.isRunning || (this.#frame !== undefined && this.isSlow);
  }

  /** True once the present run takes long enough to be shown as running. */
  get isSlow(): boolean {
    return this.#stopwatch.isSlow;
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
    return this.#stopwatch.text(strings);
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
    return ready === undefined || this.isActive ? undefined : this.#attach(ready).recall(place);
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
    for (const { output, frame } of record.outputs) this.#put(output, frame);
    record.follow(
      this.#observer((ended) => {
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
    this.#retries = 0;
    this.#hasPutOut = false;
    this.#stopwatch.start();
    return result;
  }

  /** Asks the run to stop; asked again after it did not react, ends its process and with it its session. */
  stop(): void {
    if (!this.isActive) return;
    const execution = this.#execution ?? this.#frame?.execution;
    if (execution === undefined) {
      this.#ended({ ...NOTHING_RAN, status: 'interrupted' });
      return;
    }
    if (this.stopping === 'ignored') {
      execution.kill();
      return;
    }
    if (this.stopping === 'asked') return;
    this.stopping = 'asked';
    this.#stopTimer = setTimeout(() => {
      this.stopping = 'ignored';
      this.host.requestUpdate();
    }, loadedBackstage()?.interruptGraceMs);
    execution.interrupt();
    this.host.requestUpdate();
  }

  /** The reader's answer to a question of the code. */
  answer(text: string): void {
    this.#execution?.answer(text);
    this.#record?.answered(text);
  }

  /** A reader who waits wants to know how long at most; who need not wait is not asked about. */
  #askTimeLeft(): void {
    const execution = this.#execution ?? this.#frame?.execution;
    const client = this.#attachment?.online;
    if (execution === undefined || client === undefined || this.status !== 'running') return;
    client.remaining(execution).then(
      ({ wallMs }) => {
        if ((this.#execution ?? this.#frame?.execution) === execution && wallMs !== undefined)
          this.#stopwatch.isLeft(wallMs);
      },
      // Then nothing is said about it.
      () => undefined,
    );
  }

  /** Ends the session, so that its next run starts afresh. Without a session there is nothing to end. */
  restart(): void {
    const session = this.#attachment?.session;
    if (session === undefined) return;
    session.close();
    this.notice = '';
    if (!this.isActive) {
      this.summary = this.host.strings.restarted;
      this.#become('idle');
    }
  }

  frameBegan(execution: Execution): void {
    if (this.isRunning || this.#frame) return;
    this.#frame = { execution, before: this.status };
    this.#stopwatch.start();
  }

  frameEnded(execution: Execution): void {
    if (this.#frame?.execution !== execution) return;
    const { before } = this.#frame;
    this.#frame = undefined;
    this.#calm();
    this.#become(before);
  }

  framed(interact: InteractId, view: string, outputs: readonly RecordedOutput[]): void {
    this.#record?.framed(interact, view, outputs);
  }

  /** Ends the session that this cell shares with nobody, if it has one and nothing runs there. */
  closePrivate(): void {
    if (!this.isRunning) this.#attachment?.closePrivate();
  }

  #attach(ready: Backstage): Attachment {
    this.#attachment ??= new ready.Attachment(ready, (end) => {
      this.#sessionEnded(end);
    });
    return this.#attachment;
  }

  #begin(ready: Backstage, request: RunRequest): void {
    const attachment = this.#attach(ready);
    this.#become(attachment.attach(request).isOnline ? 'queued' : 'connecting');
    const observer = this.#observer((result) => {
      const isWaste = !this.#hasPutOut && this.stopping === 'no';
      const wait = isWaste ? ready.waitForRoom(result, this.#retries) : undefined;
      if (wait === undefined) this.#ended(result);
      else this.#beginIn(wait, ready, request);
    });
    const begun = attachment.execute(request, observer, (failure) => {
      this.#setupFailure = this.host.strings.setupFailed(failure);
    });
    this.#execution = begun.execution;
    this.#record = begun.record;
  }

  #observer(done: (result: ExecutionResult) => void): ExecutionObserver {
    return {
      status: (state, position) => {
        if (state === 'running' && this.status !== 'running') this.#stopwatch.begun();
        this.#position = position;
        this.#become(state);
        if (this.isSlow) this.#askTimeLeft();
      },
      output: (output, frame) => {
        this.#put(output, frame);
      },
      restarted: () => {
        this.listener.runRestarted();
      },
      done,
    };
  }

  #put(output: Output, frame?: InteractId): void {
    // Stopping is what the reader asked for; the exception that does it is not news.
    if (output.kind === 'error' && output.name === 'KeyboardInterrupt' && this.stopping !== 'no') return;
    this.#hasPutOut = true;
    if (output.kind === 'error') {
      const { name, message, line } = output;
      this.listener.runFailed({ kind: 'code', name, message, ...(line !== undefined && { line }) });
    }
    this.listener.outputCame(output, frame);
  }

  /** The server had no room and nothing ran: then a moment's wait is better than a message. */
  #beginIn(waitMs: number, ready: Backstage, request: RunRequest): void {
    this.#retries += 1;
    this.#execution = undefined;
    this.#position = undefined;
    this.#become('queued');
    this.#retryTimer = setTimeout(() => {
      this.#begin(ready, request);
    }, waitMs);
  }

  #sessionEnded({ reason, message }: SessionEnd): void {
    const { strings } = this.host;
    if (reason === 'closed' || reason === 'refused' || this.status === 'idle') return;
    this.summary = strings.dead;
    this.notice = `${message} ${strings.deadHelp}`.trim();
    if (!this.isActive) this.#become('dead');
  }

  #ended(result: ExecutionResult): void {
    this.#calm();
    clearTimeout(this.#retryTimer);
    const resolve = this.#resolve;
    this.#execution = undefined;
    this.#result = undefined;
    this.#showEnd(result);
    this.listener.runDone(result);
    resolve?.(result);
  }

  #calm(): void {
    this.#stopwatch.stop();
    clearTimeout(this.#stopTimer);
    this.stopping = 'no';
  }

  #showEnd(result: ExecutionResult): void {
    const { strings } = this.host;
    const { status, summary, notice, failure } = runEnd(result, this.#attachment?.isShared ?? false, strings);
    this.wasStopped = result.status === 'interrupted';
    this.summary = summary;
    this.notice = `${this.#setupFailure} ${notice === '' ? this.notice : notice}`.trim();
    if (failure !== undefined) {
      this.listener.runFailed({
        kind: 'system',
        name: result.error?.code ?? result.status,
        message: failure,
      });
    }
    this.#become(status);
  }

  #become(status: CellStatus): void {
    const previous = this.status;
    this.status = status;
    this.host.requestUpdate();
    if (status !== previous) this.listener.statusChanged(status, previous);
  }
}
