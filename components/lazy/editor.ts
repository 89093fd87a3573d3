/** The editor: CodeMirror in a shadow root, with the metrics and colours of the painted code it replaces. */
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { globalCompletion, localCompletionSource, python } from '@codemirror/lang-python';
import {
  HighlightStyle,
  bracketMatching,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
} from '@codemirror/language';
import { EditorSelection, EditorState, Prec, StateEffect, StateField } from '@codemirror/state';
import { Decoration, EditorView, keymap, placeholder, tooltips, type DecorationSet } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import type { Completions } from '../session/questions.js';

/** What an editor is made with. */
export interface EditorOptions {
  readonly parent: HTMLElement;
  readonly root: ShadowRoot;
  readonly code: string;
  readonly label: string;
  /** Shown while there is no code. */
  readonly placeholder: string;
  /** Id, in `root`, of the text that tells how to run and how to leave. */
  readonly describedBy: string;
  /** The reader changed the code. */
  readonly changed: (code: string) => void;
  /** The reader asked for a run. */
  readonly run: () => void;
  /** Names for the text before the cursor; `undefined` when there is nobody to ask or no answer. */
  readonly complete: (before: string) => Promise<Completions | undefined>;
}

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

const colours = HighlightStyle.define([
  {
    tag: [
      tags.keyword,
      tags.operatorKeyword,
      tags.definitionKeyword,
      tags.controlKeyword,
      tags.moduleKeyword,
    ],
    class: 'keyword',
  },
  { tag: [tags.string, tags.special(tags.string)], class: 'string' },
  { tag: tags.comment, class: 'comment' },
  { tag: tags.number, class: 'number' },
  { tag: [tags.bool, tags.null], class: 'atom' },
  {
    tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className)],
    class: 'definition',
  },
]);

// Everything that decides where a character stands must equal the rules of `.paint` in the cell's styles.
const metrics = EditorView.theme({
  '&': { fontSize: 'inherit', color: 'inherit', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'inherit', lineHeight: 'inherit', overflowX: 'auto' },
  '.cm-content': { padding: 'var(--_code-padding-block) 0', caretColor: 'var(--_text)', tabSize: '4' },
  '.cm-line': { padding: '0 var(--_code-padding-inline)' },
  '.cm-placeholder': { color: 'var(--_muted)' },
  '&.cm-focused .cm-matchingBracket': {
    backgroundColor: 'transparent',
    outline: '1px solid var(--_line-strong)',
  },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'transparent', color: 'var(--_error)' },
  '.cm-tooltip': {
    border: '1px solid var(--_line-strong)',
    borderRadius: '6px',
    backgroundColor: 'var(--_surface)',
    color: 'var(--_text)',
    boxShadow: '0 4px 16px rgb(0 0 0 / 14%)',
    overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'inherit', maxHeight: '12em' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '2px 8px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--_accent)',
    color: 'var(--_on-accent)',
  },
});

const KINDS: Readonly<Record<string, string>> = {
  attribute: 'property',
  module: 'namespace',
};

/** A live editor. `destroy` removes it from the page. */
export class Editor {
  readonly #view: EditorView;

  constructor(options: EditorOptions) {
    const complete = async (context: CompletionContext): Promise<CompletionResult | null> => {
      const word = context.matchBefore(/[\p{L}_][\p{L}\p{N}_]*$/u);
      const afterDot = context.matchBefore(/\.$/);
      if (!context.explicit && !word && !afterDot) return null;
      const answer = await options.complete(context.state.sliceDoc(0, context.pos));
      if (context.aborted) return null;
      if (answer === undefined) return localCompletionSource(context) ?? globalCompletion(context);
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
          Prec.highest(keymap.of(['Shift-Enter', 'Ctrl-Enter', 'Cmd-Enter'].map((key) => ({ key, run })))),
          keymap.of([
            ...closeBracketsKeymap,
            ...completionKeymap,
            ...historyKeymap,
            indentWithTab,
            ...defaultKeymap,
          ]),
          history(),
          python(),
          indentUnit.of('    '),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ override: [complete], icons: false, maxRenderedOptions: 100 }),
          // The cell is a size container, which would catch tooltips of fixed position.
          tooltips({ position: 'absolute' }),
          placeholder(options.placeholder),
          syntaxHighlighting(colours),
          errorLine,
          metrics,
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
          leaveByTab(),
        ],
      }),
    });
  }

  /** The whole code. */
  get code(): string {
    return this.#view.state.doc.toString();
  }

  set code(code: string) {
    const { doc } = this.#view.state;
    if (doc.toString() === code) return;
    this.#view.dispatch({ changes: { from: 0, to: doc.length, insert: code } });
  }

  /** Marks a line, from 1; `undefined` takes the mark away. */
  markLine(line: number | undefined): void {
    this.#view.dispatch({ effects: setErrorLine.of(line) });
  }

  /** Puts the cursor into a line and the focus into the editor. */
  goToLine(line: number): void {
    const { doc } = this.#view.state;
    const { from } = doc.line(Math.min(Math.max(line, 1), doc.lines));
    this.#view.dispatch({ selection: EditorSelection.cursor(from), scrollIntoView: true });
    this.#view.focus();
  }

  /** Focuses; with a point, the cursor goes where a click there would put it. */
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

/**
 * Tab indents for whoever is editing and moves on for whoever is passing through: an editor entered by keyboard
 * lets Tab go by until the reader types or clicks. Escape always lets the next Tab leave.
 */
function leaveByTab(): ReturnType<typeof EditorView.domEventHandlers> {
  let isPointed = false;
  return EditorView.domEventHandlers({
    pointerdown(_event, view) {
      isPointed = true;
      view.setTabFocusMode(false);
    },
    focus(_event, view) {
      if (!isPointed) view.setTabFocusMode(true);
      isPointed = false;
    },
    keydown(event, view) {
      if (event.key.length === 1 || event.key === 'Enter' || event.key === 'Backspace')
        view.setTabFocusMode(false);
      return false;
    },
  });
}
