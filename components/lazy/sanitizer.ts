/** Markup of unknown origin → elements that can do nothing: no script, no request, no form, no name. */
import DOMPurify from 'dompurify';
import { ATTRIBUTES, CLASSES, INLINE_IMAGE, LINK, TAGS } from '../renderers/allowed-markup.js';

/** What an inline style may say: looks of the text itself, nothing that moves it out of its place. */
const PROPERTIES = [
  'background-color',
  'border',
  'border-collapse',
  'border-color',
  'color',
  'font-family',
  'font-style',
  'font-weight',
  'text-align',
  'text-decoration',
  'vertical-align',
  'white-space',
];

function harmlessStyle(text: string): string {
  const probe = document.createElement('span').style;
  probe.cssText = text;
  return PROPERTIES.map((name) => [name, probe.getPropertyValue(name)] as const)
    .filter(([, value]) => value !== '' && !/url|image|element|var\(/i.test(value))
    .map(([name, value]) => `${name}: ${value}`)
    .join('; ');
}

/** Under this name styles go through the parser, whose own reading of them a page's policy may forbid and report. */
const STYLE = 'data-sage-style';

const PIECES = /"[^"]*"|'[^']*'|([\s"'/])style(?=\s*=)/gi;

/** The same markup with its style attributes renamed. One pass, since the markup can be as hostile as it is long. */
export function withStylesRenamed(markup: string): string {
  let result = '';
  let done = 0;
  for (let start = markup.indexOf('<'); start !== -1; start = markup.indexOf('<', done)) {
    if (!/[a-z]/i.test(markup[start + 1] ?? '')) {
      result += markup.slice(done, start + 1);
      done = start + 1;
      continue;
    }
    let end = start + 1;
    let quote = '';
    for (; end < markup.length; end += 1) {
      const sign = markup[end] ?? '';
      if (quote !== '') {
        if (sign === quote) quote = '';
      } else if (sign === '>') break;
      // Only a value begins with a quote.
      else if ((sign === '"' || sign === "'") && /=\s*$/.test(markup.slice(Math.max(start, end - 8), end))) {
        quote = sign;
      }
    }
    const tag = markup.slice(start, end);
    const renamed = tag.replace(PIECES, (piece, before?: string) =>
      before === undefined ? piece : `${before}${STYLE}`,
    );
    result += markup.slice(done, start) + renamed;
    done = end;
  }
  return result + markup.slice(done);
}

const purifier = DOMPurify(window);

/** Style of the element that is being looked at. */
let style = '';

purifier.addHook('uponSanitizeAttribute', (node, attribute) => {
  const value = attribute.attrValue;
  switch (attribute.attrName) {
    case 'style':
    case STYLE:
      // The same said by script is no attribute.
      style = harmlessStyle(value);
      attribute.keepAttr = false;
      break;
    case 'class':
      attribute.attrValue = value
        .split(/\s+/)
        .filter((name) => CLASSES.has(name))
        .join(' ');
      attribute.keepAttr = attribute.attrValue !== '';
      break;
    case 'href':
      attribute.keepAttr = node.nodeName === 'A' && LINK.test(value.trim());
      break;
    case 'src':
      // An address elsewhere would tell its server who reads the page.
      attribute.keepAttr = node.nodeName === 'IMG' && INLINE_IMAGE.test(value.trim());
      break;
  }
});

purifier.addHook('afterSanitizeAttributes', (node) => {
  if (style !== '' && node instanceof HTMLElement) node.style.cssText = style;
  style = '';
  if (node.nodeName === 'A' && node.hasAttribute('href')) {
    node.setAttribute('target', '_blank');
    node.setAttribute('rel', 'noopener noreferrer');
  }
});

/** Only what is on the lists, as nodes of this document. */
export function sanitize(markup: string): DocumentFragment {
  return purifier.sanitize(withStylesRenamed(markup), {
    ALLOWED_TAGS: [...TAGS],
    ALLOWED_ATTR: [...ATTRIBUTES],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOW_UNKNOWN_PROTOCOLS: false,
    SANITIZE_DOM: true,
    RETURN_DOM_FRAGMENT: true,
  });
}
