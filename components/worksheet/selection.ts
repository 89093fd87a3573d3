/** Which cells of a worksheet are chosen: one, or a run of neighbours, or any. */

/** A choice among ids in their order. Never empty while there are cells. */
export class Selection {
  #chosen = new Set<string>();
  #anchor: string | undefined;
  #active: string | undefined;

  /** The cell that keys are about. */
  get active(): string | undefined {
    return this.#active;
  }

  get chosen(): ReadonlySet<string> {
    return this.#chosen;
  }

  has(id: string): boolean {
    return this.#chosen.has(id);
  }

  /** Chooses one alone. */
  choose(id: string): void {
    this.#anchor = id;
    this.#active = id;
    this.#chosen = new Set([id]);
  }

  /** Chooses all from where the choice began to here. */
  extendTo(id: string, order: readonly string[]): void {
    const from = order.indexOf(this.#anchor ?? id);
    const to = order.indexOf(id);
    if (from < 0 || to < 0) {
      this.choose(id);
      return;
    }
    this.#active = id;
    this.#chosen = new Set(order.slice(Math.min(from, to), Math.max(from, to) + 1));
  }

  /** Adds one, or takes it out; the last one stays. */
  toggle(id: string): void {
    if (!this.#chosen.has(id)) this.#chosen.add(id);
    else if (this.#chosen.size > 1) this.#chosen.delete(id);
    this.#anchor = id;
    this.#active = this.#chosen.has(id) ? id : [...this.#chosen].at(-1);
  }

  all(order: readonly string[]): void {
    this.#chosen = new Set(order);
    this.#active ??= order[0];
    this.#anchor ??= order[0];
  }

  /** The cells have changed: what is gone is let go, and a neighbour of the active one takes its part. */
  reconcile(order: readonly string[], before: readonly string[]): void {
    const there = new Set(order);
    this.#chosen = new Set([...this.#chosen].filter((id) => there.has(id)));
    if (this.#active === undefined || !there.has(this.#active)) {
      const place = this.#active === undefined ? 0 : Math.max(0, before.indexOf(this.#active));
      this.#active = before.slice(place).find((id) => there.has(id)) ?? order.at(-1);
    }
    if (this.#anchor === undefined || !there.has(this.#anchor)) this.#anchor = this.#active;
    if (this.#chosen.size === 0 && this.#active !== undefined) this.#chosen.add(this.#active);
  }

  /** The next or previous one of the active. */
  neighbour(order: readonly string[], step: 1 | -1): string | undefined {
    const place = order.indexOf(this.#active ?? '');
    return place < 0 ? order[0] : order[place + step];
  }
}
