/** The element: its attributes, its life in the page and its frame; the rest is in code view, output view and run. */
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import type { Language, Output } from '../relay/protocol/index.js';
import { announce, openAnnouncer } from './announcer.js';
import { CodeView } from './code-view.js';
import {
  SageDoneEvent,
  SageErrorEvent,
  SageOutputEvent,
  SageRunEvent,
  SageStatusEvent,
  type CellFailure,
  type CellStatus,
} from './events.js';
import { runIcon, statusIcons, stopIcon, stoppedIcon } from './icons.js';
import { lightSource, watchLightSource } from './light-source.js';
import { OutputView } from './output-view.js';
import { RunController, prepareRuns, type RunHost } from './run-controller.js';
import type { ExecutionResult } from './session/execution.js';
import { choice, resolveServer } from './settings.js';
import { dedent } from './source-text.js';
import { duration, strings } from './strings.js';
import { cell } from './styles/cell.styles.js';
import { code } from './styles/code.styles.js';
import { output } from './styles/output.styles.js';
import { tokens } from './styles/tokens.styles.js';

const LANGUAGES: readonly [Language, ...Language[]] = ['sage', 'python'];
const HINT_ID = 'hint';

/**
 * @summary A piece of Sage code that a reader can change and run.
 *
 * The code is the text inside the element, or that of a `<pre>`, `<script type="text/x-sage">` or `<textarea>` in
 * it. It can be read at once; the editor comes when the reader turns to it, the connection with the first run.
 *
 * @slot - The code. It is never shown itself: what is shown is made of its text.
 *
 * @event {SageRunEvent} sage-run - A run began.
 * @event {SageOutputEvent} sage-output - One increment of output came.
 * @event {SageDoneEvent} sage-done - The run ended, well or not; exactly one for each `sage-run`.
 * @event {SageStatusEvent} sage-status - The status changed.
 * @event {SageErrorEvent} sage-error - The code raised an exception, or could not be run.
 *
 * @attr {string} session - Cells of a page with the same name here share their variables.
 * @attr {string} server - Address of the server. Default: where the script was loaded from.
 * @attr {'sage' | 'python'} language - Language of the code. Default: `sage`.
 * @attr {boolean} readonly - The code can be run but not changed.
 * @attr {boolean} autorun - Runs once as soon as the page is there.
 * @attr {string} label - Name of the cell for those who cannot see it.
 *
 * @csspart cell - The frame around everything.
 * @csspart editor - The code.
 * @csspart toolbar - Buttons and status.
 * @csspart run - The Run button.
 * @csspart stop - The Stop button.
 * @csspart status - What the cell is doing, or how the last run ended.
 * @csspart output - Everything the run put out.
 * @csspart stdout - Text written to standard output.
 * @csspart stderr - Text written to standard error.
 * @csspart error - An exception.
 * @csspart image - A picture in the output.
 * @csspart media - A player of sound or film in the output.
 * @csspart file - A file to save.
 * @csspart prompt - A question of the code and the line to answer it.
 * @csspart notice - What went wrong with the server.
 *
 * @cssproperty --sage-surface - Background of the cell.
 * @cssproperty --sage-code-surface - Background of the code and the toolbar.
 * @cssproperty --sage-text - Colour of text.
 * @cssproperty --sage-muted - Colour of what matters less.
 * @cssproperty --sage-border - Colour of lines.
 * @cssproperty --sage-accent - Colour of the Run button.
 * @cssproperty --sage-on-accent - Colour of the text on the Run button.
 * @cssproperty --sage-error - Colour of errors.
 * @cssproperty --sage-radius - Radius of corners.
 * @cssproperty --sage-margin - Space above and below the cell.
 * @cssproperty --sage-font-ui - Font of buttons and status.
 * @cssproperty --sage-font-mono - Font of code and text output.
 * @cssproperty --sage-font-size - Size everything else follows.
 * @cssproperty --sage-code-font-size - Size of code and text output.
 * @cssproperty --sage-output-max-height - Height from which output scrolls.
 *
 * @cssstate idle - Not run yet.
 * @cssstate connecting - Waits for the server.
 * @cssstate queued - Waits for a worker.
 * @cssstate running - Runs.
 * @cssstate done - Ran to its end, or was stopped by the reader.
 * @cssstate error - Raised an exception, or could not be run.
 * @cssstate dead - Its session and the variables in it are gone.
 */
export class SageCell extends LitElement implements RunHost {
  static override styles = [tokens, cell, code, output];

  /** Cells of a page with the same name here share their variables; without one each run starts afresh. */
  @property() session: string | null = null;

  /** Address of the server. @default where the script was loaded from, else the origin of the page */
  @property() server: string | null = null;

  /** Language of the code, `sage` or `python`. @default 'sage' */
  @property() language: string | null = null;

  /** The code can be run but not changed. */
  @property({ type: Boolean, attribute: 'readonly' }) readOnly = false;

  /** Runs once as soon as the page is there. */
  @property({ type: Boolean }) autorun = false;

  /** Name of the cell for those who cannot see it. */
  @property() label: string | null = null;

  readonly #run = new RunController(this);
  readonly #internals = this.attachInternals();
  #codeView: CodeView | undefined;
  #outputView: OutputView | undefined;
  #unwatch: (() => void) | undefined;
  #closeAnnouncer: (() => void) | undefined;
  /** Code a reader or a script gave; from then on the children of the element do not matter. */
  #isEdited = false;
  #code = '';
  #hasAutorun = false;
  #failureText = '';

  /** The code as it now stands in the cell. */
  get code(): string {
    if (!this.#isEdited) return lightSource(this);
    return this.#code;
  }

  set code(value: string) {
    this.#isEdited = true;
    this.#showCode(dedent(value));
  }

  /** What the cell is doing, or how the last run ended; also the attribute `status` and the CSS state. */
  get status(): CellStatus {
    return this.#run.status;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (!this.hasAttribute('status')) this.#reflect(this.status, undefined);
    this.#unwatch = watchLightSource(this, (code) => {
      if (!this.#isEdited) this.#showCode(code);
    });
    if (!this.#isEdited) this.#showCode(lightSource(this));
    this.#outputView?.resume();
    if (this.#run.isActive) this.#closeAnnouncer ??= openAnnouncer();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#outputView?.suspend();
    this.#closeAnnouncer?.();
    this.#closeAnnouncer = undefined;
  }

  /** Runs the code, or joins the run under way. The promise tells how it ended and is never rejected. */
  run(): Promise<ExecutionResult> {
    const code = this.code;
    if (!this.#run.isActive) {
      this.#failureText = '';
      this.#closeAnnouncer ??= openAnnouncer();
      this.#views.codeView.markLine(undefined);
      this.#views.outputView.begin();
      this.dispatchEvent(new SageRunEvent(code));
    }
    return this.#run.run({
      code,
      server: resolveServer(this.server),
      session: this.session === null || this.session === '' ? undefined : this.session,
      language: choice('language', this.language, LANGUAGES),
    });
  }

  /** Asks the run to stop. Asked again after the code did not react, ends its process and its session. */
  stop(): void {
    this.#run.stop();
  }

  /** Focuses the code. */
  override focus(): void {
    this.#views.codeView.focus();
  }

  /** @internal */
  statusChanged(status: CellStatus, previous: CellStatus): void {
    this.#reflect(status, previous);
    this.dispatchEvent(new SageStatusEvent(status, previous));
  }

  /** @internal */
  outputCame(increment: Output): void {
    if (increment.kind === 'error') this.#views.codeView.markLine(increment.line);
    if (increment.kind === 'clear') this.#views.codeView.markLine(undefined);
    this.#views.outputView.add(increment);
    this.dispatchEvent(new SageOutputEvent(increment));
  }

  /** @internal */
  runRestarted(): void {
    this.#views.codeView.markLine(undefined);
    this.#views.outputView.restart();
  }

  /** @internal */
  runFailed(failure: CellFailure): void {
    this.#failureText = failure.kind === 'code' ? `${failure.name}: ${failure.message}` : failure.message;
    this.dispatchEvent(new SageErrorEvent(failure));
  }

  /** @internal */
  runDone(result: ExecutionResult): void {
    const { outputView } = this.#views;
    void outputView.finish();
    // The Stop button disappears with the run; the focus must not.
    if (this.shadowRoot?.activeElement?.matches('.stop') ?? false) {
      this.shadowRoot?.querySelector<HTMLElement>('.run')?.focus();
    }
    const sentence =
      this.#failureText === ''
        ? strings.announceDone(duration(result.wallMs), outputView.lineCount)
        : strings.announceError(this.#failureText);
    announce(sentence);
    this.dispatchEvent(new SageDoneEvent(result));
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('language')) choice('language', this.language, LANGUAGES);
    const { codeView } = this.#views;
    if (changed.has('readOnly')) codeView.isReadonly = this.readOnly;
    if (changed.has('label')) codeView.label = this.label ?? strings.code;
  }

  protected override firstUpdated(): void {
    if (document.readyState === 'loading') {
      // The rest of the children may still be on the way.
      document.addEventListener(
        'DOMContentLoaded',
        () => {
          this.#runByItself();
        },
        { once: true },
      );
    } else {
      this.#runByItself();
    }
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('autorun') && this.hasUpdated && document.readyState !== 'loading') this.#runByItself();
  }

  protected override render(): TemplateResult {
    const { codeView, outputView } = this.#views;
    const run = this.#run;
    const isSlow = run.isActive && run.isSlow;
    const classes = [
      'cell',
      `is-${run.isActive ? 'active' : run.status}`,
      isSlow ? 'is-slow' : '',
      outputView.node.childElementCount > 0 ? 'has-output' : '',
    ].join(' ');
    return html`
      <div class=${classes} part="cell" role="group" aria-label=${this.label ?? strings.cell}>
        ${codeView.node}
        <div class="toolbar" part="toolbar">
          <button
            class="button run"
            part="run"
            type="button"
            aria-disabled=${run.isActive ? 'true' : 'false'}
            @click=${this.#runClicked}
            @pointerenter=${this.#prepare}
            @focus=${this.#prepare}
          >
            ${runIcon}${strings.run}
          </button>
          <button class="button stop" part="stop" type="button" @click=${this.#stopClicked}>
            ${stopIcon}${run.stopping === 'ignored' ? strings.forceStop : strings.stop}
          </button>
          ${this.#renderStatus(isSlow)}
        </div>
        ${outputView.node} ${run.notice !== '' && !run.isActive ? this.#renderNotice() : nothing}
        <span id=${HINT_ID} hidden>${strings.editorHint}</span>
      </div>
    `;
  }

  #renderStatus(isSlow: boolean): TemplateResult {
    const { text, status, isActive, wasStopped } = this.#run;
    if (text === '') {
      return html`<span class="status" part="status">
        ${status === 'idle' ? html`<span class="shortcut">${strings.shortcut}</span>` : nothing}
      </span>`;
    }
    const icon = isActive || !wasStopped ? statusIcons[status] : stoppedIcon;
    return html`<span class="status" part="status"
      >${isActive && !isSlow ? nothing : icon}<span class="status-text">${text}</span></span
    >`;
  }

  #renderNotice(): TemplateResult {
    return html`<div class="notice" part="notice">
      <p>${this.#run.notice}</p>
      ${
        this.status === 'dead'
          ? html`<button class="button again" type="button" @click=${this.#runClicked}>
              ${runIcon}${strings.runAgain}
            </button>`
          : nothing
      }
    </div>`;
  }

  /** A run will likely follow: what it needs should be there by then. */
  readonly #prepare = (): void => {
    // A failure shows when it matters, at the run.
    prepareRuns().catch(() => undefined);
  };

  readonly #runClicked = (): void => {
    void this.run();
  };

  readonly #stopClicked = (): void => {
    this.stop();
  };

  get #views(): { codeView: CodeView; outputView: OutputView } {
    // A script may give code to an element that is in no page yet.
    const root = ((this as { renderRoot?: unknown }).renderRoot ??= this.createRenderRoot()) as ShadowRoot;
    this.#codeView ??= new CodeView(
      root,
      {
        codeChanged: (code) => {
          this.#isEdited = true;
          this.#code = code;
        },
        attended: this.#prepare,
        runAsked: () => {
          void this.run();
        },
        complete: (before) => this.#run.complete(before),
      },
      HINT_ID,
    );
    this.#outputView ??= this.#makeOutputView(root);
    return { codeView: this.#codeView, outputView: this.#outputView };
  }

  #makeOutputView(root: ShadowRoot): OutputView {
    const view = new OutputView(root, {
      goToLine: (line) => {
        void this.#views.codeView.goToLine(line);
      },
      answered: (text) => {
        this.#run.answer(text);
      },
      asked: (question) => {
        announce(strings.asked(question));
        return this.matches(':focus-within');
      },
      changed: () => {
        this.requestUpdate();
      },
    });
    if (this.isConnected) view.resume();
    return view;
  }

  #showCode(code: string): void {
    this.#code = code;
    this.#views.codeView.code = code;
  }

  #runByItself(): void {
    if (!this.autorun || this.#hasAutorun || !this.isConnected) return;
    this.#hasAutorun = true;
    void this.run();
  }

  #reflect(status: CellStatus, previous: CellStatus | undefined): void {
    this.setAttribute('status', status);
    try {
      if (previous !== undefined) this.#internals.states.delete(previous);
      this.#internals.states.add(status);
    } catch {
      // Browsers of before 2024 know custom states only by another spelling; the attribute says the same.
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sage-cell': SageCell;
  }
}
