/** The editor: CodeMirror in a shadow root. */
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, insertNewlineAndIndent } from '@codemirror/commands';
import { globalCompletion, localCompletionSource, python } from '@codemirror/lang-python';
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { EditorSelection, EditorState, Prec, StateEffect, StateField } from '@codemirror/state';
import {
  Decoration,
  EditorView,
  keymap,
  lineNumbers,
  placeholder,
  tooltips,
  type DecorationSet,
  type KeyBinding,
} from '@codemirror/view';
import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { cursorIn, type CodeEditor, type Cursor, type EditorOptions } from '../code/code-editor.js';
import type { EvaluateKey } from '../options.js';
import { sessionHelp } from './editor-help.js';
import { tabKey } from './editor-tab.js';
import { colours, theme } from './editor-theme.js';

const setErrorLine = StateEffect.define<number | undefined>();
const errorLineMark = Decoration.line({ class: 'error-line' });

const errorLine = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let result = marks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setErrorLine)) continue;
      const { value } = effect;
      const exists = value !== undefined && value >= 1 && value <= transaction.state.doc.lines;
      result = exists
        ? Decoration.set(errorLineMark.range(transaction.state.doc.line(value).from))
        : Decoration.none;
    }
    return result;
  },
  provide: (field) => EditorView.decorations.from(field),
});

const KINDS: Readonly<Record<string, string>> = {
  attribute: 'property',
  module: 'namespace',
};

/** Keys that run, by the author's choice; every one of them keeps Ctrl and Cmd with Enter. */
const RUN_KEYS: Readonly<Record<EvaluateKey, readonly string[]>> = {
  'shift-enter': ['Shift-Enter', 'Ctrl-Enter', 'Cmd-Enter'],
  'ctrl-enter': ['Ctrl-Enter', 'Cmd-Enter'],
  enter: ['Enter', 'Ctrl-Enter', 'Cmd-Enter'],
};

function runKeys(chosen: EvaluateKey, run: () => boolean): KeyBinding[] {
  const keys: KeyBinding[] = RUN_KEYS[chosen].map((key) => ({ key, run }));
  if (chosen !== 'shift-enter') keys.push({ key: 'Shift-Enter', run: insertNewlineAndIndent });
  return keys;
}

/** A live editor. `destroy` removes it from the page. */
export class Editor implements CodeEditor {
  readonly #view: EditorView;

  constructor(options: EditorOptions) {
    const { strings } = options;
    const complete = async (context: CompletionContext): Promise<CompletionResult | null> => {
      const word = context.matchBefore(/[\p{L}_][\p{L}\p{N}_]*$/u);
      const afterDot = context.matchBefore(/\.$/);
      if (!context.explicit && !word && !afterDot) return null;
      const answer = await options.complete(context.state.sliceDoc(0, context.pos));
      if (context.aborted) return null;
      if (answer === undefined) {
        return options.isPythonic ? (localCompletionSource(context) ?? globalCompletion(context)) : null;
      }
      return {
        from: context.pos - answer.target.length,
        options: answer.items.map(({ text, kind }) => ({ label: text, type: KINDS[kind] ?? kind })),
        validFor: /^[\p{L}\p{N}_]*$/u,
      };
    };
    const run = (): boolean => {
      options.run();
      return true;
    };
    this.#view = new EditorView({
      parent: options.parent,
      root: options.root,
      state: EditorState.create({
        doc: options.code,
        extensions: [
          Prec.highest(keymap.of(runKeys(options.evaluateKey, run))),
          sessionHelp(options.inspect),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap]),
          tabKey(options.inspect, strings.mayLeave),
          keymap.of([...defaultKeymap]),
          history(),
          options.isPythonic ? python() : [],
          options.hasLineNumbers ? lineNumbers() : [],
          indentUnit.of('    '),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ override: [complete], icons: false, maxRenderedOptions: 100 }),
          // The cell is a size container, which would catch tooltips of fixed position.
          tooltips({ position: 'absolute' }),
          placeholder(strings.placeholder),
          syntaxHighlighting(colours),
          errorLine,
          theme,
          EditorView.contentAttributes.of({
            'aria-label': options.label,
            'aria-describedby': options.describedBy,
            autocapitalize: 'off',
            autocorrect: 'off',
            spellcheck: 'false',
          }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) options.changed(update.state.doc.toString());
          }),
        ],
      }),
    });
  }

  get code(): string {
    return this.#view.state.doc.toString();
  }

  set code(code: string) {
    const { doc } = this.#view.state;
    if (doc.toString() === code) return;
    this.#view.dispatch({ changes: { from: 0, to: doc.length, insert: code } });
  }

  markLine(line: number | undefined): void {
    this.#view.dispatch({ effects: setErrorLine.of(line) });
  }

  goToLine(line: number): void {
    const { doc } = this.#view.state;
    const { from } = doc.line(Math.min(Math.max(line, 1), doc.lines));
    this.#view.dispatch({ selection: EditorSelection.cursor(from), scrollIntoView: true });
    this.#view.focus();
  }

  get cursor(): Cursor | undefined {
    if (!this.#view.hasFocus) return undefined;
    const { doc, selection } = this.#view.state;
    return cursorIn(doc.toString(), selection.main.from, selection.main.to);
  }

  goToEdge(edge: 'start' | 'end'): void {
    const position = edge === 'start' ? 0 : this.#view.state.doc.length;
    this.#view.dispatch({ selection: EditorSelection.cursor(position), scrollIntoView: true });
    this.#view.setTabFocusMode(false);
    this.#view.focus();
  }

  focus(point?: { readonly x: number; readonly y: number }): void {
    if (point) {
      const position = this.#view.posAtCoords(point, false);
      this.#view.dispatch({ selection: EditorSelection.cursor(position) });
      this.#view.setTabFocusMode(false);
    }
    this.#view.focus();
  }

  destroy(): void {
    this.#view.destroy();
  }
}
