/** On or off. */
import type { ControlValue } from '../../../relay/protocol/index.js';
import { BaseControl, element, type ControlOf, type ControlOwner } from './control-view.js';

/** A native checkbox. */
export class Checkbox extends BaseControl<ControlOf<'checkbox'>> {
  readonly #box = element('input', 'checkbox', { type: 'checkbox' });

  constructor(declared: ControlOf<'checkbox'>, owner: ControlOwner) {
    super(declared, owner, 'field');
    this.field = this.#box;
    this.#box.addEventListener('change', () => {
      this.changedShown();
      owner.changed(this.name, 'final');
    });
    this.place.append(this.#box);
    this.show();
    this.changedShown();
  }

  get value(): boolean {
    return this.#box.checked;
  }

  set(value: ControlValue): boolean {
    if (typeof value !== 'boolean') return false;
    this.#box.checked = value;
    this.changedShown();
    return true;
  }

  protected get text(): string {
    return this.value ? '☑' : '☐';
  }

  protected show(): void {
    this.#box.checked = this.declared.value;
  }
}
