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

/**
 * Calls `changed` with the code whenever the children of `host` changed: the parser may bring them after the
 * element, in pieces, and a script may write them much later. The returned function ends it.
 */
export function watchLightSource(host: Element, changed: (code: string) => void): () => void {
  const observer = new MutationObserver(() => {
    changed(lightSource(host));
  });
  observer.observe(host, { childList: true, characterData: true, subtree: true });
  return () => {
    observer.disconnect();
  };
}
