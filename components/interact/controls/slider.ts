/** A slider with one handle or two. */
import type { Control, ControlValue } from '../../../relay/protocol/index.js';
import { BaseControl, element, type ControlOf, type ControlOwner } from './control-view.js';
import { Handle, type HandleOwner } from './handle.js';
import { clamped, holds, rounded, saidOf, shareOf, stepOf } from './number-range.js';

/** A native range input. */
export class Slider extends BaseControl<ControlOf<'slider'>> {
  readonly #handle: Handle;

  constructor(declared: ControlOf<'slider'>, owner: ControlOwner) {
    super(declared, owner, 'field');
    this.#handle = new Handle(
      declared,
      declared.value as number,
      {
        label: undefined,
        typed: owner.words.valueOf(this.title),
        showsValue: declared.showsValue,
      },
      {
        root: owner.root,
        allowed: (value) => value,
        moved: (how) => {
          this.changedShown();
          owner.changed(this.name, how);
        },
      },
    );
    this.field = this.#handle.input;
    const track = element('div', 'track');
    track.append(this.#handle.input);
    this.place.append(track, ...(this.#handle.shown ? [this.#handle.shown] : []));
    this.changedShown();
  }

  get value(): number {
    return this.#handle.value;
  }

  set(value: ControlValue): boolean {
    if (!holds(this.declared, value)) return false;
    this.#handle.move(value);
    this.changedShown();
    return true;
  }

  override update(control: Control): boolean {
    // Where labels come or go, a text field does.
    const isSame =
      control.control === 'slider' &&
      !Array.isArray(control.value) &&
      (control.labels === undefined) === (this.declared.labels === undefined) &&
      control.showsValue === this.declared.showsValue;
    return isSame && super.update(control);
  }

  protected get text(): string {
    return saidOf(this.declared, this.value);
  }

  protected show(): void {
    this.#handle.show(this.declared, this.declared.value as number);
  }
}

/** Two native range inputs over each other; a press between them takes the nearer one. */
export class RangeSlider extends BaseControl<ControlOf<'slider'>> {
  readonly #low: Handle;
  readonly #high: Handle;
  readonly #track = element('div', 'track two');

  constructor(declared: ControlOf<'slider'>, owner: ControlOwner) {
    super(declared, owner, 'group');
    const [low = 0, high = 0] = declared.value as number[];
    const ofHandle = (allowed: (value: number) => number): HandleOwner => ({
      root: owner.root,
      allowed: (value) => allowed(value),
      moved: (how) => {
        this.#paint();
        owner.changed(this.name, how);
      },
    });
    const words = (name: (label: string) => string): ConstructorParameters<typeof Handle>[2] => ({
      label: name(this.title),
      typed: owner.words.valueOf(name(this.title)),
      showsValue: declared.showsValue,
    });
    this.#low = new Handle(
      declared,
      low,
      words(owner.words.from),
      ofHandle((value) => Math.min(value, this.#high.value)),
    );
    this.#high = new Handle(
      declared,
      high,
      words(owner.words.to),
      ofHandle((value) => Math.max(value, this.#low.value)),
    );
    this.#track.append(this.#low.input, this.#high.input);
    this.#track.addEventListener('pointerdown', (event) => {
      this.#grab(event);
    });
    for (const handle of [this.#low, this.#high]) {
      // One stands where it may, however far the other's own input would let it.
      handle.input.addEventListener('input', () => {
        handle.move(handle.value);
        this.#paint();
      });
    }
    this.place.append(this.#track);
    const { shown: from } = this.#low;
    const { shown: to } = this.#high;
    if (from && to) {
      const dash = element('span', 'dash', { 'aria-hidden': 'true' });
      dash.textContent = '–';
      const pair = element('span', 'pair');
      pair.append(from, dash, to);
      this.place.append(pair);
    }
    this.#paint();
  }

  get value(): number[] {
    return [this.#low.value, this.#high.value];
  }

  set(value: ControlValue): boolean {
    if (!Array.isArray(value) || value.length !== 2) return false;
    const [low, high] = value;
    if (!holds(this.declared, low) || !holds(this.declared, high) || low > high) return false;
    this.#low.move(low);
    this.#high.move(high);
    this.#paint();
    return true;
  }

  override update(control: Control): boolean {
    const isSame =
      control.control === 'slider' &&
      Array.isArray(control.value) &&
      (control.labels === undefined) === (this.declared.labels === undefined) &&
      control.showsValue === this.declared.showsValue;
    return isSame && super.update(control);
  }

  protected get text(): string {
    return `${saidOf(this.declared, this.#low.value)} – ${saidOf(this.declared, this.#high.value)}`;
  }

  protected show(): void {
    const [low = 0, high = 0] = this.declared.value as number[];
    this.#low.show(this.declared, low);
    this.#high.show(this.declared, high);
    this.#paint();
  }

  #paint(): void {
    this.#track.style.setProperty('--_from', String(shareOf(this.declared, this.#low.value)));
    this.#track.style.setProperty('--_to', String(shareOf(this.declared, this.#high.value)));
    this.changedShown();
  }

  /** Takes the nearer handle along, wherever on the track it is pressed. */
  #grab(event: PointerEvent): void {
    if (event.button !== 0 || !this.isEnabled) return;
    event.preventDefault();
    const at = this.#valueAt(event);
    const { value: low } = this.#low;
    const { value: high } = this.#high;
    const isLow = at < low || (at <= high && at - low < high - at);
    const handle = isLow ? this.#low : this.#high;
    handle.input.focus();
    this.#track.setPointerCapture(event.pointerId);
    const move = (to: number, type: 'input' | 'change'): void => {
      handle.input.value = String(to);
      handle.input.dispatchEvent(new Event(type, { bubbles: true }));
    };
    const begun = handle.value;
    let last = begun;
    const moved = (next: PointerEvent): void => {
      const to = this.#valueAt(next);
      if (to === last) return;
      last = to;
      move(to, 'input');
    };
    const ended = (): void => {
      this.#track.removeEventListener('pointermove', moved);
      this.#track.removeEventListener('pointerup', ended);
      this.#track.removeEventListener('pointercancel', ended);
      if (handle.value !== begun) move(handle.value, 'change');
    };
    this.#track.addEventListener('pointermove', moved);
    this.#track.addEventListener('pointerup', ended);
    this.#track.addEventListener('pointercancel', ended);
    moved(event);
  }

  #valueAt(event: PointerEvent): number {
    const box = this.#track.getBoundingClientRect();
    const thumb = 20;
    const along = (event.clientX - box.left - thumb / 2) / Math.max(1, box.width - thumb);
    const share = getComputedStyle(this.#track).direction === 'rtl' ? 1 - along : along;
    const { min, max } = this.declared;
    const step = stepOf(this.declared);
    const value = min + Math.round((share * (max - min)) / step) * step;
    return rounded(this.declared, clamped(this.declared, value));
  }
}
