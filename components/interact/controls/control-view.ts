/** What all controls have in common: a label, a place for what can be moved, the value in words for print. */
import type { Control, ControlValue } from '../../../relay/protocol/index.js';
import { showMathText, spoken } from '../math-text.js';
import type { InteractWords } from '../words/index.js';

/** How a control was changed: on the way to another value, to this one, or not, but a frame is asked for by name of it. */
export type Change = 'passing' | 'final' | 'again';

/** What a control tells and needs. */
export interface ControlOwner {
  readonly root: ShadowRoot;
  readonly words: InteractWords;
  /** Begins the ids of this interact's elements; no other in the shadow root has it. */
  readonly prefix: string;
  changed(name: string, how: Change): void;
  /** A button was pressed. */
  pressed(name: string, index: number): void;
}

/** One control in the page. `Of` is what it was declared as. */
export interface ControlView {
  readonly node: HTMLElement;
  readonly name: string;
  /** What goes with a frame; undefined if it holds nothing. */
  readonly value: ControlValue | undefined;
  /** Declared anew, without echo. @returns false if it has become another kind of control */
  update(control: Control): boolean;
  /** Takes a value from a script. @returns false if it can't hold that */
  set(value: ControlValue): boolean;
  /** As it would be declared now. */
  declaration(): Control;
  enable(isEnabled: boolean): void;
  /** Says with a sign and a word that what it holds is not in the output yet. */
  mark(isWaiting: boolean): void;
  focus(): void;
}

type Of<Kind extends Control['control']> = Extract<Control, { control: Kind }>;

/** A control by its kind. */
export type ControlOf<Kind extends Control['control']> = Of<Kind>;

/** Makes an element. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  attributes: Readonly<Record<string, string>> = {},
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag);
  if (className !== '') node.className = className;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

/** The frame of one control; what can be moved is its subclass's. */
export abstract class BaseControl<Declared extends Control> implements ControlView {
  readonly node: HTMLElement;
  /** Where the subclass puts what it is made of. */
  protected readonly place = element('div', 'widget');
  readonly #label: HTMLElement;
  readonly #mark: HTMLElement;
  readonly #isGroup: boolean;
  readonly #printed = element('span', 'printed');
  protected isEnabled = true;
  #field: HTMLElement | undefined;

  /** @param labels what the label is for: one field (by its id), a group, or nothing */
  constructor(
    protected declared: Declared,
    protected readonly owner: ControlOwner,
    labels: 'field' | 'group' | 'nothing',
  ) {
    this.node = element('div', `control control-${declared.control}`);
    this.#isGroup = labels === 'group';
    this.#label = element(labels === 'field' ? 'label' : 'span', 'label');
    if (this.#label instanceof HTMLLabelElement) this.#label.htmlFor = this.id;
    // Not a fieldset: browsers place a legend as no other element.
    if (this.#isGroup) this.node.setAttribute('role', 'group');
    this.#mark = element('span', 'waiting-mark', { role: 'img', 'aria-label': owner.words.changed });
    this.#mark.hidden = true;
    this.node.setAttribute('part', 'control');
    this.node.append(this.#label, this.place, this.#printed);
    this.#showLabel();
  }

  get name(): string {
    return this.declared.name;
  }

  abstract get value(): ControlValue | undefined;

  abstract set(value: ControlValue): boolean;

  /** Shows what is declared now. */
  protected abstract show(): void;

  /** The value in words. */
  protected abstract get text(): string;

  /** The one field that the label is for. A name with formulas is said once more: as text. */
  protected set field(field: HTMLElement) {
    field.id = this.id;
    this.#field = field;
    this.#showLabel();
  }

  protected get id(): string {
    return `${this.owner.prefix}${this.declared.name}`;
  }

  /** What the control is called where its label can't be seen. */
  protected get title(): string {
    return spoken(this.declared.label) || this.declared.name;
  }

  update(control: Control): boolean {
    if (control.control !== this.declared.control) return false;
    this.declared = control as Declared;
    this.#showLabel();
    this.show();
    this.enable(this.isEnabled);
    this.changedShown();
    return true;
  }

  declaration(): Control {
    const { value } = this;
    return 'value' in this.declared && value !== undefined
      ? ({ ...this.declared, value } as Control)
      : this.declared;
  }

  enable(isEnabled: boolean): void {
    this.isEnabled = isEnabled;
    for (const field of this.place.querySelectorAll<HTMLInputElement>('input, select, textarea, button'))
      field.disabled = !isEnabled;
  }

  mark(isWaiting: boolean): void {
    this.#mark.hidden = !isWaiting;
    this.node.classList.toggle('is-waiting', isWaiting);
    if (isWaiting && !this.#mark.isConnected) this.#label.append(this.#mark);
  }

  focus(): void {
    this.place.querySelector<HTMLElement>('input, select, textarea, button')?.focus();
  }

  /** What is held has changed: the words for print follow. */
  protected changedShown(): void {
    this.#printed.textContent = this.text;
  }

  #showLabel(): void {
    const { label } = this.declared;
    this.node.classList.toggle('is-unlabelled', label.trim() === '');
    if (this.#isGroup) this.node.setAttribute('aria-label', this.title);
    if (this.title === label) this.#field?.removeAttribute('aria-label');
    else this.#field?.setAttribute('aria-label', this.title);
    void showMathText(this.#label, label, this.owner.root);
  }
}
