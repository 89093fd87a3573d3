/** Several sliders that hold one list of numbers: upright, side by side. */
import type { Control, ControlValue } from '../../../relay/protocol/index.js';
import { BaseControl, element, type ControlOf, type ControlOwner } from './control-view.js';
import { Handle } from './handle.js';
import { holds, saidOf } from './number-range.js';

/** As many native range inputs as there are numbers. */
export class SliderBank extends BaseControl<ControlOf<'sliders'>> {
  readonly #bank = element('div', 'bank');
  #handles: Handle[] = [];

  constructor(declared: ControlOf<'sliders'>, owner: ControlOwner) {
    super(declared, owner, 'group');
    this.place.append(this.#bank);
    this.show();
    this.changedShown();
  }

  get value(): number[] {
    return this.#handles.map(({ value }) => value);
  }

  set(value: ControlValue): boolean {
    const { sliders } = this.declared;
    if (!Array.isArray(value) || value.length !== this.#handles.length) return false;
    if (!value.every((one, index) => sliders[index] !== undefined && holds(sliders[index], one)))
      return false;
    for (const [index, handle] of this.#handles.entries()) handle.move(Number(value[index]));
    this.changedShown();
    return true;
  }

  override update(control: Control): boolean {
    return control.control === 'sliders' && super.update(control);
  }

  protected get text(): string {
    const { sliders } = this.declared;
    const said = this.value.map((value, index) =>
      sliders[index] === undefined ? String(value) : saidOf(sliders[index], value),
    );
    return `(${said.join(', ')})`;
  }

  protected show(): void {
    const { sliders, value, showsValue } = this.declared;
    const { words, root } = this.owner;
    this.#handles = sliders.map((range, index) => {
      const label = words.part(this.title, index + 1);
      return new Handle(
        range,
        value[index] ?? range.min,
        { label, typed: words.valueOf(label), showsValue },
        {
          root,
          allowed: (one) => one,
          moved: (how) => {
            this.changedShown();
            this.owner.changed(this.name, how);
          },
        },
      );
    });
    this.#bank.replaceChildren(
      ...this.#handles.map(({ input, shown }) => {
        const column = element('div', 'upright');
        column.append(input, ...(shown ? [shown] : []));
        return column;
      }),
    );
  }
}
