/** Keys of a worksheet, in one table: those while a cell is chosen, and those that work in its editor too. */

/** What keys and buttons can ask of a worksheet. */
export type Command =
  | 'run'
  | 'run-and-next'
  | 'run-and-insert'
  | 'run-all'
  | 'interrupt'
  | 'restart'
  | 'insert-above'
  | 'insert-below'
  | 'delete'
  | 'join'
  | 'split'
  | 'move-up'
  | 'move-down'
  | 'duplicate'
  | 'undo'
  | 'redo'
  | 'to-code'
  | 'to-note'
  | 'edit'
  | 'leave'
  | 'previous'
  | 'next'
  | 'extend-up'
  | 'extend-down'
  | 'first'
  | 'last'
  | 'select-all'
  | 'toggle-source'
  | 'toggle-output'
  | 'save'
  | 'help';

/** Who decides what Ctrl-Enter means: notebooks run in place, Salvus runs and inserts a cell below. */
export type Keymap = 'notebook' | 'salvus';

/** What is used of a keyboard event. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** Names of keys as they are written in help and `aria-keyshortcuts`. `Mod` is Ctrl, and Cmd on a Mac. */
export interface KeyBinding {
  readonly keys: string;
  readonly command: Command;
  /** True: also while the reader types in an editor. */
  readonly everywhere?: true;
}

const everywhere = true;

/** The table. Two keys after one another are written with a space. */
export const bindings = (keymap: Keymap): readonly KeyBinding[] => [
  { keys: 'Shift+Enter', command: 'run-and-next', everywhere },
  { keys: 'Mod+Enter', command: keymap === 'salvus' ? 'run-and-insert' : 'run', everywhere },
  { keys: 'Alt+Enter', command: 'run-and-insert', everywhere },
  { keys: 'Mod+Backspace', command: 'join', everywhere },
  { keys: 'Mod+;', command: 'split', everywhere },
  { keys: 'Mod+Shift+-', command: 'split', everywhere },
  { keys: 'Mod+ArrowUp', command: 'move-up', everywhere },
  { keys: 'Mod+ArrowDown', command: 'move-down', everywhere },
  { keys: 'Mod+s', command: 'save', everywhere },
  { keys: 'Escape', command: 'leave', everywhere },
  { keys: 'Enter', command: 'edit' },
  { keys: 'ArrowUp', command: 'previous' },
  { keys: 'k', command: 'previous' },
  { keys: 'ArrowDown', command: 'next' },
  { keys: 'j', command: 'next' },
  { keys: 'Shift+ArrowUp', command: 'extend-up' },
  { keys: 'Shift+K', command: 'extend-up' },
  { keys: 'Shift+ArrowDown', command: 'extend-down' },
  { keys: 'Shift+J', command: 'extend-down' },
  { keys: 'Home', command: 'first' },
  { keys: 'End', command: 'last' },
  { keys: 'Mod+a', command: 'select-all' },
  { keys: 'a', command: 'insert-above' },
  { keys: 'b', command: 'insert-below' },
  { keys: 'd d', command: 'delete' },
  { keys: 'Delete', command: 'delete' },
  { keys: 'Shift+M', command: 'join' },
  { keys: 'Mod+d', command: 'duplicate' },
  { keys: 'z', command: 'undo' },
  { keys: 'Mod+z', command: 'undo' },
  { keys: 'Shift+Z', command: 'redo' },
  { keys: 'Mod+Shift+Z', command: 'redo' },
  { keys: 'y', command: 'to-code' },
  { keys: 'm', command: 'to-note' },
  { keys: 'h', command: 'help' },
  { keys: 'o', command: 'toggle-output' },
  { keys: 's', command: 'toggle-source' },
  { keys: 'i i', command: 'interrupt' },
  { keys: '0 0', command: 'restart' },
];

/** Time between two keys that are one command, milliseconds. */
export const SEQUENCE_MS = 800;

/** A key press as the table writes it. Letters with Shift are written large, signs as they come. */
export function nameOf({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyPress): string {
  const isLetter = /^\p{L}$/u.test(key);
  // Signs such as `?` need Shift on some keyboards and not on others.
  const isSign = key.length === 1 && !isLetter;
  const letter = isLetter
    ? shiftKey
      ? key.toUpperCase()
      : key.toLowerCase()
    : key === '_' && ctrlKey
      ? '-'
      : key;
  return [
    ...(ctrlKey || metaKey ? ['Mod'] : []),
    ...(altKey ? ['Alt'] : []),
    ...(shiftKey && (!isSign || ctrlKey || metaKey) ? ['Shift'] : []),
    letter,
  ].join('+');
}

/** Reads key presses of one worksheet. */
export class KeyReader {
  readonly #bindings: readonly KeyBinding[];
  readonly #now: () => number;
  #first: { readonly name: string; readonly at: number } | undefined;

  /** @param now milliseconds, of any clock that does not jump */
  constructor(keymap: Keymap, now: () => number = () => performance.now()) {
    this.#bindings = bindings(keymap);
    this.#now = now;
  }

  /** @param isTyping true while the reader's keys are text: then only what works everywhere counts */
  read(press: KeyPress, isTyping: boolean): Command | undefined {
    const name = nameOf(press);
    const before = this.#first;
    this.#first = undefined;
    const open = this.#bindings.filter(({ everywhere: always }) => always === true || !isTyping);
    if (before !== undefined && this.#now() - before.at <= SEQUENCE_MS) {
      const pair = open.find(({ keys }) => keys === `${before.name} ${name}`);
      if (pair !== undefined) return pair.command;
    }
    const single = open.find(({ keys }) => keys === name);
    if (single !== undefined) return single.command;
    if (open.some(({ keys }) => keys.startsWith(`${name} `))) this.#first = { name, at: this.#now() };
    return undefined;
  }
}
