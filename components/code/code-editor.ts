/** What every editor of a cell is to the cell, whichever library is behind it. */
import type { EvaluateKey } from '../options.js';
import type { Completions, Inspection } from '../session/questions.js';
import type { Strings } from '../strings/index.js';

/** What an editor is made with. */
export interface EditorOptions {
  readonly parent: HTMLElement;
  readonly root: ShadowRoot;
  readonly code: string;
  readonly label: string;
  readonly strings: Strings;
  /** Id, in `root`, of the text that tells how to run and how to leave. */
  readonly describedBy: string;
  readonly evaluateKey: EvaluateKey;
  /** Whether that key, pressed in the code, asks for a run. */
  readonly isRunKey: (event: KeyboardEvent) => boolean;
  readonly hasLineNumbers: boolean;
  /** True for code that can be coloured and completed as Python. */
  readonly isPythonic: boolean;
  /** The reader changed the code. */
  readonly changed: (code: string) => void;
  /** The reader asked for a run. */
  readonly run: () => void;
  /** Names for the text before the cursor; `undefined` when there is nobody to ask or no answer. */
  readonly complete: (before: string) => Promise<Completions | undefined>;
  /** What is known of the name that ends the text; `undefined` when there is nobody to ask or no answer. */
  readonly inspect: (before: string) => Promise<Inspection | undefined>;
}

/** Where the reader is in a text. */
export interface Cursor {
  /** Characters before it, UTF-16 code units. */
  readonly offset: number;
  readonly hasSelection: boolean;
  readonly isFirstLine: boolean;
  readonly isLastLine: boolean;
  /** True if there is no text at all. */
  readonly isEmpty: boolean;
}

/** The cursor of a text with that selection. */
export function cursorIn(text: string, start: number, end: number): Cursor {
  return {
    offset: start,
    hasSelection: start !== end,
    isFirstLine: !text.slice(0, start).includes('\n'),
    isLastLine: !text.slice(end).includes('\n'),
    isEmpty: text === '',
  };
}

/** A live editor. `destroy` removes it from the page. */
export interface CodeEditor {
  /** The whole code. */
  code: string;
  /** Marks a line, from 1; `undefined` takes the mark away. */
  markLine(line: number | undefined): void;
  /** Puts the cursor into a line and the focus into the editor. */
  goToLine(line: number): void;
  /** Where the reader is in it; `undefined` while the focus is elsewhere. */
  readonly cursor: Cursor | undefined;
  /** Puts the cursor at the beginning or the end, and the focus into the editor. */
  goToEdge(edge: 'start' | 'end'): void;
  /** Focuses; with a point, the cursor goes where a click there would put it. */
  focus(point?: { readonly x: number; readonly y: number }): void;
  destroy(): void;
}

/** Whether that key, pressed in the code, asks for a run. */
export function isRunKey(event: KeyboardEvent, key: EvaluateKey): boolean {
  if (event.key !== 'Enter' || event.isComposing) return false;
  const hasControl = event.ctrlKey || event.metaKey;
  if (key === 'enter') return !event.shiftKey;
  return hasControl || (key === 'shift-enter' && event.shiftKey);
}
