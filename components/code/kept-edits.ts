/** What a reader changed, kept in this browser: by page and by cell. */

const PREFIX = 'sage-embed';

/** Wait after the last change before it is kept, milliseconds. */
const DELAY_MS = 400;

/** Longest code kept, UTF-16 units: the room of a whole site is about five million. */
const MAX_LENGTH = 200_000;

/** Private windows, sandboxed frames and full disks have no storage, or none to write to. */
function tolerantly<T>(use: (storage: Storage) => T): T | undefined {
  try {
    return use(localStorage);
  } catch {
    return undefined;
  }
}

/** The edits of one cell. Whoever makes one calls `flush` when the cell goes. */
export class KeptEdits {
  readonly #name: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting: (() => void) | undefined;

  /** @param cell what tells this cell from the others of the page: its id, its label or its number */
  constructor(cell: string) {
    this.#name = `${PREFIX} ${location.pathname} ${cell}`;
  }

  /** The code the reader left here, if there is any. */
  read(): string | undefined {
    return tolerantly((storage) => storage.getItem(this.#name)) ?? undefined;
  }

  /** Keeps the code soon; `undefined` forgets it. */
  keep(code: string | undefined): void {
    this.#waiting = () => {
      tolerantly((storage) => {
        if (code === undefined || code.length > MAX_LENGTH) storage.removeItem(this.#name);
        else storage.setItem(this.#name, code);
      });
    };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.flush, DELAY_MS);
  }

  /** Keeps it now. */
  readonly flush = (): void => {
    clearTimeout(this.#timer);
    this.#waiting?.();
    this.#waiting = undefined;
  };
}
