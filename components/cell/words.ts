/** The language of an element's buttons: its own, that of its place in the page, or English until the words are there. */
import type { ReactiveControllerHost } from 'lit';
import { english, languageOf, tableFor, type Strings } from '../strings/index.js';

/** The words of one element. */
export class Words {
  strings: Strings = english;

  constructor(readonly host: ReactiveControllerHost & HTMLElement) {}

  /** Looks which language it is now; the words of most are loaded first. */
  learn(): void {
    const table = tableFor(this.host.lang || languageOf(this.host));
    if (table instanceof Promise) void table.then(this.#use);
    else this.#use(table);
  }

  readonly #use = (strings: Strings): void => {
    if (strings === this.strings) return;
    this.strings = strings;
    this.host.requestUpdate();
  };
}
