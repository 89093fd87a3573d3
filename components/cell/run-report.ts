/** What becomes of a run, as the cell shows it, a screen reader says it, and the page is told it. */
import type { InteractId, Output } from '../../relay/protocol/index.js';
import { announce, openAnnouncer } from '../announcer.js';
import {
  SageDoneEvent,
  SageErrorEvent,
  SageOutputEvent,
  SageRunEvent,
  SageStatusEvent,
  type CellFailure,
  type CellStatus,
} from '../events.js';
import type { RunListener } from '../run/run-request.js';
import type { ExecutionResult } from '../session/execution.js';
import { duration } from '../strings/duration.js';
import type { Strings } from '../strings/index.js';
import type { CellCode } from './cell-code.js';
import type { CellOutput } from './cell-output.js';
import type { CustomStates } from './custom-states.js';

/** Reports the runs of one cell. */
export class RunReport implements RunListener {
  /** True if the last run came to nothing for want of a server; what was there before it stays. */
  wasNotLive = false;
  #hasPutOut = false;
  #failureText = '';
  #closeAnnouncer: (() => void) | undefined;

  constructor(
    readonly host: HTMLElement & { readonly strings: Strings },
    readonly parts: { readonly code: CellCode; readonly output: CellOutput; readonly states: CustomStates },
  ) {}

  /** A run of that code was asked for. */
  begins(code: string): void {
    this.#failureText = '';
    this.#hasPutOut = false;
    this.listen();
    this.parts.code.markLine(undefined);
    this.parts.output.view?.begin();
    this.host.dispatchEvent(new SageRunEvent(code));
  }

  /** Keeps the page's live region open for what is said of a run. */
  listen(): void {
    this.#closeAnnouncer ??= openAnnouncer();
  }

  /** The cell left the page. */
  close(): void {
    this.#closeAnnouncer?.();
    this.#closeAnnouncer = undefined;
  }

  /** Shows the status as attribute and CSS state. */
  reflect(status: CellStatus, previous?: CellStatus): void {
    this.host.setAttribute('status', status);
    if (previous !== undefined) this.parts.states.toggle(previous, false);
    this.parts.states.toggle(status, true);
  }

  statusChanged(status: CellStatus, previous: CellStatus): void {
    this.reflect(status, previous);
    this.host.dispatchEvent(new SageStatusEvent(status, previous));
  }

  outputCame(increment: Output, frame?: InteractId): void {
    const { code, output } = this.parts;
    if (increment.kind === 'error') code.markLine(increment.line);
    if (increment.kind === 'clear') code.markLine(undefined);
    this.#hasPutOut = true;
    output.view?.add(increment, frame);
    this.host.dispatchEvent(new SageOutputEvent(increment, frame));
  }

  runRestarted(): void {
    this.parts.code.markLine(undefined);
    this.parts.output.view?.restart();
  }

  runFailed(failure: CellFailure): void {
    this.#failureText = failure.kind === 'code' ? `${failure.name}: ${failure.message}` : failure.message;
    this.host.dispatchEvent(new SageErrorEvent(failure));
  }

  runDone(result: ExecutionResult): void {
    const { strings, shadowRoot } = this.host;
    const { view } = this.parts.output;
    this.wasNotLive = result.status === 'lost' && !this.#hasPutOut;
    if (this.wasNotLive) view?.keep();
    else void view?.finish();
    // The Stop button disappears with the run; the focus must not.
    if (shadowRoot?.activeElement?.matches('.stop') ?? false) {
      shadowRoot?.querySelector<HTMLElement>('.run')?.focus();
    }
    announce(
      this.#failureText === ''
        ? strings.announceDone(duration(result.wallMs, strings), view?.lineCount ?? 0)
        : strings.announceError(this.#failureText),
    );
    this.host.dispatchEvent(new SageDoneEvent(result));
  }
}
