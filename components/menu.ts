/** A menu behind a button: the browser's own popover, so that it closes as readers expect and lies above everything. */
import { html, nothing, type TemplateResult } from 'lit';
import { moreIcon } from './icons.js';

/** A line of a menu. */
export interface MenuItem {
  readonly name: string;
  readonly text: string;
  readonly act: () => void;
}

/** Space between the button and the menu, CSS pixels. */
const GAP = 4;

function toggled(event: ToggleEvent): void {
  const menu = event.currentTarget as HTMLElement;
  const button = menu.previousElementSibling;
  if (event.newState !== 'open') {
    // Whoever had the focus in the menu has it nowhere now, or will not have it for long.
    const { activeElement } = menu.getRootNode() as ShadowRoot;
    const isLost = document.activeElement === document.body || menu.contains(activeElement);
    if (isLost && button instanceof HTMLElement) button.focus();
    return;
  }
  if (button) {
    const { left, right, top, bottom } = button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = menu;
    const isRtl = getComputedStyle(menu).direction === 'rtl';
    const start = isRtl ? left : right - width;
    const isBelow = bottom + GAP + height <= innerHeight || top < height;
    menu.style.left = `${String(Math.max(GAP, Math.min(start, innerWidth - width - GAP)))}px`;
    menu.style.top = `${String(isBelow ? bottom + GAP : top - GAP - height)}px`;
  }
  menu.querySelector<HTMLElement>('button')?.focus();
  addEventListener('scroll', () => menu.hidePopover(), { once: true, passive: true });
}

function moved(event: KeyboardEvent): void {
  const items = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('button')];
  const root = (event.currentTarget as HTMLElement).getRootNode() as ShadowRoot;
  const at = items.indexOf(root.activeElement as HTMLElement);
  const last = items.length - 1;
  const to = { ArrowDown: at === last ? 0 : at + 1, ArrowUp: at <= 0 ? last : at - 1, Home: 0, End: last }[
    event.key
  ];
  if (event.key === 'Tab') (event.currentTarget as HTMLElement).hidePopover();
  if (to === undefined) return;
  event.preventDefault();
  items[to]?.focus();
}

/** The button and its menu; nothing without items, or in a browser without popovers. */
export function renderMenu(
  items: readonly MenuItem[],
  label: string,
  id = 'menu',
): TemplateResult | typeof nothing {
  if (items.length === 0 || !('popover' in HTMLElement.prototype)) return nothing;
  return html`<button
      class="button icon more"
      part="more"
      type="button"
      popovertarget=${id}
      aria-haspopup="menu"
      aria-label=${label}
      title=${label}
    >
      ${moreIcon}
    </button>
    <div
      id=${id}
      class="menu"
      part="menu"
      popover
      role="menu"
      aria-label=${label}
      @toggle=${toggled}
      @keydown=${moved}
    >
      ${items.map(
        ({ name, text, act }) =>
          html`<button
            class="item"
            part="menu-item"
            type="button"
            role="menuitem"
            data-action=${name}
            @click=${(event: Event) => {
              (event.currentTarget as HTMLElement).closest<HTMLElement>('[popover]')?.hidePopover();
              act();
            }}
          >
            ${text}
          </button>`,
      )}
    </div>`;
}
