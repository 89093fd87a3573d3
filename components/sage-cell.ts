/** The element: its attributes, its life in the page and its frame; code, output and runs are beside it. */
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { Output } from '../relay/protocol/index.js';
import { actionsNow } from './cell/actions.js';
import { Arrival } from './cell/arrival.js';
import { CellAttributesElement } from './cell/attributes.js';
import { CellCode, HINT_ID } from './cell/cell-code.js';
import { CellOutput } from './cell/cell-output.js';
import { CustomStates } from './cell/custom-states.js';
import { renderFold, renderNotice, renderStored } from './cell/panels.js';
import { ReaderActions } from './cell/reader-actions.js';
import { RunReport } from './cell/run-report.js';
import { SessionMembership } from './cell/session-membership.js';
import { Words } from './cell/words.js';
import type { Cursor } from './code/code-editor.js';
import { SageEditEvent, type CellStatus } from './events.js';
import type { LanguageName } from './languages.js';
import type { Interact } from './interact/interact.js';
import { readOptions, type CellOptions } from './options.js';
import { hasStoredOutput } from './output/stored-output.js';
import { warn, watchDefaults } from './page-defaults.js';
import { prepareRuns } from './run/backstage.js';
import { RunController } from './run/run-controller.js';
import type { RunPlace } from './run/run-request.js';
import { runInOrder, type CellOfSession } from './run/session-cells.js';
import type { ExecutionResult } from './session/execution.js';
import type { Strings } from './strings/index.js';
import { cell } from './styles/cell.styles.js';
import { code } from './styles/code.styles.js';
import { controls } from './styles/controls.styles.js';
import { menu } from './styles/menu.styles.js';
import { tokens } from './styles/tokens.styles.js';
import { renderToolbar, type ActionName } from './toolbar.js';

/** Code that its author does not want to be seen at first. */
const HIDING = /^%hide(all)?\b/;

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
 * @event {SageInteractEvent} sage-interact - A control of an interact was changed, by the reader or a script.
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
 * @attr {boolean} collapsed - The code is folded away behind a button, as is code that begins with `%hide`.
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
export class SageCell extends CellAttributesElement implements CellOfSession {
  static override styles = [tokens, cell, controls, menu, code];

  /** @internal The words of its language. */
  get strings(): Strings {
    return this.#words.strings;
  }

  readonly #words = new Words(this);
  readonly #membership = new SessionMembership(this);
  readonly #states = new CustomStates(this);
  readonly #run: RunController;
  readonly #code: CellCode;
  readonly #output: CellOutput;
  readonly #report: RunReport;
  readonly #arrival: Arrival;
  readonly #actions = new ReaderActions(this, () => this.#output.text);
  #options: CellOptions | undefined;
  #undo: (() => void)[] = [];
  #isUnfolded = false;

  constructor() {
    super();
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- for the getters, which have a `this` of their own
    const host = this;
    const owner = {
      host,
      get root() {
        return host.#root;
      },
      get run() {
        return host.#run;
      },
      get code() {
        return host.#code;
      },
      edited: () => {
        this.#states.toggle('edited', this.#code.isEdited);
        if (this.hasUpdated) this.requestUpdate();
      },
      typed: () => {
        this.#isUnfolded = true;
        this.dispatchEvent(new SageEditEvent());
      },
      changed: () => {
        this.requestUpdate();
      },
      attended: () => {
        this.#prepare();
      },
      runAsked: () => {
        void this.run();
      },
      goToLine: (line: number) => {
        this.#isUnfolded = true;
        this.requestUpdate();
        void this.#code.goToLine(line);
      },
    };
    this.#code = new CellCode(owner);
    this.#output = new CellOutput(owner);
    this.#report = new RunReport(this, { code: this.#code, output: this.#output, states: this.#states });
    this.#run = new RunController(this, this.#report);
    this.#arrival = new Arrival({
      run: this.#run,
      recalled: {
        get isConnected() {
          return host.isConnected;
        },
        get place() {
          return host.#place(readOptions(host));
        },
        showCode: (text, language) => {
          if (text !== this.code) this.code = text;
          this.#code.choose(language);
        },
        showRecorded: (outputs) => this.#output.show(outputs),
        runBegins: (text) => {
          this.#runBegins(text);
        },
      },
      get mayRunByItself() {
        return host.#mayRunByItself;
      },
      completed: owner.changed,
      runAsked: owner.runAsked,
    });
  }

  /** The code as it now stands in the cell. */
  get code(): string {
    return this.#code.text;
  }

  set code(value: string) {
    this.#code.text = value;
  }

  /** What the cell is doing, or how the last run ended; also the attribute `status` and the CSS state. */
  get status(): CellStatus {
    return this.#run.status;
  }

  /** The interacts that the cell shows, in the order in which its code made them. */
  get interacts(): readonly Interact[] {
    return this.#output.view?.interacts ?? [];
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
    if (!this.hasAttribute('status')) this.#report.reflect(this.status);
    this.#code.connect();
    this.#undo.push(
      watchDefaults(() => {
        this.requestUpdate();
      }),
    );
    this.#membership.enter(readOptions(this));
    this.#output.resume();
    if (this.#run.isActive) this.#report.listen();
    // An ancestor with another language may be around it now.
    this.#words.learn();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#code.disconnect();
    for (const undo of this.#undo.splice(0)) undo();
    this.#membership.leave();
    this.#output.suspend();
    this.#report.close();
  }

  /** Runs the code, or joins the run under way. The promise tells how it ended and is never rejected. */
  run(): Promise<ExecutionResult> {
    const text = this.code;
    const options = readOptions(this);
    if (!this.#run.isRunning) this.#runBegins(text);
    return this.#run.run({
      ...this.#place(options),
      code: text,
      language: this.#code.language(options),
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
    this.#code.reset();
    this.#run.closePrivate();
    this.#actions.say(this.strings.wasReset);
  }

  /** Removes the output. */
  clear(): void {
    this.#code.markLine(undefined);
    this.#output.clear();
    this.#run.closePrivate();
  }

  /** Ends the session and its variables; the next run of any of its cells begins a new one. */
  restart(): void {
    this.#run.restart();
  }

  /** Copies the code. @returns false if the browser or the page forbids it */
  copy(): Promise<boolean> {
    return this.#actions.copy(this.code);
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
    this.#code.focus();
  }

  /** Focuses the code, with the cursor at its beginning or end. */
  focusAt(edge: 'start' | 'end'): Promise<void> {
    return this.#code.goToEdge(edge);
  }

  /** Where the reader is in the code; `undefined` while the focus is elsewhere. */
  get cursor(): Cursor | undefined {
    return this.#code.cursor;
  }

  /** Shows outputs of an earlier run in the place of those there are; none removes them. */
  async showOutputs(outputs: readonly Output[]): Promise<void> {
    if (outputs.length === 0) this.clear();
    else await this.#output.show(outputs.map((output) => ({ output })));
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const options = readOptions(this);
    this.#options = options;
    if (changed.has('src') && (this.src !== null || this.hasUpdated)) {
      void this.#code.load(this.src).then(() => {
        this.#arrival.runByItself();
      });
    }
    if (this.setup && options.session === undefined) warn('a cell with setup needs a session to prepare.');
    this.#membership.enter(options);
    this.#code.configure(
      options,
      this.label ?? this.strings.code,
      options.isPersistent ? this.#name() : undefined,
    );
  }

  protected override firstUpdated(): void {
    this.#arrival.begin();
  }

  protected override updated(): void {
    if (this.hasUpdated) this.#arrival.runByItself();
  }

  protected override render(): TemplateResult {
    const { strings } = this;
    const options = (this.#options ??= readOptions(this));
    const run = this.#run;
    const isSlow = run.isActive && run.isSlow;
    const isCollapsed = options.isCollapsed || HIDING.test(this.code);
    const isFolded = isCollapsed && !this.#isUnfolded;
    const hasLive = !this.#output.isEmpty;
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
        ${isCollapsed ? renderFold(isFolded, strings, this.#folded) : nothing} ${this.#code.node}
        ${renderToolbar({
          strings,
          run,
          hidden: options.hidden,
          language: this.#code.language(options),
          languages: options.languages,
          shortcut,
          actions: actionsNow({
            host: this,
            hidden: options.hidden,
            hasOutput: hasLive,
            isActive: run.isActive,
            isEdited: this.#code.isEdited,
            membership: this.#membership,
          }),
          said: this.#actions.said,
          runAsked: this.#runAsked,
          stopAsked: this.#stopAsked,
          attended: this.#prepare,
          languageChosen: this.#languageChosen,
          act: this.#act,
        })}
        ${this.#output.node} ${renderStored(this, showsStored, this.#report.wasNotLive)}
        ${renderNotice({
          strings,
          text: `${run.isActive ? '' : run.notice} ${this.#code.failure}`.trim(),
          mayRepeat: this.status === 'dead' || this.#report.wasNotLive,
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

  readonly #act = (name: ActionName): void => {
    this.#actions.perform(name);
  };

  readonly #languageChosen = (language: LanguageName): void => {
    this.#code.choose(language);
  };

  #runBegins(text: string): void {
    this.#actions.say('');
    this.#report.begins(text);
  }

  /** Cells of a worksheet, whose outputs are the worksheet's to keep, have no name of their own. */
  #place({ server, session, key }: CellOptions): RunPlace {
    const isAlone = this.getRootNode() === document && !this.setup;
    return { server, session, key, cell: isAlone ? this.#name() : undefined };
  }

  /** What tells this cell from the others of its page, from one visit to the next. */
  #name(): string {
    if (this.id !== '') return `#${this.id}`;
    if (this.label !== null) return this.label;
    return String([...document.querySelectorAll(this.localName)].indexOf(this));
  }

  get #mayRunByItself(): boolean {
    const isReady = this.isConnected && !this.setup && !this.#code.isForeign && !this.#code.isLoading;
    return isReady && readOptions(this).isAutorun;
  }

  get #root(): ShadowRoot {
    // A script may give code to an element that is in no page yet.
    return ((this as { renderRoot?: unknown }).renderRoot ??= this.createRenderRoot()) as ShadowRoot;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sage-cell': SageCell;
  }
}
