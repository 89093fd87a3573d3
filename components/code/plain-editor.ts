/** A plain text field as the editor: for slides that are scaled, for phones, and for who wants no more. */
import { cursorIn, type CodeEditor, type Cursor, type EditorOptions } from './code-editor.js';

/** A `<textarea>` in the metrics of the painted code. */
export class PlainEditor implements CodeEditor {
  readonly #area = document.createElement('textarea');

  constructor(options: EditorOptions) {
    const area = this.#area;
    area.className = 'plain';
    area.setAttribute('aria-label', options.label);
    area.setAttribute('aria-describedby', options.describedBy);
    area.placeholder = options.strings.placeholder;
    area.spellcheck = false;
    area.autocapitalize = 'off';
    area.setAttribute('autocorrect', 'off');
    area.wrap = 'off';
    area.addEventListener('input', () => {
      this.#fit();
      options.changed(area.value);
    });
    area.addEventListener('keydown', (event) => {
      if (!options.isRunKey(event)) return;
      event.preventDefault();
      options.run();
    });
    this.code = options.code;
    options.parent.append(area);
  }

  get code(): string {
    return this.#area.value;
  }

  set code(code: string) {
    this.#area.value = code;
    this.#fit();
  }

  /** A text field can mark no line; the message below the code names it. */
  markLine(): void {
    // Nothing to mark with.
  }

  goToLine(line: number): void {
    const lines = this.#area.value.split('\n');
    const start = lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0);
    this.#area.focus();
    this.#area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  }

  get cursor(): Cursor | undefined {
    const { value, selectionStart, selectionEnd } = this.#area;
    return this.#area.matches(':focus') ? cursorIn(value, selectionStart, selectionEnd) : undefined;
  }

  goToEdge(edge: 'start' | 'end'): void {
    const position = edge === 'start' ? 0 : this.#area.value.length;
    this.#area.focus();
    this.#area.setSelectionRange(position, position);
  }

  focus(): void {
    this.#area.focus();
  }

  destroy(): void {
    this.#area.remove();
  }

  #fit(): void {
    this.#area.rows = this.#area.value.split('\n').length;
  }
}
