/** Saving without being asked: soon after a change, and before the page goes away. */
import type { WorksheetDocument } from '../document/index.js';
import { ConflictError, SaveError, type DocumentPlace, type Saved } from './document-place.js';

/** From the first unsaved change to the save, milliseconds. */
export const AUTOSAVE_MS = 30_000;

/** `dirty` also while something is being saved that was changed since. */
export type SaveState = 'clean' | 'dirty' | 'conflict' | 'failed';

/** What the worksheet gives. */
export interface SavingHost {
  /** The document as it is now. */
  current(): WorksheetDocument;
  /** The state, or whether a save is under way, has changed. */
  saveStateChanged(): void;
}

/** Follows one worksheet in one place; ended by `close`. */
export class Saving {
  /** Sentence for the reader after `failed` and `conflict`. */
  message = '';
  #place: DocumentPlace;
  readonly #host: SavingHost;
  #revision: string | undefined;
  #state: SaveState = 'clean';
  /** Counts changes: a save covers those up to its own beginning. */
  #changes = 0;
  #savedChanges = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> | undefined;
  #theirs: Saved | undefined;

  constructor(place: DocumentPlace, host: SavingHost, revision?: string) {
    this.#place = place;
    this.#host = host;
    this.#revision = revision;
  }

  get place(): DocumentPlace {
    return this.#place;
  }

  get state(): SaveState {
    return this.#state;
  }

  get isSaving(): boolean {
    return this.#saving !== undefined;
  }

  /** True while there is something that would be lost with the page. */
  get isDirty(): boolean {
    return this.#changes !== this.#savedChanges;
  }

  /** What somebody else has saved, in state `conflict`. */
  get theirs(): Saved | undefined {
    return this.#theirs;
  }

  /** The document has changed. */
  touch(): void {
    this.#changes += 1;
    if (this.#state === 'clean') this.#become('dirty');
    this.#schedule();
  }

  /** Saves now; joins a save under way, and follows it with another one if the document has changed since it began. */
  async save(): Promise<void> {
    while (this.#saving !== undefined) await this.#saving;
    if (!this.isDirty || this.#state === 'conflict') return;
    await this.#begin(false);
  }

  /**
   * Ends a conflict. `mine` puts the reader's document over the other; `theirs` answers what is to be shown from now on.
   * Without a conflict nothing happens.
   */
  async resolve(choice: 'mine' | 'theirs'): Promise<WorksheetDocument | undefined> {
    if (this.#state !== 'conflict') return undefined;
    const theirs = this.#theirs;
    this.#theirs = undefined;
    if (choice === 'mine') {
      this.#revision = theirs?.revision;
      this.#become('dirty');
      await this.#begin(true);
      return undefined;
    }
    this.#revision = theirs?.revision;
    this.#savedChanges = this.#changes;
    this.#become('clean');
    return theirs?.document;
  }

  /** Another document or place from now on; what is unsaved is the caller's care. */
  moveTo(place: DocumentPlace, revision: string | undefined): void {
    this.#place = place;
    this.#revision = revision;
    this.#savedChanges = this.#changes;
    this.#theirs = undefined;
    this.#become('clean');
  }

  /** Stops the timer. What is dirty stays so. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    // From the first change on: somebody who never stops typing is saved too.
    if (this.#timer !== undefined || this.#state === 'conflict') return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.save();
    }, AUTOSAVE_MS);
  }

  async #begin(force: boolean): Promise<void> {
    this.close();
    const covered = this.#changes;
    const saving = this.#place.save(this.#host.current(), this.#revision, force).then(
      (revision) => {
        this.#revision = revision;
        this.#savedChanges = covered;
        this.#become(this.isDirty ? 'dirty' : 'clean');
      },
      (error: unknown) => {
        this.#failed(error);
      },
    );
    this.#saving = saving.finally(() => {
      this.#saving = undefined;
      if (this.#state === 'dirty' || this.#state === 'failed') this.#schedule();
      this.#host.saveStateChanged();
    });
    this.#host.saveStateChanged();
    await this.#saving;
  }

  #failed(error: unknown): void {
    const message = error instanceof SaveError ? error.message : 'The worksheet could not be saved.';
    if (error instanceof ConflictError) {
      this.#theirs = error.theirs;
      this.#become('conflict', message);
    } else this.#become('failed', message);
  }

  #become(state: SaveState, message = ''): void {
    this.#state = state;
    this.message = message;
    if (state === 'clean' || state === 'conflict') this.close();
    this.#host.saveStateChanged();
  }
}
