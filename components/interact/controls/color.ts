/** A colour, from the browser's own palette or typed. */
import type { ControlValue } from '../../../relay/protocol/index.js';
import { BaseControl, element, type ControlOf, type ControlOwner } from './control-view.js';

const HEX = /^#[0-9a-f]{6}$/;

/** `#abc`, `abcdef` and capitals are understood too. */
function colourOf(text: string): string | undefined {
  const bare = text.trim().toLowerCase().replace(/^#/, '');
  const long = bare.length === 3 ? bare.replace(/./g, '$&$&') : bare;
  return HEX.test(`#${long}`) ? `#${long}` : undefined;
}

/** A native colour field, with a text field beside it where the colour can be typed. */
export class ColorField extends BaseControl<ControlOf<'color'>> {
  readonly #swatch = element('input', 'swatch', { type: 'color' });
  readonly #field = element('input', 'field is-code hex', { type: 'text', maxlength: '7' });

  constructor(declared: ControlOf<'color'>, owner: ControlOwner) {
    super(declared, owner, 'field');
    this.field = this.#swatch;
    this.#field.setAttribute('aria-label', owner.words.colourCode(this.title));
    this.#field.spellcheck = false;
    this.#field.autocomplete = 'off';
    for (const [type, how] of [
      ['input', 'passing'],
      ['change', 'final'],
    ] as const) {
      this.#swatch.addEventListener(type, () => {
        this.#field.value = this.#swatch.value;
        this.changedShown();
        owner.changed(this.name, how);
      });
    }
    this.#field.addEventListener('change', () => {
      const colour = colourOf(this.#field.value);
      const isNew = colour !== undefined && colour !== this.#swatch.value;
      if (isNew) this.#swatch.value = colour;
      this.#field.value = this.#swatch.value;
      this.changedShown();
      if (isNew) owner.changed(this.name, 'final');
    });
    this.place.append(this.#swatch, this.#field);
    this.show();
    this.changedShown();
  }

  get value(): string {
    return this.#swatch.value;
  }

  set(value: ControlValue): boolean {
    const colour = typeof value === 'string' ? colourOf(value) : undefined;
    if (colour === undefined) return false;
    this.#swatch.value = colour;
    this.#field.value = colour;
    this.changedShown();
    return true;
  }

  protected get text(): string {
    return this.value;
  }

  protected show(): void {
    this.#swatch.value = this.declared.value;
    this.#field.value = this.declared.value;
    this.#field.hidden = !this.declared.showsValue;
  }
}
