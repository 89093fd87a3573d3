/** One of several: a list, radio buttons, or buttons side by side. */
import type { Control, ControlValue } from '../../../relay/protocol/index.js';
import { showMathText, spoken } from '../math-text.js';
import { BaseControl, element, type ControlOf, type ControlOwner } from './control-view.js';

/** True of an index into `labels`. */
export const isIndex = (value: ControlValue, labels: readonly string[]): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < labels.length;

/** As many columns as asked for. */
export function arrange(node: HTMLElement, columns: number | undefined): void {
  node.classList.toggle('in-columns', columns !== undefined);
  node.style.gridTemplateColumns = columns === undefined ? '' : `repeat(${String(columns)}, auto)`;
}

/** A native select: the best there is for many values, on every device. */
export class ChoiceList extends BaseControl<ControlOf<'choice'>> {
  readonly #list = element('select', 'field');

  constructor(declared: ControlOf<'choice'>, owner: ControlOwner) {
    super(declared, owner, 'field');
    this.field = this.#list;
    this.#list.addEventListener('change', () => {
      this.changedShown();
      owner.changed(this.name, 'final');
    });
    this.place.append(this.#list);
    this.show();
    this.changedShown();
  }

  get value(): number {
    return this.#list.selectedIndex;
  }

  set(value: ControlValue): boolean {
    if (!isIndex(value, this.declared.labels)) return false;
    this.#list.selectedIndex = value;
    this.changedShown();
    return true;
  }

  override update(control: Control): boolean {
    return control.control === 'choice' && control.look === 'list' && super.update(control);
  }

  protected get text(): string {
    return spoken(this.declared.labels[this.value] ?? '');
  }

  protected show(): void {
    const { labels, value } = this.declared;
    this.#list.replaceChildren(...labels.map((label) => new Option(spoken(label))));
    this.#list.selectedIndex = value;
  }
}

/** Native radio buttons. */
export class ChoiceRadios extends BaseControl<ControlOf<'choice'>> {
  readonly #set = element('div', 'choices');
  #radios: HTMLInputElement[] = [];

  constructor(declared: ControlOf<'choice'>, owner: ControlOwner) {
    super(declared, owner, 'group');
    this.node.setAttribute('role', 'radiogroup');
    this.#set.addEventListener('change', () => {
      this.changedShown();
      owner.changed(this.name, 'final');
    });
    this.place.append(this.#set);
    this.show();
    this.changedShown();
  }

  get value(): number {
    return this.#radios.findIndex(({ checked }) => checked);
  }

  set(value: ControlValue): boolean {
    const radio = isIndex(value, this.declared.labels) ? this.#radios[value] : undefined;
    if (radio === undefined) return false;
    radio.checked = true;
    this.changedShown();
    return true;
  }

  override update(control: Control): boolean {
    return control.control === 'choice' && control.look === 'radio' && super.update(control);
  }

  protected get text(): string {
    return spoken(this.declared.labels[this.value] ?? '');
  }

  protected show(): void {
    const { labels, value, columns } = this.declared;
    arrange(this.#set, columns);
    this.#radios = [];
    const choices = labels.map((label, index) => {
      const choice = element('label', 'choice');
      const radio = element('input', '', { type: 'radio', name: this.id, value: String(index) });
      radio.checked = index === value;
      this.#radios.push(radio);
      const text = element('span', '');
      void showMathText(text, label, this.owner.root, radio);
      choice.append(radio, text);
      return choice;
    });
    this.#set.replaceChildren(...choices);
  }
}

/** Buttons side by side, one of them pressed. The arrow keys go from one to the next. */
export class ChoiceButtons extends BaseControl<ControlOf<'choice'>> {
  readonly #row = element('div', 'segments');
  #buttons: HTMLButtonElement[] = [];
  #value = 0;

  constructor(declared: ControlOf<'choice'>, owner: ControlOwner) {
    super(declared, owner, 'group');
    this.#row.addEventListener('keydown', (event) => {
      this.#pressed(event);
    });
    this.place.append(this.#row);
    this.show();
    this.changedShown();
  }

  get value(): number {
    return this.#value;
  }

  set(value: ControlValue): boolean {
    if (!isIndex(value, this.declared.labels)) return false;
    this.#choose(value);
    return true;
  }

  override update(control: Control): boolean {
    return control.control === 'choice' && control.look === 'buttons' && super.update(control);
  }

  protected get text(): string {
    return spoken(this.declared.labels[this.#value] ?? '');
  }

  protected show(): void {
    const { labels, value, columns } = this.declared;
    arrange(this.#row, columns);
    this.#buttons = labels.map((label, index) => {
      const button = element('button', 'segment', { type: 'button' });
      void showMathText(button, label, this.owner.root, button);
      button.addEventListener('click', () => {
        if (index === this.#value) return;
        this.#choose(index);
        this.owner.changed(this.name, 'final');
      });
      return button;
    });
    this.#row.replaceChildren(...this.#buttons);
    this.#choose(value);
  }

  #choose(index: number): void {
    this.#value = index;
    for (const [i, button] of this.#buttons.entries())
      button.setAttribute('aria-pressed', i === index ? 'true' : 'false');
    this.changedShown();
  }

  #pressed(event: KeyboardEvent): void {
    const isRtl = getComputedStyle(this.#row).direction === 'rtl';
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: isRtl ? -1 : 1,
      ArrowLeft: isRtl ? 1 : -1,
      ArrowDown: 1,
      ArrowUp: -1,
    };
    const step = steps[event.key];
    const at = this.#buttons.indexOf(event.target as HTMLButtonElement);
    const next = step === undefined || at < 0 ? undefined : this.#buttons[at + step];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  }
}
