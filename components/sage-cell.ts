/** The element: its attributes, its life in the page and its frame; code, output and runs are beside it. */
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import type { Output } from '../relay/protocol/index.js';
import { announce, openAnnouncer } from './announcer.js';
import { actionsNow, toggleFullScreen } from './cell/actions.js';
import { CellAttributesElement } from './cell/attributes.js';
import { CustomStates } from './cell/custom-states.js';
import { renderFold, renderNotice, renderStored } from './cell/panels.js';
import { SessionMembership } from './cell/session-membership.js';
import { Words } from './cell/words.js';
import { copyText } from './clipboard.js';
import { CellSource } from './code/cell-source.js';
import type { Cursor } from './code/code-editor.js';
import { CodeView } from './code/code-view.js';
import {
  SageDoneEvent,
  SageEditEvent,
  SageErrorEvent,
  SageOutputEvent,
  SageRunEvent,
  SageStatusEvent,
  type CellFailure,
  type CellStatus,
} from './events.js';
import { LANGUAGE_NAMES, isPythonic, type LanguageName } from './languages.js';
import { readOptions, type CellOptions } from './options.js';
import type { OutputView } from './output/output-view.js';
import { hasStoredOutput } from './output/stored-output.js';
import { warn, watchDefaults } from './page-defaults.js';
import { loadedBackstage, prepareRuns } from './run/backstage.js';
import { recallRun } from './run/recall.js';
import { RunController, type RunHost, type RunPlace } from './run/run-controller.js';
import { runInOrder, type CellOfSession } from './run/session-cells.js';
import type { ExecutionResult } from './session/execution.js';
import { duration } from './strings/duration.js';
import type { Strings } from './strings/index.js';
import { cell } from './styles/cell.styles.js';
import { code } from './styles/code.styles.js';
import { controls } from './styles/controls.styles.js';
import { tokens } from './styles/tokens.styles.js';
import { renderToolbar, type ActionName } from './toolbar.js';

const HINT_ID = 'hint';

/**
 * @summary A piece of Sage code that a reader can change and run.
 *
 * The code is the text inside the element, or that of a `<pre>`, `<script type="text/x-sage">` or `<textarea>` in
 * it. It can be read at once; the editor comes when the reader turns to it, the connection with the first run.
 * Every attribute that says so can be given once for the whole page, by `<sage-config>` or `window.sageEmbed`.
 *
 * @slot - The code. It is never shown itself: what is shown is made of its text.
 * @slot output - Output stored with the page, or a `<template>` of it: shown before the first run and when there is no server.
 * @slot run - A button in the place of Run.
 * @slot stop - A button in the place of Stop.
 * @slot reset - A button that brings the author's code back.
 * @slot copy - A button that copies the code.
 * @slot clear - A button that removes the output.
 * @slot restart - A button that ends the session and its variables.
 * @slot fullscreen - A button that shows the cell alone on the screen.
 * @slot toolbar - More for the row of buttons.
 *
 * @event {SageRunEvent} sage-run - A run began.
 * @event {SageOutputEvent} sage-output - One increment of output came.
 * @event {SageDoneEvent} sage-done - The run ended, well or not; exactly one for each `sage-run`.
 * @event {SageStatusEvent} sage-status - The status changed.
 * @event {SageEditEvent} sage-edit - The reader changed the code.
 * @event {SageErrorEvent} sage-error - The code raised an exception, or could not be run.
 *
 * @attr {string} session - Cells of a page with the same name here share their variables.
 * @attr {string} server - Address of the server. Default: where the script was loaded from.
 * @attr {string} key - Public key of the embedding site, where the server asks for one.
 * @attr {string} language - Language of the code: `sage` (default), `python`, `gap`, `gp`, `maxima`, `singular`, `r`, `octave`, `macaulay2`, `cython`, `sh`, `md`, `html` or `latex`.
 * @attr {string} languages - Languages the reader may choose from: `"sage python gap"`.
 * @attr {string} src - Address of the code, if it is not in the element. Code of another site never runs by itself.
 * @attr {boolean} setup - The cell is not shown; its code runs first in its session.
 * @attr {boolean} readonly - The code can be run but not changed.
 * @attr {boolean} autorun - Runs once as soon as the page is there.
 * @attr {boolean} persist - What the reader changes is kept in the reader's browser, by page and cell.
 * @attr {boolean} collapsed - The code is folded away behind a button.
 * @attr {string} hide - What is left out: any of `editor output toolbar run stop status menu copy reset clear restart fullscreen`.
 * @attr {number} lines - Least number of lines the code is high.
 * @attr {number} max-lines - Lines from which the code scrolls.
 * @attr {boolean} line-numbers - Numbers before the lines.
 * @attr {string} evaluate-key - Key that runs: `shift-enter` (default; Ctrl and Enter too), `ctrl-enter`, `enter` (then Shift and Enter makes a line).
 * @attr {string} editor - `codemirror` (default) or `textarea`, a plain text field.
 * @attr {boolean} typeset - Values are shown as typeset formulas.
 * @attr {string} theme - `light` or `dark`, whatever the page is. Default: `auto`, by the `color-scheme` of its place.
 * @attr {string} cache - `off`: the server computes afresh instead of answering from its store. Default: `on`.
 * @attr {number} time-limit - Seconds the code may run; the server's own limit holds too.
 * @attr {string} output-trust - `isolated` (default), or `page`: markup and scripts of outputs become part of the page and can do all it can.
 * @attr {string} label - Name of the cell for those who cannot see it.
 * @attr {string} lang - Language of the buttons: `en`, `de`, `es`, `fr` or `zh`. Default: that of the page.
 *
 * @csspart cell - The frame around everything.
 * @csspart editor - The code.
 * @csspart fold - The button that shows and hides folded code.
 * @csspart toolbar - Buttons and status.
 * @csspart run - The Run button.
 * @csspart stop - The Stop button.
 * @csspart language - The choice of languages.
 * @csspart more - The button that opens the menu.
 * @csspart menu - The menu.
 * @csspart menu-item - A line of the menu.
 * @csspart status - What the cell is doing, or how the last run ended.
 * @csspart output - Everything the run put out.
 * @csspart stored - The output stored with the page.
 * @csspart stdout - Text written to standard output.
 * @csspart stderr - Text written to standard error.
 * @csspart error - An exception.
 * @csspart image - A picture in the output.
 * @csspart media - A player of sound or film in the output.
 * @csspart frame - The frame of an output with scripts.
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
 * @cssstate edited - The code is not the author's any more.
 */
export class SageCell extends CellAttributesElement implements RunHost, CellOfSession {
  static override styles = [tokens, cell, controls, code];

  /** @internal The words of its language. */
  get strings(): Strings {
    return this.#words.strings;
  }

  /** What the last action did, for the status line. */
  @state() private said = '';

  readonly #words = new Words(this);
  readonly #run = new RunController(this);
  readonly #membership = new SessionMembership(this);
  readonly #source = new CellSource(this, {
    codeCame: (text) => {
      this.#codeView.code = text;
      this.#reflectEdited();
    },
    sourceFailed: (address) => {
      this.#sourceFailure = this.strings.sourceFailed(address);
      this.requestUpdate();
    },
  });
  readonly #states = new CustomStates(this);
  readonly #outputNode = document.createElement('div');
  #options: CellOptions | undefined;
  #codeViewMade: CodeView | undefined;
  #outputView: OutputView | undefined;
  #undo: (() => void)[] = [];
  #closeAnnouncer: (() => void) | undefined;
  #chosenLanguage: LanguageName | undefined;
  #isUnfolded = false;
  #hasAutorun = false;
  /** While it is looked after what ran here before the page was loaded again. */
  #isRecalling = false;
  #wasNotLive = false;
  #hasRun = false;
  #failureText = '';
  #sourceFailure = '';

  constructor() {
    super();
    this.#outputNode.className = 'output';
    this.#outputNode.setAttribute('part', 'output');
  }

  /** The code as it now stands in the cell. */
  get code(): string {
    return this.#source.code;
  }

  set code(value: string) {
    this.#source.code = value;
  }

  /** What the cell is doing, or how the last run ended; also the attribute `status` and the CSS state. */
  get status(): CellStatus {
    return this.#run.status;
  }

  static override get observedAttributes(): string[] {
    return [...super.observedAttributes, 'lang'];
  }

  override attributeChangedCallback(name: string, before: string | null, value: string | null): void {
    if (name === 'lang') this.#words.learn();
    else super.attributeChangedCallback(name, before, value);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (!this.hasAttribute('status')) this.#reflect(this.status, undefined);
    this.#source.connect();
    this.#undo.push(
      watchDefaults(() => {
        this.requestUpdate();
      }),
    );
    this.#membership.enter(readOptions(this));
    this.#outputView?.resume();
    if (this.#run.isActive) this.#closeAnnouncer ??= openAnnouncer();
    // An ancestor with another language may be around it now.
    this.#words.learn();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#source.disconnect();
    for (const undo of this.#undo.splice(0)) undo();
    this.#membership.leave();
    this.#outputView?.suspend();
    this.#closeAnnouncer?.();
    this.#closeAnnouncer = undefined;
  }

  /** Runs the code, or joins the run under way. The promise tells how it ended and is never rejected. */
  run(): Promise<ExecutionResult> {
    const text = this.code;
    const options = readOptions(this);
    if (!this.#run.isActive) this.#runBegins(text);
    return this.#run.run({
      ...this.#place(options),
      code: text,
      language: this.#languageOf(options),
      mayCache: options.mayCache,
      isTypeset: options.isTypeset,
      timeLimitMs: options.timeLimitMs,
      setup: this.setup ? [] : this.#membership.setup(options),
    });
  }

  /** Asks the run to stop. Asked again after the code did not react, ends its process and its session. */
  stop(): void {
    this.#run.stop();
  }

  /** Brings the author's code back. */
  reset(): void {
    this.#source.reset();
    this.said = this.strings.wasReset;
  }

  /** Removes the output. */
  clear(): void {
    this.#codeView.markLine(undefined);
    this.#outputView?.clear();
  }

  /** Ends the session and its variables; the next run of any of its cells begins a new one. */
  restart(): void {
    this.#run.restart();
  }

  /** Copies the code. @returns false if the browser or the page forbids it */
  async copy(): Promise<boolean> {
    return this.#copied(await copyText(this.code));
  }

  /** Runs the cells of this session one after another, up to the first that fails. @returns true if none did */
  runAll(): Promise<boolean> {
    return runInOrder(this.#membership.all);
  }

  /** Runs the cells of this session that come before this one, up to the first that fails. @returns true if none did */
  runAbove(): Promise<boolean> {
    return runInOrder(this.#membership.above);
  }

  /** Focuses the code. */
  override focus(): void {
    this.#codeView.focus();
  }

  /** Focuses the code, with the cursor at its beginning or end. */
  focusAt(edge: 'start' | 'end'): Promise<void> {
    return this.#codeView.goToEdge(edge);
  }

  /** Where the reader is in the code; `undefined` while the focus is elsewhere. */
  get cursor(): Cursor | undefined {
    return this.#codeView.cursor;
  }

  /** Shows outputs of an earlier run in the place of those there are; none removes them. */
  async showOutputs(outputs: readonly Output[]): Promise<void> {
    if (outputs.length === 0) {
      this.clear();
      return;
    }
    await prepareRuns();
    const view = this.#output();
    if (view === undefined || this.#run.isActive) return;
    view.clear();
    for (const output of outputs) view.add(output);
    await view.finish();
  }

  #runBegins(code: string): void {
    this.said = '';
    this.#failureText = '';
    this.#hasRun = false;
    this.#closeAnnouncer ??= openAnnouncer();
    this.#codeView.markLine(undefined);
    this.#output()?.begin();
    this.dispatchEvent(new SageRunEvent(code));
  }

  /** @internal */
  statusChanged(status: CellStatus, previous: CellStatus): void {
    this.#reflect(status, previous);
    this.dispatchEvent(new SageStatusEvent(status, previous));
  }

  /** @internal */
  outputCame(increment: Output): void {
    if (increment.kind === 'error') this.#codeView.markLine(increment.line);
    if (increment.kind === 'clear') this.#codeView.markLine(undefined);
    this.#hasRun = true;
    this.#output()?.add(increment);
    this.dispatchEvent(new SageOutputEvent(increment));
  }

  /** @internal */
  runRestarted(): void {
    this.#codeView.markLine(undefined);
    this.#output()?.restart();
  }

  /** @internal */
  runFailed(failure: CellFailure): void {
    this.#failureText = failure.kind === 'code' ? `${failure.name}: ${failure.message}` : failure.message;
    this.dispatchEvent(new SageErrorEvent(failure));
  }

  /** @internal */
  runDone(result: ExecutionResult): void {
    const view = this.#output();
    this.#wasNotLive = result.status === 'lost' && !this.#hasRun;
    if (this.#wasNotLive) view?.keep();
    else void view?.finish();
    // The Stop button disappears with the run; the focus must not.
    if (this.shadowRoot?.activeElement?.matches('.stop') ?? false) {
      this.shadowRoot?.querySelector<HTMLElement>('.run')?.focus();
    }
    const sentence =
      this.#failureText === ''
        ? this.strings.announceDone(duration(result.wallMs, this.strings), view?.lineCount ?? 0)
        : this.strings.announceError(this.#failureText);
    announce(sentence);
    this.dispatchEvent(new SageDoneEvent(result));
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const options = readOptions(this);
    this.#options = options;
    if (changed.has('src') && (this.src !== null || this.hasUpdated)) {
      this.#sourceFailure = '';
      void this.#source.load(this.src).then(() => {
        this.#runByItself();
      });
    }
    if (this.setup && options.session === undefined) warn('a cell with setup needs a session to prepare.');
    this.#source.keepAs(options.isPersistent ? this.#name() : undefined);
    this.#membership.enter(options);
    this.#codeView.configure({
      label: this.label ?? this.strings.code,
      isReadonly: options.isReadonly,
      isPythonic: isPythonic(this.#languageOf(options)),
      hasLineNumbers: options.hasLineNumbers,
      lines: options.lines,
      maxLines: options.maxLines,
      evaluateKey: options.evaluateKey,
      editor: options.editor,
    });
  }

  protected override firstUpdated(): void {
    if (document.readyState === 'loading') {
      // The rest of the children may still be on the way.
      document.addEventListener(
        'DOMContentLoaded',
        () => {
          this.requestUpdate();
          void this.#recall();
        },
        { once: true },
      );
    } else {
      void this.#recall();
    }
  }

  async #recall(): Promise<void> {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- for the getters, which have a `this` of their own
    const cell = this;
    const host = {
      get isConnected() {
        return cell.isConnected;
      },
      get place() {
        return cell.#place(readOptions(cell));
      },
      showCode: (code: string, language: LanguageName) => {
        if (code !== this.code) this.code = code;
        this.#chosenLanguage = language;
      },
      showOutputs: (outputs: readonly Output[]) => this.showOutputs(outputs),
      runBegins: (code: string) => {
        this.#runBegins(code);
      },
    };
    this.#isRecalling = true;
    if (await recallRun(host, this.#run)) this.#hasAutorun = true;
    this.#isRecalling = false;
    this.#runByItself();
  }

  /** Cells of a worksheet, whose outputs are the worksheet's to keep, have no name of their own. */
  #place({ server, session, key }: CellOptions): RunPlace {
    const isAlone = this.getRootNode() === document && !this.setup;
    return { server, session, key, cell: isAlone ? this.#name() : undefined };
  }

  protected override updated(): void {
    if (this.hasUpdated && document.readyState !== 'loading') this.#runByItself();
  }

  protected override render(): TemplateResult {
    const { strings } = this;
    const options = (this.#options ??= readOptions(this));
    const run = this.#run;
    const isSlow = run.isActive && run.isSlow;
    const isFolded = options.isCollapsed && !this.#isUnfolded;
    const hasLive = this.#outputNode.childElementCount > 0;
    const showsStored = !hasLive && hasStoredOutput(this);
    const classes = [
      'cell',
      `is-${run.isActive ? 'active' : run.status}`,
      isSlow ? 'is-slow' : '',
      hasLive || showsStored ? 'has-output' : '',
      isFolded ? 'is-folded' : '',
      `theme-${options.theme}`,
      ...[...options.hidden].map((name) => `hides-${name}`),
    ].join(' ');
    const shortcut = strings.shortcut[options.evaluateKey];
    return html`
      <div class=${classes} part="cell" role="group" aria-label=${this.label ?? strings.cell}>
        ${options.isCollapsed ? renderFold(isFolded, strings, this.#folded) : nothing} ${this.#codeView.node}
        ${renderToolbar({
          strings,
          run,
          hidden: options.hidden,
          language: this.#languageOf(options),
          languages: options.languages,
          shortcut,
          actions: actionsNow({
            host: this,
            hidden: options.hidden,
            hasOutput: hasLive,
            isActive: run.isActive,
            isEdited: this.#source.isEdited,
            membership: this.#membership,
          }),
          said: this.said,
          runAsked: this.#runAsked,
          stopAsked: this.#stopAsked,
          attended: this.#prepare,
          languageChosen: this.#languageChosen,
          act: this.#act,
        })}
        ${this.#outputNode} ${renderStored(this, showsStored, this.#wasNotLive)}
        ${renderNotice({
          strings,
          text: `${run.isActive ? '' : run.notice} ${this.#sourceFailure}`.trim(),
          mayRepeat: this.status === 'dead' || this.#wasNotLive,
          mayRepeatAbove: this.status === 'dead' && this.#membership.above.length > 0,
          runAsked: this.#runAsked,
          rerunAbove: this.#rerunAbove,
        })}
        <span id=${HINT_ID} hidden>${strings.editorHint(shortcut)}</span>
      </div>
    `;
  }

  readonly #folded = (): void => {
    this.#isUnfolded = !this.#isUnfolded;
    this.requestUpdate();
  };

  readonly #act = (name: ActionName): void => {
    switch (name) {
      case 'copy':
        void this.copy();
        return;
      case 'copy-output':
        void copyText(this.#outputView?.text ?? '').then((isCopied) => this.#copied(isCopied));
        return;
      case 'reset':
        this.reset();
        return;
      case 'clear':
        this.clear();
        return;
      case 'run-all':
        void this.runAll();
        return;
      case 'run-above':
        void this.runAbove();
        return;
      case 'restart':
        this.restart();
        return;
      case 'fullscreen':
        void toggleFullScreen(this).then(() => {
          this.requestUpdate();
        });
    }
  };

  #copied(isCopied: boolean): boolean {
    this.said = isCopied ? this.strings.copied : this.strings.notCopied;
    const close = openAnnouncer();
    announce(this.said);
    setTimeout(() => {
      close();
      this.said = '';
    }, 2_000);
    return isCopied;
  }

  /** A run will likely follow: what it needs should be there by then. */
  readonly #prepare = (): void => {
    // A failure shows when it matters, at the run.
    prepareRuns().catch(() => undefined);
  };

  readonly #runAsked = (): void => {
    void this.run();
  };

  readonly #stopAsked = (): void => {
    this.stop();
  };

  readonly #rerunAbove = (): void => {
    void this.runAbove().then((isGood) => {
      if (isGood) void this.run();
    });
  };

  readonly #languageChosen = (language: LanguageName): void => {
    this.#chosenLanguage = language;
    this.requestUpdate();
  };

  /** What the reader chose, else what the author said, if the author offers it. */
  #languageOf({ language, languages }: CellOptions): LanguageName {
    if (this.#chosenLanguage !== undefined && languages.includes(this.#chosenLanguage))
      return this.#chosenLanguage;
    if (languages.length === 0 || languages.includes(language)) return language;
    return languages[0] ?? LANGUAGE_NAMES[0];
  }

  get #codeView(): CodeView {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- for the getters, which have a `this` of their own
    const element = this;
    this.#codeViewMade ??= new CodeView(
      this.#root,
      {
        get strings() {
          return element.strings;
        },
        codeChanged: (text) => {
          this.#source.edited(text);
          this.#reflectEdited();
          this.dispatchEvent(new SageEditEvent());
        },
        attended: this.#prepare,
        runAsked: this.#runAsked,
        complete: (before) => this.#run.complete(before),
        inspect: (before) => this.#run.inspect(before),
      },
      HINT_ID,
    );
    return this.#codeViewMade;
  }

  get #root(): ShadowRoot {
    // A script may give code to an element that is in no page yet.
    return ((this as { renderRoot?: unknown }).renderRoot ??= this.createRenderRoot()) as ShadowRoot;
  }

  /** Shows output, as soon as what it takes is loaded; nothing can have been put out before. */
  #output(): OutputView | undefined {
    const View = loadedBackstage()?.OutputView;
    if (this.#outputView || !View) return this.#outputView;
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- for the getters, which have a `this` of their own
    const element = this;
    this.#outputView = new View(this.#outputNode, {
      root: this.#root,
      get strings() {
        return element.strings;
      },
      get trust() {
        const { trust } = readOptions(element);
        if (trust === 'page' && element.#source.isForeign) {
          warn('output-trust="page" is not heeded for code of another site.');
          return 'isolated';
        }
        return trust;
      },
      get frameUrl() {
        return readOptions(element).frameUrl;
      },
      goToLine: (line) => {
        this.#isUnfolded = true;
        this.requestUpdate();
        void this.#codeView.goToLine(line);
      },
      answered: (text) => {
        this.#run.answer(text);
      },
      asked: (question) => {
        announce(this.strings.asked(question));
        return this.matches(':focus-within');
      },
      changed: () => {
        this.requestUpdate();
      },
    });
    if (this.isConnected) this.#outputView.resume();
    return this.#outputView;
  }

  /** What tells this cell from the others of its page, from one visit to the next. */
  #name(): string {
    if (this.id !== '') return `#${this.id}`;
    if (this.label !== null) return this.label;
    return String([...document.querySelectorAll(this.localName)].indexOf(this));
  }

  #runByItself(): void {
    if (this.#hasAutorun || this.#isRecalling || !this.isConnected || this.setup || this.#source.isForeign)
      return;
    if (this.#source.isLoading || !readOptions(this).isAutorun) return;
    this.#hasAutorun = true;
    void this.run();
  }

  #reflectEdited(): void {
    this.#states.toggle('edited', this.#source.isEdited);
    if (this.hasUpdated) this.requestUpdate();
  }

  #reflect(status: CellStatus, previous: CellStatus | undefined): void {
    this.setAttribute('status', status);
    if (previous !== undefined) this.#states.toggle(previous, false);
    this.#states.toggle(status, true);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sage-cell': SageCell;
  }
}
