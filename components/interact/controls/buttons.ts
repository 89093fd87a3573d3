/** Buttons that do something when they are pressed, and hold nothing. */
import type { ControlValue } from '../../../relay/protocol/index.js';
import { showMathText } from '../math-text.js';
import { arrange, isIndex } from './choice.js';
import { BaseControl, element, type ControlOf, type ControlOwner } from './control-view.js';

/** A row or a grid of them. */
export class Buttons extends BaseControl<ControlOf<'buttons'>> {
  readonly #row = element('div', 'buttons');

  constructor(declared: ControlOf<'buttons'>, owner: ControlOwner) {
    super(declared, owner, 'group');
    this.place.append(this.#row);
    this.show();
  }

  /** The index that was pressed goes with the frame of its press alone. */
  get value(): null {
    return null;
  }

  set(value: ControlValue): boolean {
    if (!isIndex(value, this.declared.labels)) return false;
    this.owner.pressed(this.name, value);
    return true;
  }

  get labels(): readonly string[] {
    return this.declared.labels;
  }

  /** One of them is what the reader should press next. */
  want(isWanted: boolean): void {
    this.#row.querySelector('button')?.classList.toggle('is-wanted', isWanted);
  }

  protected get text(): string {
    return '';
  }

  protected show(): void {
    const { labels, columns, width } = this.declared;
    arrange(this.#row, columns);
    const buttons = labels.map((label, index) => {
      const button = element('button', 'button small', { type: 'button' });
      if (width !== undefined) button.style.minInlineSize = `calc(${String(width)}ch + 24px)`;
      void showMathText(button, label, this.owner.root, button);
      button.addEventListener('click', () => {
        this.owner.pressed(this.name, index);
      });
      return button;
    });
    this.#row.replaceChildren(...buttons);
  }
}
