/** One native range input, and the number that it stands for, shown and typed beside it. */
import { showMathText } from '../math-text.js';
import { element } from './control-view.js';
import { clamped, rounded, saidOf, shareOf, stepOf, written, type NumberRange } from './number-range.js';

/** Positions up to which each gets a tick. */
const MAX_TICKS = 24;

/** What a handle tells. */
export interface HandleOwner {
  readonly root: ShadowRoot;
  /** A number that it may take in the place of one it was moved to or given. */
  allowed(value: number): number;
  moved(how: 'passing' | 'final'): void;
}

/** Whoever makes one places `input` and `shown`. */
export class Handle {
  readonly input: HTMLInputElement;
  /** Undefined where values are not shown; a text field where they can be typed. */
  readonly shown: HTMLElement | undefined;
  #range: NumberRange;
  #value: number;
  readonly #owner: HandleOwner;

  constructor(
    range: NumberRange,
    value: number,
    words: { readonly label: string | undefined; readonly typed: string; readonly showsValue: boolean },
    owner: HandleOwner,
  ) {
    this.#range = range;
    this.#value = value;
    this.#owner = owner;
    this.input = element('input', 'range', { type: 'range' });
    if (words.label !== undefined) this.input.setAttribute('aria-label', words.label);
    this.shown = words.showsValue ? this.#makeShown(words.typed, owner) : undefined;
    for (const [type, how] of [
      ['input', 'passing'],
      ['change', 'final'],
    ] as const) {
      this.input.addEventListener(type, () => {
        // A typed number can lie between steps: going back to where the input stands is no move.
        this.#value = owner.allowed(rounded(this.#range, this.input.valueAsNumber));
        this.#paint(owner.root);
        owner.moved(how);
      });
    }
    this.show(range, value);
  }

  get value(): number {
    return this.#value;
  }

  /** Stands for another number, of another range maybe, and tells nobody. */
  show(range: NumberRange, value: number): void {
    this.#range = range;
    const { min, max } = range;
    this.input.min = String(min);
    this.input.max = String(max);
    this.input.step = String(stepOf(range));
    const positions = (max - min) / stepOf(range);
    const hasTicks = positions <= MAX_TICKS && positions >= 1;
    this.input.classList.toggle('has-ticks', hasTicks);
    this.input.style.setProperty('--_ticks', String(Math.round(positions)));
    // As wide as the widest value: nothing moves while it changes.
    const ends = range.labels ?? [
      written(range, min),
      written(range, max),
      written(range, min + stepOf(range)),
    ];
    const width = Math.min(24, Math.max(...ends.slice(0, 500).map((text) => text.length), 1));
    if (this.shown) this.shown.style.setProperty('--_characters', String(width));
    this.move(value);
  }

  /** Stands for another number and tells nobody. */
  move(value: number): void {
    this.#value = clamped(this.#range, value);
    this.input.value = String(this.#value);
    this.#paint(this.#owner.root);
  }

  #paint(root: ShadowRoot): void {
    const range = this.#range;
    this.input.style.setProperty('--_at', String(shareOf(range, this.#value)));
    this.input.setAttribute('aria-valuetext', saidOf(range, this.#value));
    const { shown } = this;
    if (shown instanceof HTMLInputElement) shown.value = written(range, this.#value);
    else if (shown) void showMathText(shown, written(range, this.#value), root);
  }

  #makeShown(label: string, owner: HandleOwner): HTMLElement {
    if (this.#range.labels !== undefined) {
      return element('span', 'shown', { 'aria-hidden': 'true' });
    }
    const field = element('input', 'shown field', {
      type: 'text',
      inputmode: 'decimal',
      'aria-label': label,
    });
    field.autocomplete = 'off';
    const take = (): void => {
      const text = field.value.trim().replace(/^[−–]/, '-').replace(',', '.');
      const number = text === '' ? Number.NaN : Number(text);
      const value = Number.isFinite(number) ? owner.allowed(clamped(this.#range, number)) : this.#value;
      const isNew = value !== this.#value;
      this.move(value);
      if (isNew) owner.moved('final');
    };
    field.addEventListener('change', take);
    field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.isComposing) take();
    });
    field.addEventListener('focus', () => {
      field.select();
    });
    return field;
  }
}
