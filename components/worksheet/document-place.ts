/** Where a worksheet is kept. One interface for the reader's browser, a relay and the page around it. */
import type { Validated, WorksheetDocument } from '../document/index.js';

/** A document as it was found or left in its place. */
export interface Saved {
  readonly document: WorksheetDocument;
  /** Changes with every save, by whomever; means something to its place only. */
  readonly revision: string;
}

/** Made by the worksheet, which asks for one thing at a time. */
export interface DocumentPlace {
  /** What the reader calls it: shown beside the state of saving. */
  readonly kind: 'browser' | 'server' | 'page';
  /**
   * @returns undefined if nothing was ever saved here
   * @throws SaveError if the place can't be reached or what lies there is no worksheet
   */
  load(): Promise<Saved | undefined>;
  /**
   * Keeps a document.
   * @param revision that of the document the reader began with; undefined if there was none
   * @param force true puts the document over whatever somebody else has saved
   * @returns the new revision
   * @throws ConflictError if somebody else has saved since; nothing was changed
   * @throws SaveError if it can't be kept
   */
  save(document: WorksheetDocument, revision: string | undefined, force?: boolean): Promise<string>;
}

/** A document could not be loaded or kept; the message is a sentence for the reader. */
export class SaveError extends Error {
  override readonly name: string = 'SaveError';
}

/** Somebody else has saved meanwhile. */
export class ConflictError extends SaveError {
  override readonly name = 'ConflictError';
  /** What lies there now; undefined if it was deleted. */
  readonly theirs: Saved | undefined;

  constructor(message: string, theirs: Saved | undefined) {
    super(message);
    this.theirs = theirs;
  }
}

/** The document that was found there. @throws SaveError if it is none, which begins with `what` was found */
export function documentIn(found: Validated, what: string): WorksheetDocument {
  if (found.ok) return found.document;
  throw new SaveError(`${what} is no worksheet: ${found.problems[0]?.message ?? ''}`);
}
