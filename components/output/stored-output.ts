/** The output an author stored with a cell: shown until there is a live one, and when there can be none. */

/** True if `host` holds stored output: `<template slot="output">`, or anything else in the slot `output`. */
export function hasStoredOutput(host: Element): boolean {
  return [...host.children].some((child) => child.slot === 'output');
}

/**
 * The content of the templates among it, as nodes of this document. What is no template is shown by its slot, and by
 * any page without scripts. Both are the author's own markup, as trusted as the page that holds it.
 */
export function storedNodes(host: Element): Node[] {
  return [...host.children]
    .filter(
      (child): child is HTMLTemplateElement =>
        child instanceof HTMLTemplateElement && child.slot === 'output',
    )
    .map((template) => document.importNode(template.content, true));
}
