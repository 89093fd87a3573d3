/** Whether all of an output is seen: a region that scrolls is reached by keyboard, and stays at its end if it was there. */

/** Watches one region from `watch` to `unwatch`. */
export class Overflow {
  #isPinned = false;
  readonly #resize = new ResizeObserver(() => {
    this.mark();
  });

  /** @param label of the region, while it is one */
  constructor(
    readonly node: HTMLElement,
    readonly label: () => string,
  ) {
    node.addEventListener('scroll', () => {
      const { scrollTop, scrollHeight, clientHeight } = node;
      this.#isPinned = scrollTop > 0 && scrollTop + clientHeight >= scrollHeight - 4;
    });
  }

  watch(): void {
    this.#resize.observe(this.node);
  }

  unwatch(): void {
    this.#resize.disconnect();
  }

  /** Something was added: a reader who was at the end sees the end. */
  grown(): void {
    this.mark();
    if (this.#isPinned) this.node.scrollTop = this.node.scrollHeight;
  }

  /** A region that does not scroll must not be a stop on the way of the keyboard. */
  mark(): void {
    const { node } = this;
    const overflows = node.scrollHeight > node.clientHeight + 1 || node.scrollWidth > node.clientWidth + 1;
    if (overflows === node.hasAttribute('tabindex')) return;
    if (overflows) {
      node.tabIndex = 0;
      node.setAttribute('role', 'region');
      node.setAttribute('aria-label', this.label());
    } else {
      for (const name of ['tabindex', 'role', 'aria-label']) node.removeAttribute(name);
    }
  }
}
