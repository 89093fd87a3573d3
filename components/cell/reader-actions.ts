/** Does what the reader chose besides running, and has a word for the status line about it. */
import { announce, openAnnouncer } from '../announcer.js';
import { copyText } from '../clipboard.js';
import type { Strings } from '../strings/index.js';
import type { ActionName } from '../toolbar.js';
import { toggleFullScreen } from './actions.js';

/** How long it is said that something was copied, milliseconds. */
const SAID_MS = 2_000;

/** The cell, as its actions see it. */
export interface ActingCell extends HTMLElement {
  readonly strings: Strings;
  readonly code: string;
  requestUpdate(): void;
  reset(): void;
  clear(): void;
  restart(): void;
  runAll(): Promise<boolean>;
  runAbove(): Promise<boolean>;
}

/** The actions of one cell. */
export class ReaderActions {
  /** What the last one did; empty when there is nothing to say. */
  said = '';

  /** @param outputText all of the output */
  constructor(
    readonly cell: ActingCell,
    readonly outputText: () => string,
  ) {}

  perform(name: ActionName): void {
    const { cell } = this;
    switch (name) {
      case 'copy':
        void this.copy(cell.code);
        return;
      case 'copy-output':
        void this.copy(this.outputText());
        return;
      case 'reset':
        cell.reset();
        return;
      case 'clear':
        cell.clear();
        return;
      case 'run-all':
        void cell.runAll();
        return;
      case 'run-above':
        void cell.runAbove();
        return;
      case 'restart':
        cell.restart();
        return;
      case 'fullscreen':
        void toggleFullScreen(cell).then(() => {
          cell.requestUpdate();
        });
    }
  }

  /** @returns false if the browser or the page forbids it */
  async copy(text: string): Promise<boolean> {
    const isCopied = await copyText(text);
    const { copied, notCopied } = this.cell.strings;
    this.say(isCopied ? copied : notCopied);
    const close = openAnnouncer();
    announce(this.said);
    setTimeout(() => {
      close();
      this.say('');
    }, SAID_MS);
    return isCopied;
  }

  say(sentence: string): void {
    this.said = sentence;
    this.cell.requestUpdate();
  }
}
