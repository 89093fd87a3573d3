/** Where the reader's keys go: into a text, and at its edges beyond it. */
import { cursorIn, type Cursor } from '../code/code-editor.js';
import type { SageCell } from '../sage-cell.js';

const TEXT_FIELDS = 'textarea, [contenteditable="true"], [contenteditable=""]';
const TEXT_INPUTS =
  'input:not([type="button"], [type="checkbox"], [type="radio"], [type="range"], [type="submit"])';

/** True if keys pressed there are text. */
export function isTypingIn(element: Element): boolean {
  return element.closest(`${TEXT_FIELDS}, ${TEXT_INPUTS}`) !== null;
}

/** What a key at the edge of a text means to the cells around it. */
export function crossesCells(
  event: KeyboardEvent,
  cell: SageCell | undefined,
  field: HTMLTextAreaElement | undefined,
): 'up' | 'down' | 'delete' | undefined {
  const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
  if (shiftKey || ctrlKey || metaKey || altKey) return undefined;
  if (key !== 'ArrowUp' && key !== 'ArrowDown' && key !== 'Backspace') return undefined;
  const cursor = cell?.cursor ?? cursorOf(field);
  if (cursor === undefined || cursor.hasSelection) return undefined;
  if (key === 'Backspace') return cursor.isEmpty ? 'delete' : undefined;
  if (key === 'ArrowUp') return cursor.isFirstLine ? 'up' : undefined;
  return cursor.isLastLine ? 'down' : undefined;
}

function cursorOf(field: HTMLTextAreaElement | undefined): Cursor | undefined {
  return field && cursorIn(field.value, field.selectionStart, field.selectionEnd);
}
