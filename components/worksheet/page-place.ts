/** Worksheets kept by the page around them: it answers events. */
import { parseDocument, validateDocument, type WorksheetDocument } from '../document/index.js';
import { ConflictError, documentIn, SaveError, type DocumentPlace, type Saved } from './document-place.js';

/** What a page is told with `sage-load`. It answers at once or later, by `respondWith`; without an answer nothing is loaded. */
export interface LoadRequest {
  /** A document (or its JSON text) with its revision; undefined if there is none. */
  respondWith(answer: LoadAnswer | Promise<LoadAnswer>): void;
}

export type LoadAnswer = { readonly document: unknown; readonly revision?: string } | undefined;

/** What a page is told with `sage-save`. */
export interface SaveRequest {
  readonly document: WorksheetDocument;
  /** Revision the reader began with, as the page gave it. */
  readonly revision: string | undefined;
  /** True if the reader has chosen to put it over what somebody else has saved. */
  readonly force: boolean;
  /**
   * Takes the new revision; `{ conflict: … }` with what lies there now, if somebody else has saved. A rejection, or a
   * page that does not answer, is a failure.
   */
  respondWith(answer: SaveAnswer | Promise<SaveAnswer>): void;
}

export type SaveAnswer =
  | { readonly revision: string }
  | { readonly conflict: { readonly document: unknown; readonly revision: string } };

/** Sends an event from the element; returns when all listeners have run. */
export type Announce = (type: 'sage-load' | 'sage-save', detail: LoadRequest | SaveRequest) => void;

/** Most time a page may take to answer, milliseconds. */
export const ANSWER_WITHIN_MS = 30_000;

function checked(document: unknown): WorksheetDocument {
  const found = typeof document === 'string' ? parseDocument(document) : validateDocument(document);
  return documentIn(found, 'What the page gave');
}

/** Keeps a worksheet by the events `sage-load` and `sage-save` of its element. */
export class PagePlace implements DocumentPlace {
  readonly kind = 'page';

  constructor(readonly announce: Announce) {}

  async load(): Promise<Saved | undefined> {
    const answer = await this.#ask<LoadAnswer>((respondWith) => {
      this.announce('sage-load', { respondWith });
    });
    if (answer === undefined || answer.given === undefined) return undefined;
    return { document: checked(answer.given.document), revision: answer.given.revision ?? '' };
  }

  async save(document: WorksheetDocument, revision: string | undefined, force = false): Promise<string> {
    const answer = await this.#ask<SaveAnswer>((respondWith) => {
      this.announce('sage-save', { document, revision, force, respondWith });
    });
    if (answer === undefined) throw new SaveError('The page does not keep worksheets.');
    if ('revision' in answer.given) return answer.given.revision;
    const { conflict } = answer.given;
    const theirs = { document: checked(conflict.document), revision: conflict.revision };
    throw new ConflictError('Somebody else has saved this worksheet meanwhile.', theirs);
  }

  /** @returns undefined if nobody answered */
  async #ask<A>(
    tell: (respondWith: (answer: A | Promise<A>) => void) => void,
  ): Promise<{ given: A } | undefined> {
    let promised: Promise<A> | undefined;
    tell((answer) => {
      promised ??= Promise.resolve(answer);
    });
    if (promised === undefined) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          reject(new SaveError('The page did not answer.'));
        }, ANSWER_WITHIN_MS);
      });
      return { given: await Promise.race([promised, late]) };
    } catch (error) {
      if (error instanceof SaveError) throw error;
      throw new SaveError(
        error instanceof Error && error.message !== ''
          ? error.message
          : 'The page could not keep the worksheet.',
      );
    } finally {
      clearTimeout(timer);
    }
  }
}
