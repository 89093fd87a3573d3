/** A matrix of text fields with a button of its own. */
import type { ControlValue } from '../../../relay/protocol/index.js';
import { BaseControl, element, type ControlOf, type ControlOwner } from './control-view.js';

const isGrid = (value: ControlValue): value is string[][] =>
  Array.isArray(value) && value.every((row) => Array.isArray(row));

/** Told as a whole: by Enter in a field, or by its button. */
export class Grid extends BaseControl<ControlOf<'grid'>> {
  readonly #table = element('div', 'grid');
  readonly #button = element('button', 'button small', { type: 'button' });
  #fields: HTMLInputElement[][] = [];

  constructor(declared: ControlOf<'grid'>, owner: ControlOwner) {
    super(declared, owner, 'group');
    this.#button.textContent = owner.words.update;
    this.#button.addEventListener('click', () => {
      this.#tell();
    });
    this.#table.addEventListener('keydown', (event) => {
      this.#pressed(event);
    });
    this.#table.addEventListener('input', () => {
      this.changedShown();
      this.#button.classList.add('is-wanted');
    });
    this.place.append(this.#table, this.#button);
    this.show();
    this.changedShown();
  }

  get value(): string[][] {
    return this.#fields.map((row) => row.map((field) => field.value));
  }

  set(value: ControlValue): boolean {
    if (!isGrid(value) || !this.#fits(value)) return false;
    this.#fill(value);
    this.changedShown();
    return true;
  }

  protected get text(): string {
    return this.value.map((row) => row.join('  ')).join('\n');
  }

  protected show(): void {
    const { value, width } = this.declared;
    if (!this.#fits(value) || this.#fields.length === 0) {
      this.#fields = value.map((row, r) =>
        row.map((_, c) => {
          const label = this.owner.words.entry(this.title, r + 1, c + 1);
          const field = element('input', 'field is-code', { type: 'text', 'aria-label': label });
          field.spellcheck = false;
          field.autocapitalize = 'off';
          field.autocomplete = 'off';
          field.style.inlineSize = `calc(${String(width)}ch + 18px)`;
          return field;
        }),
      );
      this.#table.style.gridTemplateColumns = `repeat(${String(value[0]?.length ?? 1)}, auto)`;
      this.#table.replaceChildren(...this.#fields.flat());
    }
    this.#fill(value);
  }

  #fits(value: readonly (readonly string[])[]): boolean {
    return (
      value.length === this.#fields.length && value.every((row, r) => row.length === this.#fields[r]?.length)
    );
  }

  #fill(value: readonly (readonly string[])[]): void {
    for (const [r, row] of this.#fields.entries())
      for (const [c, field] of row.entries()) field.value = value[r]?.[c] ?? '';
  }

  #tell(): void {
    this.#button.classList.remove('is-wanted');
    this.owner.changed(this.name, 'again');
  }

  /** Enter tells; up and down go from row to row. */
  #pressed(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      this.#tell();
      return;
    }
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    const r = this.#fields.findIndex((row) => row.includes(event.target as HTMLInputElement));
    const c = this.#fields[r]?.indexOf(event.target as HTMLInputElement) ?? -1;
    const next = this.#fields[r + step]?.[c];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
    next.select();
  }
}
