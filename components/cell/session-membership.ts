/** The session a cell belongs to, and the other cells of the page that do. */
import { readOptions, type CellAttributes, type CellOptions } from '../options.js';
import { cellsOf, joinSession, sessionKey, setupCells, type CellOfSession } from '../run/session-cells.js';
import type { SetupCode } from '../run/session-setup.js';

type Options = Pick<CellOptions, 'session' | 'server'>;

const keyOf = ({ session, server }: Options): string | undefined =>
  session === undefined ? undefined : sessionKey(server, session);

/** Where one cell belongs, while it is in a page. Whoever calls `enter` calls `leave`. */
export class SessionMembership {
  #key: string | undefined;
  #leave: (() => void) | undefined;

  constructor(readonly cell: CellOfSession & CellAttributes) {}

  /** Counts the cell among those of the session that its attributes name now. */
  enter(options: Options): void {
    this.leave();
    this.#key = keyOf(options);
    if (this.#key !== undefined && this.cell.isConnected) this.#leave = joinSession(this.#key, this.cell);
  }

  leave(): void {
    this.#leave?.();
    this.#leave = undefined;
  }

  /** True if the cell shares its variables with others. */
  get isShared(): boolean {
    return this.#key !== undefined;
  }

  /** The cells of the session in the order of the page, this one among them. */
  get all(): readonly CellOfSession[] {
    return this.#key === undefined ? [this.cell] : cellsOf(this.#key);
  }

  /** Those that come before this one. */
  get above(): readonly CellOfSession[] {
    return this.#key === undefined ? [] : cellsOf(this.#key, this.cell);
  }

  /** Code that has to run in that session before anything else. */
  setup(options: Options): SetupCode[] {
    const key = keyOf(options);
    return key === undefined
      ? []
      : setupCells(key).map((cell) => ({
          code: cell.code,
          language: readOptions(cell as CellOfSession & CellAttributes).language,
        }));
  }
}
