/** Markup of unknown origin → elements that can do nothing: no script, no request, no form, no name. */
import DOMPurify from 'dompurify';

const TAGS =
  'a abbr b blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul var wbr'.split(
    ' ',
  );

const ATTRIBUTES =
  'align alt border cellpadding cellspacing class colspan dir headers height href lang reversed rowspan scope src start style title valign width'.split(
    ' ',
  );

/** Classes that Sage and pandas give to tables; all others could dress a part up as one of ours. */
const CLASSES = new Set(['table_form', 'header-row', 'row-a', 'row-b', 'notruncate', 'dataframe']);

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

const LINK = /^(?:https?:|mailto:)/i;
const INLINE_IMAGE = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*$/i;

function harmlessStyle(text: string): string {
  const probe = document.createElement('span').style;
  probe.cssText = text;
  return PROPERTIES.map((name) => [name, probe.getPropertyValue(name)] as const)
    .filter(([, value]) => value !== '' && !/url|image|element|var\(/i.test(value))
    .map(([name, value]) => `${name}: ${value}`)
    .join('; ');
}

const purifier = DOMPurify(window);

/** Style of the element that is being looked at. */
let style = '';

purifier.addHook('uponSanitizeAttribute', (node, attribute) => {
  const value = attribute.attrValue;
  switch (attribute.attrName) {
    case 'style':
      // A page's policy may forbid style attributes; the same said by script is no attribute.
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

/** Only what is on the lists above, as nodes of this document. */
export function sanitize(markup: string): DocumentFragment {
  return purifier.sanitize(markup, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOW_UNKNOWN_PROTOCOLS: false,
    SANITIZE_DOM: true,
    RETURN_DOM_FRAGMENT: true,
  });
}
