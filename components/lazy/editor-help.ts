/** What a session knows of a name, in the editor: on hovering, on Tab, and its signature while a call is typed. */
import { StateEffect, StateField, type Extension } from '@codemirror/state';
import { EditorView, hoverTooltip, keymap, showTooltip, type Tooltip } from '@codemirror/view';
import type { Inspection } from '../session/questions.js';

type Inspect = (before: string) => Promise<Inspection | undefined>;

/** How long the pointer rests on a name before its documentation is asked for, milliseconds. */
const HOVER_MS = 500;

/** Longest documentation shown, UTF-16 units. */
const MAX_SHOWN = 20_000;

const NAME = /[\p{L}_][\p{L}\p{N}_]*/gu;

const setHelp = StateEffect.define<Tooltip | null>();

const help = StateField.define<Tooltip | null>({
  create: () => null,
  update(shown, transaction) {
    for (const effect of transaction.effects) if (effect.is(setHelp)) return effect.value;
    if (!shown) return null;
    if (transaction.docChanged) {
      // The call it belongs to is closed, or gone.
      const head = transaction.state.selection.main.head;
      const pos = transaction.changes.mapPos(shown.pos);
      if (/[)\n]/.test(transaction.state.sliceDoc(Math.min(pos, head), head)) || head < pos) return null;
      return { ...shown, pos };
    }
    if (transaction.selection) {
      const { head } = transaction.state.selection.main;
      const line = transaction.state.doc.lineAt(shown.pos);
      if (head < shown.pos || head > line.to) return null;
    }
    return shown;
  },
  provide: (field) => showTooltip.from(field),
});

function content({ signature, docstring }: Inspection, isFull: boolean): HTMLElement | undefined {
  const node = document.createElement('div');
  node.className = 'documentation';
  if (signature !== undefined && signature !== '') {
    const head = document.createElement('p');
    head.className = 'signature';
    head.textContent = signature;
    node.append(head);
  }
  if (isFull && docstring !== undefined && docstring !== '') {
    const text = document.createElement('p');
    text.className = 'docstring';
    text.textContent = docstring.slice(0, MAX_SHOWN);
    node.append(text);
    // It may be long, and what scrolls must be reachable by keyboard.
    node.tabIndex = 0;
  }
  return node.childElementCount > 0 ? node : undefined;
}

/**
 * Asks about the name before the cursor and shows the answer, unless the reader has moved on meanwhile.
 * @param isFull with the documentation, not the signature alone
 */
export function showHelp(view: EditorView, inspect: Inspect, isFull: boolean): boolean {
  const { head } = view.state.selection.main;
  const { doc } = view.state;
  void inspect(view.state.sliceDoc(0, head)).then((answer) => {
    if (!answer?.found || view.state.doc !== doc) return;
    const node = content(answer, isFull);
    if (!node) return;
    const pos = Math.max(0, head - answer.target.length);
    view.dispatch({
      effects: [
        setHelp.of({
          pos: isFull ? pos : head,
          above: true,
          strictSide: false,
          create: () => ({ dom: node }),
        }),
        EditorView.announce.of((node.textContent || '').slice(0, 300)),
      ],
    });
  });
  return true;
}

/** Documentation on hovering, signatures on `(`; Escape closes them. */
export function sessionHelp(inspect: Inspect): Extension {
  return [
    help,
    keymap.of([
      {
        key: 'Escape',
        run: (view) => {
          if (view.state.field(help) === null) return false;
          view.dispatch({ effects: setHelp.of(null) });
          return true;
        },
      },
    ]),
    EditorView.updateListener.of(({ transactions, view }) => {
      if (!transactions.some((transaction) => transaction.isUserEvent('input.type'))) return;
      const { head } = view.state.selection.main;
      if (view.state.sliceDoc(Math.max(0, head - 1), head) === '(') showHelp(view, inspect, false);
    }),
    hoverTooltip(
      async (view, pos): Promise<Tooltip | null> => {
        const line = view.state.doc.lineAt(pos);
        for (const { 0: name, index } of line.text.matchAll(NAME)) {
          const from = line.from + index;
          const to = from + name.length;
          if (pos < from || pos > to) continue;
          const answer = await inspect(view.state.sliceDoc(0, to));
          const node = answer?.found ? content(answer, true) : undefined;
          return node ? { pos: from, end: to, above: true, create: () => ({ dom: node }) } : null;
        }
        return null;
      },
      { hoverTime: HOVER_MS },
    ),
  ];
}
