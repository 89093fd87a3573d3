/** Text: as it is, or code to evaluate. */
import type { ControlValue } from '../../../relay/protocol/index.js';
import { BaseControl, element, type ControlOf, type ControlOwner } from './control-view.js';

/** A native text field, of one line or several. */
export class TextBox extends BaseControl<ControlOf<'text'>> {
  readonly #field: HTMLInputElement | HTMLTextAreaElement;
  /** What was told last. */
  #told: string;

  constructor(declared: ControlOf<'text'>, owner: ControlOwner) {
    super(declared, owner, 'field');
    const { lines, width, isCode, isEager } = declared;
    const field =
      lines > 1
        ? element('textarea', 'field', { rows: String(lines) })
        : element('input', 'field', { type: 'text' });
    this.#field = field;
    this.field = field;
    field.spellcheck = !isCode;
    field.autocapitalize = 'off';
    field.setAttribute('autocomplete', 'off');
    field.classList.toggle('is-code', isCode);
    if (width === undefined) field.classList.add('is-wide');
    else field.style.inlineSize = `calc(${String(width)}ch + 22px)`;
    this.#told = declared.value;
    field.addEventListener('input', () => {
      this.changedShown();
      if (isEager) this.#tell('passing');
    });
    field.addEventListener('change', () => {
      this.#tell('final');
    });
    field.addEventListener('keydown', (event) => {
      const { key, shiftKey, isComposing } = event as KeyboardEvent;
      if (key !== 'Enter' || isComposing || (lines > 1 && !shiftKey)) return;
      event.preventDefault();
      this.#told = this.#field.value;
      owner.changed(this.name, 'again');
    });
    this.place.append(field);
    this.show();
    this.changedShown();
  }

  get value(): string {
    return this.#field.value;
  }

  set(value: ControlValue): boolean {
    if (typeof value !== 'string') return false;
    this.#field.value = value;
    this.#told = value;
    this.changedShown();
    return true;
  }

  protected get text(): string {
    return this.#field.value;
  }

  protected show(): void {
    this.#field.value = this.declared.value;
    this.#told = this.declared.value;
  }

  /** An eager one has told all but the last key press. */
  #tell(how: 'passing' | 'final'): void {
    if (this.#told === this.#field.value) return;
    this.#told = this.#field.value;
    this.owner.changed(this.name, this.declared.isEager ? 'final' : how);
  }
}
