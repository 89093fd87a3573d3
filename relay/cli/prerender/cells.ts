/** The cells of a page's source: what each runs, in which session, and where its output belongs. */
import { parse, type DefaultTreeAdapterTypes } from 'parse5';
import { dedent, LANGUAGE_NAMES, type LanguageName } from '../../../components/static/index.js';

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

/** Marks output that was written by this program, with what it is the output of. */
export const MARK = 'data-prerendered';

/** One `<sage-cell>`. Offsets are in UTF-16 units of the source. */
export interface PageCell {
  /** Line of the page where its tag begins, from 1. */
  readonly line: number;
  /** Its code; undefined if it lies at `src`. */
  readonly code: string | undefined;
  readonly src: string | undefined;
  /** Line of the page that is the first of the code, from 1. */
  readonly codeLine: number;
  readonly language: LanguageName;
  readonly session: string | undefined;
  readonly isSetup: boolean;
  readonly isTypeset: boolean;
  /** Longest run, milliseconds. */
  readonly wallMs: number | undefined;
  /** Where output can be put in: before the end tag. Undefined if there is none. */
  readonly end: number | undefined;
  /** Output written before. */
  readonly written: { readonly start: number; readonly end: number; readonly mark: string } | undefined;
  /** True if the author wrote an output of his own, or wants none to be seen. */
  readonly isAuthors: boolean;
  /** True inside a paragraph, where the parser takes no block but a template's. */
  readonly isInParagraph: boolean;
}

/** All cells of a page, in its order; those in templates are no part of it yet. */
export function cellsIn(source: string): PageCell[] {
  const tree = parse(source, { sourceCodeLocationInfo: true });
  const elements = [...elementsIn(tree)];
  const defaults = elements.find(({ tagName }) => tagName === 'sage-config');
  return elements
    .filter(({ tagName }) => tagName === 'sage-cell')
    .map((element) => cellOf(element, defaults, source));
}

function* elementsIn(node: Node): Generator<Element> {
  if (!('childNodes' in node)) return;
  for (const child of node.childNodes) {
    if ('tagName' in child) yield child;
    yield* elementsIn(child);
  }
}

function cellOf(element: Element, defaults: Element | undefined, source: string): PageCell {
  const setting = (name: string): string | undefined =>
    attribute(element, name) ?? (defaults && attribute(defaults, name));
  const isOn = (name: string): boolean => {
    const value = setting(name);
    return value !== undefined && !/^(?:false|off|no)$/i.test(value);
  };
  const language = LANGUAGE_NAMES.find((name) => name === setting('language')?.toLowerCase());
  const seconds = Number(setting('time-limit') ?? Number.NaN);
  const location = element.sourceCodeLocation;
  const src = attribute(element, 'src') || undefined;
  const outputs = childElements(element).filter((child) => attribute(child, 'slot') === 'output');
  const ours = outputs.find((child) => attribute(child, MARK) !== undefined);
  const old = ours?.sourceCodeLocation;
  const code = src === undefined ? codeIn(element) : undefined;
  return {
    line: location?.startLine ?? 1,
    code,
    src,
    codeLine: code === undefined ? 1 : firstLine(element, code, source),
    language: language ?? LANGUAGE_NAMES[0],
    session: setting('session') || undefined,
    isSetup: isOn('setup'),
    isTypeset: isOn('typeset'),
    wallMs: seconds > 0 ? seconds * 1_000 : undefined,
    end: location?.endTag?.startOffset,
    written: old
      ? { start: old.startOffset, end: old.endOffset, mark: attribute(ours, MARK) ?? '' }
      : undefined,
    isAuthors:
      outputs.some((child) => child !== ours) || (setting('hide') ?? '').split(/[\s,]+/).includes('output'),
    isInParagraph: isInParagraph(element),
  };
}

const attribute = (element: Element, name: string): string | undefined =>
  element.attrs.find((candidate) => candidate.name === name)?.value;

const childElements = (element: Element): Element[] =>
  element.childNodes.filter((child): child is Element => 'tagName' in child);

function textIn(node: Node): string {
  if (node.nodeName === '#text') return (node as DefaultTreeAdapterTypes.TextNode).value;
  return 'childNodes' in node ? node.childNodes.map(textIn).join('') : '';
}

const isCarrier = (element: Element): boolean =>
  attribute(element, 'slot') === undefined &&
  (element.tagName === 'pre' ||
    element.tagName === 'textarea' ||
    (element.tagName === 'script' && attribute(element, 'type') === 'text/x-sage'));

/** As the element itself reads its code. */
function codeIn(element: Element): string {
  const carrier = childElements(element).find(isCarrier);
  if (carrier) return dedent(textIn(carrier));
  const pieces = element.childNodes.filter((child) => {
    if (!('tagName' in child)) return child.nodeName === '#text';
    return attribute(child, 'slot') === undefined && !/^(?:script|style|template)$/.test(child.tagName);
  });
  return dedent(pieces.map(textIn).join(''));
}

/** Line of the page where the first line of the code stands: told by the first line that is not blank. */
function firstLine(element: Element, code: string, source: string): number {
  const holder = childElements(element).find(isCarrier) ?? element;
  const text = holder.childNodes.find((child) => textIn(child).trim() !== '');
  const start = text?.sourceCodeLocation?.startOffset;
  if (start === undefined) return element.sourceCodeLocation?.startLine ?? 1;
  const visible = start + (/\S/.exec(source.slice(start))?.index ?? 0);
  const line = source.slice(0, visible).split(/\r\n?|\n/).length;
  const blank = /^(?:[ \t]*\n)*/.exec(code)?.[0].split('\n').length ?? 1;
  return line - blank + 1;
}

const SCOPES = /^(?:table|td|th|caption|button|object|applet|marquee|template|html)$/;

function isInParagraph(element: Element): boolean {
  let node: Node | null = element.parentNode;
  while (node && 'tagName' in node && !SCOPES.test(node.tagName)) {
    if (node.tagName === 'p') return true;
    node = node.parentNode;
  }
  return false;
}
