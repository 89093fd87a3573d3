/** What Tab does: it indents, completes or explains for whoever is editing, and moves on for whoever passes through. */
import { acceptCompletion, completionStatus, startCompletion } from '@codemirror/autocomplete';
import { indentLess, indentMore } from '@codemirror/commands';
import { indentUnit } from '@codemirror/language';
import { EditorView, keymap } from '@codemirror/view';
import { Prec, type Extension } from '@codemirror/state';
import type { Inspection } from '../session/questions.js';
import { showHelp } from './editor-help.js';

/** How long after Escape the next Tab leaves, milliseconds. */
const LEAVE_MS = 5_000;

/**
 * With a selection: indents it. After blank space, a closing parenthesis or at the beginning of a line: indents.
 * After `?` or `(`: shows what the session knows of the name before it. Else: completes.
 */
function pressTab(view: EditorView, inspect: (before: string) => Promise<Inspection | undefined>): boolean {
  const { state } = view;
  const { main } = state.selection;
  if (completionStatus(state) === 'active') {
    acceptCompletion(view);
    // Too early to be taken, it is still no reason to leave the editor.
    return true;
  }
  if (!main.empty || state.selection.ranges.length > 1) return indentMore(view);
  const before = state.sliceDoc(state.doc.lineAt(main.head).from, main.head);
  if (/^\s*$/.test(before) || /[\s)]$/.test(before)) {
    const unit = state.facet(indentUnit);
    const room = unit.length - (before.length % unit.length);
    view.dispatch(state.update(state.replaceSelection(' '.repeat(room)), { userEvent: 'input.indent' }));
    return true;
  }
  if (/[?(]$/.test(before)) return showHelp(view, inspect, true);
  return startCompletion(view);
}

/**
 * The keys, and the way out: an editor entered by keyboard lets Tab go by until the reader types or clicks, and
 * Escape always lets the next Tab leave, which is said aloud.
 */
export function tabKey(
  inspect: (before: string) => Promise<Inspection | undefined>,
  mayLeave: string,
): Extension {
  let isPointed = false;
  return [
    keymap.of([{ key: 'Tab', run: (view) => pressTab(view, inspect), shift: indentLess }]),
    // Ahead of all keys, so that Escape opens the way out whatever else it closes.
    Prec.highest(
      EditorView.domEventHandlers({
        pointerdown(_event, view) {
          isPointed = true;
          view.setTabFocusMode(false);
        },
        focus(_event, view) {
          if (!isPointed) view.setTabFocusMode(true);
          isPointed = false;
        },
        keydown(event, view) {
          if (event.key === 'Escape') {
            view.setTabFocusMode(LEAVE_MS);
            view.dispatch({ effects: EditorView.announce.of(mayLeave) });
          }
          if (event.key.length === 1 || event.key === 'Enter' || event.key === 'Backspace')
            view.setTabFocusMode(false);
          return false;
        },
      }),
    ),
  ];
}
