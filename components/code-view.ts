/** The code of a cell in the page: painted at once, an editor as soon as somebody turns to it. */
import type { Editor } from './lazy/editor.js';
import { paint } from './paint.js';
import type { Completions } from './session/questions.js';
import { strings } from './strings.js';

/** What a code view needs of the cell around it. */
export interface CodeViewOwner {
  /** The reader changed the code. */
  codeChanged(code: string): void;
  /** The reader turns to the code: a run may follow. */
  attended(): void;
  /** The reader asked for a run. */
  runAsked(): void;
  /** Names for the text before the cursor, if there is somebody to ask. */
  complete(before: string): Promise<Completions | undefined>;
}

/** Shows code in `node`, which is its own. */
export class CodeView {
  readonly node = document.createElement('div');
  #paint = document.createElement('pre');
  #code = '';
  #label: string = strings.code;
  #isReadonly = false;
  #markedLine: number | undefined;
  #editor: Editor | undefined;
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
      if (event.key !== 'Enter' || !(event.shiftKey || event.ctrlKey || event.metaKey)) return;
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

  /** Name of the code for those who cannot see what it belongs to. */
  set label(label: string) {
    this.#label = label;
    this.#repaint();
  }

  /** Code that is not to be changed stays painted; no editor is loaded for it. */
  set isReadonly(isReadonly: boolean) {
    this.#isReadonly = isReadonly;
    if (isReadonly && this.#editor) {
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
    if (this.#isReadonly) {
      this.#paint.focus();
      return;
    }
    await this.#upgrade();
    this.#editor?.goToLine(line);
  }

  /** Focuses the code. */
  focus(): void {
    if (this.#editor) this.#editor.focus();
    else this.#paint.focus();
  }

  #upgrade(): Promise<void> {
    this.owner.attended();
    if (this.#isReadonly || this.#editor) return Promise.resolve();
    this.#loading ??= import('./lazy/editor.js')
      .then(({ Editor }) => {
        this.#replacePaint(Editor);
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

  #replacePaint(EditorClass: typeof Editor): void {
    if (this.#isReadonly || this.#editor) return;
    const { scrollLeft } = this.#paint;
    const wantsFocus = this.#wantsFocus;
    this.#editor = new EditorClass({
      parent: this.node,
      root: this.root,
      code: this.#code,
      label: this.#label,
      placeholder: strings.placeholder,
      describedBy: this.describedBy,
      changed: (code) => {
        this.#code = code;
        this.owner.codeChanged(code);
      },
      run: () => {
        this.owner.runAsked();
      },
      complete: (before) => this.owner.complete(before),
    });
    if (this.#markedLine !== undefined) this.#editor.markLine(this.#markedLine);
    this.#paint.remove();
    const scroller = this.node.querySelector('.cm-scroller');
    if (scroller) scroller.scrollLeft = scrollLeft;
    if (wantsFocus) this.#editor.focus(this.#pointed);
    this.#pointed = undefined;
  }

  #repaint(): void {
    const lines = paint(this.#code).map((spans, index) => {
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
    if (this.#code === '' && !this.#isReadonly) {
      const hint = document.createElement('span');
      hint.className = 'placeholder';
      hint.textContent = strings.placeholder;
      lines[0]?.prepend(hint);
    }
    this.#paint.replaceChildren(...lines);
    this.#paint.tabIndex = 0;
    this.#paint.setAttribute('role', 'textbox');
    this.#paint.setAttribute('aria-multiline', 'true');
    this.#paint.setAttribute('aria-label', this.#label);
    this.#paint.setAttribute('aria-readonly', String(this.#isReadonly));
    this.#paint.setAttribute('aria-describedby', this.describedBy);
  }
}
