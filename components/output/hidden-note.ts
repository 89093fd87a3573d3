/** Says, where it would be, how much of an output is not shown, and offers more of it. */
import type { Strings } from '../strings/index.js';

/** Made when there is something to say; whoever made it places its node and takes it away. */
export class HiddenNote {
  readonly node = document.createElement('p');
  readonly #sentence = document.createElement('span');
  readonly #more = document.createElement('button');

  /** @param showMore the reader asks for it */
  constructor(showMore: () => void) {
    this.node.className = 'note';
    this.#more.type = 'button';
    this.#more.className = 'button more-text';
    this.#more.addEventListener('click', showMore);
    this.node.append(this.#sentence);
  }

  /**
   * @param hidden how many characters are not shown
   * @param isKept whether any of them can be
   */
  tell(hidden: number, isKept: boolean, strings: Strings): void {
    this.#sentence.textContent = strings.notShown(hidden);
    this.#more.textContent = strings.showMore;
    // Once placed it is not moved: it may have the focus.
    if (!isKept) this.#more.remove();
    else if (this.#more.parentNode === null) this.node.append(this.#more);
  }
}
