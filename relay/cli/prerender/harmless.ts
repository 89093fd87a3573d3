/** Markup that a computation made → the part of it that is on the lists, written anew. */
import { html, parseFragment, type DefaultTreeAdapterTypes } from 'parse5';
import {
  ATTRIBUTES,
  CLASSES,
  CODE,
  escapeHtml,
  INLINE_IMAGE,
  LINK,
  piecesOf,
  TAGS,
} from '../../../components/static/index.js';

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

/** Deepest nesting that is followed: parsers of browsers flatten what is deeper than 512. */
const MAX_DEPTH = 200;

const ALLOWED_TAGS: ReadonlySet<string> = new Set(TAGS);
/** Without inline styles: a page's policy may forbid them, and the page has a style of its own. */
const ALLOWED_ATTRIBUTES: ReadonlySet<string> = new Set(ATTRIBUTES.filter((name) => name !== 'style'));
const VOID: ReadonlySet<string> = new Set(['br', 'col', 'hr', 'img', 'wbr']);

/** Elements whose content is no text for readers. */
const OMITTED: ReadonlySet<string> = new Set(
  'script style template noscript iframe object embed svg math textarea select title head xmp noembed noframes plaintext'.split(
    ' ',
  ),
);

const CODE_TAGS: ReadonlySet<string> = new Set(CODE.split(', '));

/** LaTeX with the signs around it → markup that can be trusted; undefined if it can't be read. */
type Typeset = (latex: string) => string | undefined;

/** The same text and structure with allowed elements and attributes only, and its formulas as `typeset` makes them. */
export function harmless(markup: string, typeset: Typeset): string {
  return parseFragment(markup)
    .childNodes.map((node) => written(node, 0, typeset))
    .join('');
}

function written(node: Node, depth: number, typeset: Typeset): string {
  if (node.nodeName === '#text') {
    return piecesOf((node as DefaultTreeAdapterTypes.TextNode).value)
      .map((piece) =>
        typeof piece === 'string' ? escapeHtml(piece) : (typeset(piece.source) ?? escapeHtml(piece.source)),
      )
      .join('');
  }
  if (!('tagName' in node) || depth > MAX_DEPTH) return '';
  const { tagName: name, namespaceURI } = node;
  if (namespaceURI !== html.NS.HTML || OMITTED.has(name)) return '';
  const ofText = CODE_TAGS.has(name) ? (): undefined => undefined : typeset;
  const content = node.childNodes.map((child) => written(child, depth + 1, ofText)).join('');
  if (!ALLOWED_TAGS.has(name)) return content;
  const attributes = node.attrs.map((attribute) => allowed(node, attribute.name, attribute.value)).join('');
  const safety =
    name === 'a' && attributes.includes(' href=') ? ' target="_blank" rel="noopener noreferrer"' : '';
  const tag = `<${name}${attributes}${safety}>`;
  return VOID.has(name) ? tag : `${tag}${content}</${name}>`;
}

function allowed({ tagName }: Element, name: string, value: string): string {
  if (!ALLOWED_ATTRIBUTES.has(name)) return '';
  let kept = value;
  if (name === 'class') {
    kept = value
      .split(/\s+/)
      .filter((word) => CLASSES.has(word))
      .join(' ');
    if (kept === '') return '';
  }
  if (name === 'href' && !(tagName === 'a' && LINK.test(value.trim()))) return '';
  if (name === 'src' && !(tagName === 'img' && INLINE_IMAGE.test(value.trim()))) return '';
  return ` ${name}="${escapeHtml(kept)}"`;
}
