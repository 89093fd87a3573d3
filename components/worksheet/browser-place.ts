/** Worksheets kept in the reader's own browser, for the pages of one site. */
import { parseDocument, type WorksheetDocument } from '../document/index.js';
import { ConflictError, documentIn, SaveError, type DocumentPlace, type Saved } from './document-place.js';

/** What is used of `localStorage`. */
export type KeyValueStore = Pick<Storage, 'getItem' | 'setItem'>;

/** Begins the key of every worksheet, so that a page can find and remove them. */
export const KEY_PREFIX = 'sage-embed:worksheet:';

const HEAD = /^(\d+) (\d+)\n/;

/** Text stored: `revision time`, a line end, the document. */
export class BrowserPlace implements DocumentPlace {
  readonly kind = 'browser';
  readonly #store: () => KeyValueStore;
  readonly #key: string;

  /**
   * @param name of the worksheet, unique on its site: the path of the page and the id of the element, say
   * @param store asked each time, since reading `localStorage` throws where it is forbidden
   */
  constructor(name: string, store: () => KeyValueStore) {
    this.#key = KEY_PREFIX + name;
    this.#store = store;
  }

  load(): Promise<Saved | undefined> {
    return this.#attempt(() => this.#read());
  }

  save(document: WorksheetDocument, revision: string | undefined, force = false): Promise<string> {
    return this.#attempt(() => {
      const there = this.#readRevision();
      if (!force && there !== revision) {
        throw new ConflictError('This worksheet was changed in another tab.', this.#read());
      }
      const next = String(Number(there ?? 0) + 1);
      this.#store().setItem(this.#key, `${next} ${String(Date.now())}\n${JSON.stringify(document)}`);
      return next;
    });
  }

  #readRevision(): string | undefined {
    return HEAD.exec(this.#store().getItem(this.#key) ?? '')?.[1];
  }

  #read(): Saved | undefined {
    const text = this.#store().getItem(this.#key);
    const [head, revision = ''] = HEAD.exec(text ?? '') ?? [];
    if (text === null || head === undefined) return undefined;
    const document = documentIn(parseDocument(text.slice(head.length)), 'What is kept in this browser');
    return { document, revision };
  }

  #attempt<T>(act: () => T): Promise<T> {
    return new Promise((resolve) => {
      try {
        resolve(act());
      } catch (error) {
        if (error instanceof SaveError) throw error;
        const isFull = error instanceof Error && /quota/i.test(`${error.name} ${error.message}`);
        throw new SaveError(
          isFull
            ? 'This browser has no room left for the worksheet.'
            : 'This browser keeps nothing for this page.',
        );
      }
    });
  }
}
