/** The output an author stored with a cell: shown until there is a live one, and when there can be none. */

/** Written by the program that prerenders pages: shown as ours, not as a part of the page. */
const PRERENDERED = 'data-prerendered';

/** True if `host` holds stored output: anything in the slot `output` but an empty template. */
export function hasStoredOutput(host: Element): boolean {
  return [...host.children].some(
    (child) =>
      child.slot === 'output' && !(child instanceof HTMLTemplateElement && !child.content.hasChildNodes()),
  );
}

/**
 * The content of the templates among it, and of what was prerendered, as nodes of this document. Everything else is
 * shown by its slot; all but templates is shown by any page without scripts, too. It is the author's own markup, as
 * trusted as the page that holds it.
 */
export function storedNodes(host: Element): Node[] {
  return [...host.children]
    .filter((child) => child.slot === 'output')
    .flatMap((child): readonly Node[] => {
      if (child instanceof HTMLTemplateElement) return [document.importNode(child.content, true)];
      return child.hasAttribute(PRERENDERED) ? [...child.cloneNode(true).childNodes] : [];
    });
}
