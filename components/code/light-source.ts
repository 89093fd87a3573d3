/** The code an author wrote as children of an element, and word of its changes. */
import { dedent } from './source-text.js';

const CARRIERS = 'pre, script[type="text/x-sage"], textarea';

/** The code among the children of `host`: of the first `<pre>`, `<script type="text/x-sage">` or `<textarea>`,
 * else all text that is not in a named slot. */
export function lightSource(host: Element): string {
  const carrier = [...host.children].find((child) => child.matches(CARRIERS) && !child.hasAttribute('slot'));
  if (carrier instanceof HTMLTextAreaElement) return dedent(carrier.value);
  if (carrier) return dedent(carrier.textContent);
  let text = '';
  for (const node of host.childNodes) {
    const isText = node instanceof Text;
    const isMarkup =
      node instanceof Element && !node.hasAttribute('slot') && !node.matches('script, style, template');
    if (isText || isMarkup) text += node.textContent;
  }
  return dedent(text);
}

/** The code among the children of an element in a page, read once for each of their changes. */
export class WatchedSource {
  readonly #observer: MutationObserver;
  #code: string | undefined;

  /**
   * Calls `changed` whenever the children of `host` changed: the parser may bring them after the element, in pieces,
   * and a script may write them much later. Whoever makes one calls `stop`.
   */
  constructor(
    readonly host: Element,
    readonly changed: () => void,
  ) {
    this.#observer = new MutationObserver(() => {
      this.#code = undefined;
      changed();
    });
    this.#observer.observe(host, { childList: true, characterData: true, subtree: true });
  }

  get code(): string {
    // What a script changed just now is told to the observer later.
    if (this.#observer.takeRecords().length > 0) {
      this.#code = undefined;
      queueMicrotask(this.changed);
    }
    return (this.#code ??= lightSource(this.host));
  }

  stop(): void {
    this.#observer.disconnect();
  }
}
