/** What an importer answers. */
import type { Cell, WorksheetDocument } from '../schema.js';
import { newCellId } from '../cells.js';
import { DOCUMENT_VERSION, MAX_CELLS, MAX_TEXT_LENGTH, MAX_TITLE_LENGTH } from '../schema.js';

/** A document made from another format, and what of it could not be taken over. */
export interface Imported {
  readonly document: WorksheetDocument;
  /** One sentence each, for the reader. */
  readonly notices: readonly string[];
}

/** The text is not of the format it was taken for, or breaks that format's rules. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
}

const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Collects cells within the limits of a document, with ids that differ. */
export class DocumentBuilder {
  title = '';
  description = '';
  readonly #cells: Cell[] = [];
  readonly #ids = new Set<string>();
  readonly #notices = new Map<string, number>();

  /** Says once, with a count, what was left out. */
  notice(sentence: string): void {
    this.#notices.set(sentence, (this.#notices.get(sentence) ?? 0) + 1);
  }

  /** Adds a cell; an id that is missing, in use or impossible is replaced. */
  add(cell: Omit<Cell, 'id'> & { id?: string | undefined }): void {
    if (this.#cells.length >= MAX_CELLS) {
      this.notice(`Only the first ${String(MAX_CELLS)} cells were taken over.`);
      return;
    }
    const id = cell.id !== undefined && ID.test(cell.id) && !this.#ids.has(cell.id) ? cell.id : newCellId();
    this.#ids.add(id);
    const { output, note, flags, ...rest } = cell;
    const hasFlags = flags !== undefined && Object.values(flags).some(Boolean);
    this.#cells.push({
      ...rest,
      id,
      source: this.#bounded(cell.source),
      ...(note !== undefined && note !== '' && { note: this.#bounded(note) }),
      ...(hasFlags && { flags }),
      ...(output !== undefined && output.length > 0 && { output }),
    });
  }

  build(): Imported {
    return {
      document: {
        version: DOCUMENT_VERSION,
        title: this.title.slice(0, MAX_TITLE_LENGTH),
        description: this.#bounded(this.description),
        cells: this.#cells,
      },
      notices: [...this.#notices].map(([sentence, count]) =>
        count === 1 ? sentence : `${sentence} (${String(count)} times)`,
      ),
    };
  }

  #bounded(text: string): string {
    if (text.length <= MAX_TEXT_LENGTH) return text;
    this.notice(`A text longer than ${String(MAX_TEXT_LENGTH)} characters was cut.`);
    return text.slice(0, MAX_TEXT_LENGTH);
  }
}
