/** The code of a cell in the page: painted at once, an editor as soon as somebody turns to it. */
import type { EvaluateKey } from '../options.js';
import type { Completions, Inspection } from '../session/questions.js';
import type { Strings } from '../strings/index.js';
import { isRunKey, type CodeEditor, type Cursor, type EditorOptions } from './code-editor.js';
import { paint } from './paint.js';

/** What a code view needs of the cell around it. */
export interface CodeViewOwner {
  readonly strings: Strings;
  /** The reader changed the code. */
  codeChanged(code: string): void;
  /** The reader turns to the code: a run may follow. */
  attended(): void;
  /** The reader asked for a run. */
  runAsked(): void;
  /** Names for the text before the cursor, if there is somebody to ask. */
  complete(before: string): Promise<Completions | undefined>;
  /** What is known of the name that ends the text, if there is somebody to ask. */
  inspect(before: string): Promise<Inspection | undefined>;
}

/** How code is shown and edited. */
export interface CodeSettings {
  /** Name of the code for those who cannot see what it belongs to. */
  readonly label: string;
  /** Code that is not to be changed stays painted; no editor is loaded for it. */
  readonly isReadonly: boolean;
  readonly isPythonic: boolean;
  readonly hasLineNumbers: boolean;
  /** Least and most lines the code is high; beyond, it scrolls. */
  readonly lines: number | undefined;
  readonly maxLines: number | undefined;
  readonly evaluateKey: EvaluateKey;
  readonly editor: 'codemirror' | 'textarea';
}

type EditorClass = new (options: EditorOptions) => CodeEditor;

/** Shows code in `node`, which is its own. */
export class CodeView {
  readonly node = document.createElement('div');
  #paint = document.createElement('pre');
  #code = '';
  #settings: CodeSettings | undefined;
  #markedLine: number | undefined;
  #editor: CodeEditor | undefined;
  #loading: Promise<void> | undefined;
  #pointed: { x: number; y: number } | undefined;
  #wantsFocus = false;

  /** @param describedBy id of the text that tells how to run and how to leave */
  constructor(
    readonly root: ShadowRoot,
    readonly owner: CodeViewOwner,
    readonly describedBy: string,
  ) {
    this.node.className = 'code';
    this.node.setAttribute('part', 'editor');
    this.#paint.className = 'paint';
    this.#paint.tabIndex = 0;
    this.#paint.setAttribute('role', 'textbox');
    this.#paint.setAttribute('aria-multiline', 'true');
    this.#paint.setAttribute('aria-describedby', this.describedBy);
    this.node.append(this.#paint);
    this.#paint.addEventListener('focus', () => {
      this.#wantsFocus = true;
      void this.#upgrade();
    });
    this.#paint.addEventListener('blur', () => {
      this.#wantsFocus = false;
    });
    this.#paint.addEventListener('pointerdown', (event) => {
      this.#pointed = { x: event.clientX, y: event.clientY };
    });
    this.#paint.addEventListener('pointerenter', (event) => {
      // A reader who drags a selection across the page must not find the text replaced under the pointer.
      if (event.buttons === 0) void this.#upgrade();
    });
    this.#paint.addEventListener('keydown', (event) => {
      if (!isRunKey(event, this.#settings?.evaluateKey ?? 'shift-enter')) return;
      event.preventDefault();
      this.owner.runAsked();
    });
    this.#repaint();
  }

  get code(): string {
    return this.#code;
  }

  set code(code: string) {
    if (code === this.#code) return;
    this.#code = code;
    if (this.#editor) this.#editor.code = code;
    else this.#repaint();
  }

  /** Shows and edits the code in that way from now on. */
  configure(settings: CodeSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    const { classList, style } = this.node;
    classList.toggle('has-line-numbers', settings.hasLineNumbers);
    for (const [name, value] of [
      ['lines', settings.lines],
      ['max-lines', settings.maxLines],
    ] as const) {
      classList.toggle(`has-${name}`, value !== undefined);
      if (value === undefined) style.removeProperty(`--_${name}`);
      else style.setProperty(`--_${name}`, String(value));
    }
    if (this.#editor && JSON.stringify(before) !== JSON.stringify(settings)) {
      this.#editor.destroy();
      this.#editor = undefined;
      this.node.append(this.#paint);
    }
    this.#repaint();
  }

  /** Marks a line, from 1; `undefined` takes the mark away. */
  markLine(line: number | undefined): void {
    if (line === this.#markedLine) return;
    this.#markedLine = line;
    if (this.#editor) this.#editor.markLine(line);
    else this.#repaint();
  }

  /** Brings the reader to that line. */
  async goToLine(line: number): Promise<void> {
    if (this.#settings?.isReadonly) {
      this.#paint.focus();
      return;
    }
    await this.#upgrade();
    this.#editor?.goToLine(line);
  }

  /** Where the reader is in the code; `undefined` while the focus is elsewhere. */
  get cursor(): Cursor | undefined {
    return this.#editor?.cursor;
  }

  /** Puts the cursor at the beginning or the end of the code. */
  async goToEdge(edge: 'start' | 'end'): Promise<void> {
    if (!this.#settings?.isReadonly) await this.#upgrade();
    if (this.#editor) this.#editor.goToEdge(edge);
    else this.#paint.focus();
  }

  /** Focuses the code. */
  focus(): void {
    if (this.#editor) this.#editor.focus();
    else this.#paint.focus();
  }

  #upgrade(): Promise<void> {
    this.owner.attended();
    if (this.#settings?.isReadonly || this.#editor) return Promise.resolve();
    const load: Promise<EditorClass> =
      this.#settings?.editor === 'textarea'
        ? import('./plain-editor.js').then(({ PlainEditor }) => PlainEditor)
        : import('../lazy/editor.js').then(({ Editor }) => Editor);
    this.#loading ??= load
      .then((loaded) => {
        this.#replacePaint(loaded);
      })
      .catch((failure: unknown) => {
        // Without an editor the code can still be read and run.
        console.warn('sage-cell: the editor could not be loaded.', failure);
      })
      .finally(() => {
        this.#loading = undefined;
      });
    return this.#loading;
  }

  #replacePaint(editorClass: EditorClass): void {
    const settings = this.#settings;
    if (!settings || settings.isReadonly || this.#editor) return;
    const { scrollLeft, scrollTop } = this.#paint;
    const wantsFocus = this.#wantsFocus;
    this.#editor = new editorClass({
      ...settings,
      parent: this.node,
      root: this.root,
      code: this.#code,
      strings: this.owner.strings,
      describedBy: this.describedBy,
      isRunKey: (event) => isRunKey(event, settings.evaluateKey),
      changed: (code) => {
        this.#code = code;
        this.owner.codeChanged(code);
      },
      run: () => {
        this.owner.runAsked();
      },
      complete: (before) => this.owner.complete(before),
      inspect: (before) => this.owner.inspect(before),
    });
    if (this.#markedLine !== undefined) this.#editor.markLine(this.#markedLine);
    this.#paint.remove();
    const scroller = this.node.querySelector('.cm-scroller, textarea');
    if (scroller) {
      scroller.scrollLeft = scrollLeft;
      scroller.scrollTop = scrollTop;
    }
    if (wantsFocus) this.#editor.focus(this.#pointed);
    this.#pointed = undefined;
  }

  #repaint(): void {
    const settings = this.#settings;
    const isReadonly = settings?.isReadonly ?? false;
    const painted = paint(this.#code, settings?.isPythonic ?? true);
    const lines = painted.map((spans, index) => {
      const line = document.createElement('span');
      line.className = index + 1 === this.#markedLine ? 'line error-line' : 'line';
      for (const { text, kind } of spans) {
        if (kind === undefined) {
          line.append(text);
        } else {
          const span = document.createElement('span');
          span.className = kind;
          span.textContent = text;
          line.append(span);
        }
      }
      line.append('\n');
      return line;
    });
    if (this.#code === '' && !isReadonly) {
      const hint = document.createElement('span');
      hint.className = 'placeholder';
      hint.textContent = this.owner.strings.placeholder;
      lines[0]?.prepend(hint);
    }
    // Room for the numbers, the same in the painted code and in the editor.
    this.node.style.setProperty('--_digits', String(Math.max(2, String(lines.length).length)));
    this.#paint.replaceChildren(...lines);
    this.#paint.setAttribute('aria-label', settings?.label ?? this.owner.strings.code);
    this.#paint.setAttribute('aria-readonly', String(isReadonly));
  }
}
