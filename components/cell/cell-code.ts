/** The code of a cell: where it comes from, how it is shown, and in which language it is. */
import { CellSource } from '../code/cell-source.js';
import type { Cursor } from '../code/code-editor.js';
import { CodeView } from '../code/code-view.js';
import { LANGUAGE_NAMES, isPythonic, type LanguageName } from '../languages.js';
import type { CellOptions } from '../options.js';
import type { RunController } from '../run/run-controller.js';
import type { Strings } from '../strings/index.js';

/** Id of the text that tells how to run and how to leave the code. */
export const HINT_ID = 'hint';

/** What the code needs of the cell around it. */
export interface CellCodeOwner {
  readonly host: Element & { readonly strings: Strings };
  /** Root of the tree it is shown in; asked for with the first look at the code. */
  readonly root: ShadowRoot;
  readonly run: RunController;
  /** It became the author's, or ceased to be. */
  edited(): void;
  /** The reader changed it. */
  typed(): void;
  /** What is said of it has changed. */
  changed(): void;
  /** A run will likely follow. */
  attended(): void;
  /** The reader asked for a run. */
  runAsked(): void;
}

/** The code of one cell. */
export class CellCode {
  /** What is wrong with the address of the code; empty if nothing is. */
  failure = '';
  readonly #owner: CellCodeOwner;
  readonly #source: CellSource;
  #made: CodeView | undefined;
  #chosenLanguage: LanguageName | undefined;

  constructor(owner: CellCodeOwner) {
    this.#owner = owner;
    this.#source = new CellSource(owner.host, {
      codeCame: (text) => {
        this.#view.code = text;
        owner.edited();
      },
      sourceFailed: (address) => {
        this.failure = owner.host.strings.sourceFailed(address);
        owner.changed();
      },
    });
  }

  /** Where the code is shown. */
  get node(): HTMLElement {
    return this.#view.node;
  }

  /** The code as it now stands. */
  get text(): string {
    return this.#source.code;
  }

  set text(value: string) {
    this.#source.code = value;
  }

  /** True if it is not the author's. */
  get isEdited(): boolean {
    return this.#source.isEdited;
  }

  /** True if it came from another site: then its outputs are never trusted, and it never runs by itself. */
  get isForeign(): boolean {
    return this.#source.isForeign;
  }

  /** True while it is on its way from an address. */
  get isLoading(): boolean {
    return this.#source.isLoading;
  }

  /** Where the reader is in it; `undefined` while the focus is elsewhere. */
  get cursor(): Cursor | undefined {
    return this.#view.cursor;
  }

  connect(): void {
    this.#source.connect();
  }

  disconnect(): void {
    this.#source.disconnect();
  }

  /** Brings the author's code back. */
  reset(): void {
    this.#source.reset();
  }

  /** Takes it from that address; `null`: from the children of the cell. */
  load(address: string | null): Promise<void> {
    this.failure = '';
    return this.#source.load(address);
  }

  /** Shows it as the cell's attributes say. @param keptAs name under which the reader's browser keeps edits */
  configure(options: CellOptions, label: string, keptAs: string | undefined): void {
    this.#source.keepAs(keptAs);
    this.#view.configure({
      label,
      isReadonly: options.isReadonly,
      isPythonic: isPythonic(this.language(options)),
      hasLineNumbers: options.hasLineNumbers,
      lines: options.lines,
      maxLines: options.maxLines,
      evaluateKey: options.evaluateKey,
      editor: options.editor,
    });
  }

  /** What the reader chose, else what the author said, if the author offers it. */
  language({ language, languages }: Pick<CellOptions, 'language' | 'languages'>): LanguageName {
    if (this.#chosenLanguage !== undefined && languages.includes(this.#chosenLanguage))
      return this.#chosenLanguage;
    if (languages.length === 0 || languages.includes(language)) return language;
    return languages[0] ?? LANGUAGE_NAMES[0];
  }

  choose(language: LanguageName): void {
    this.#chosenLanguage = language;
    this.#owner.changed();
  }

  focus(): void {
    this.#view.focus();
  }

  goToEdge(edge: 'start' | 'end'): Promise<void> {
    return this.#view.goToEdge(edge);
  }

  goToLine(line: number): Promise<void> {
    return this.#view.goToLine(line);
  }

  /** Marks the line that failed; `undefined` takes the mark away. */
  markLine(line: number | undefined): void {
    this.#view.markLine(line);
  }

  get #view(): CodeView {
    const owner = this.#owner;
    this.#made ??= new CodeView(
      owner.root,
      {
        get strings() {
          return owner.host.strings;
        },
        codeChanged: (text) => {
          this.#source.edited(text);
          owner.edited();
          owner.typed();
        },
        attended: () => {
          owner.attended();
        },
        runAsked: () => {
          owner.runAsked();
        },
        complete: async (before) => owner.run.attachment?.complete(before),
        inspect: async (before) => owner.run.attachment?.inspect(before),
      },
      HINT_ID,
    );
    return this.#made;
  }
}
