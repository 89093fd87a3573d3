/** What styles of the page can ask an element by `:state()`. */

/** The custom states of one element. */
export class CustomStates {
  readonly #internals: ElementInternals;

  constructor(host: HTMLElement) {
    this.#internals = host.attachInternals();
  }

  toggle(name: string, isOn: boolean): void {
    try {
      if (isOn) this.#internals.states.add(name);
      else this.#internals.states.delete(name);
    } catch {
      // Browsers of before 2024 know custom states only by another spelling; the attribute says the same.
    }
  }
}
