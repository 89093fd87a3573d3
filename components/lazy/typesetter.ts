/** TeX → CHTML by MathJax, for any number of shadow roots, with its fonts beside the build. */
import { mathjax } from 'mathjax-full/js/mathjax.js';
import { browserAdaptor } from 'mathjax-full/js/adaptors/browserAdaptor.js';
import { RegisterHTMLHandler } from 'mathjax-full/js/handlers/html.js';
import { AssistiveMmlHandler } from 'mathjax-full/js/a11y/assistive-mml.js';
import { SafeHandler } from 'mathjax-full/js/ui/safe/SafeHandler.js';
import { TeX } from 'mathjax-full/js/input/tex.js';
import { CHTML } from 'mathjax-full/js/output/chtml.js';
import 'mathjax-full/js/input/tex/base/BaseConfiguration.js';
import 'mathjax-full/js/input/tex/ams/AmsConfiguration.js';
import 'mathjax-full/js/input/tex/boldsymbol/BoldsymbolConfiguration.js';
import 'mathjax-full/js/input/tex/cancel/CancelConfiguration.js';
import 'mathjax-full/js/input/tex/color/ColorConfiguration.js';
import 'mathjax-full/js/input/tex/configmacros/ConfigMacrosConfiguration.js';
import 'mathjax-full/js/input/tex/newcommand/NewcommandConfiguration.js';
import 'mathjax-full/js/input/tex/noundefined/NoUndefinedConfiguration.js';
import 'mathjax-full/js/input/tex/verb/VerbConfiguration.js';
import { MAX_FORMULA_LENGTH, MAX_MACROS, SAGE_MACROS, TEX_PACKAGES } from '../renderers/tex.js';

/** Largest buffer of one formula while macros expand, bytes. */
const MAX_BUFFER = 200_000;

const adaptor = browserAdaptor();
const setAttribute = adaptor.setAttribute.bind(adaptor);
// A page's policy may forbid style attributes; the same said by script is no attribute.
adaptor.setAttribute = (node, name, value) => {
  if (name === 'style') node.style.cssText = value;
  else setAttribute(node, name, value);
};
SafeHandler(AssistiveMmlHandler(RegisterHTMLHandler(adaptor)));

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createHTML(markup: string): string },
  ): { createHTML(markup: string): string };
}

// MathJax reads back the MathML it has written itself; a page that trusts no text as markup must be told of it.
const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
const policy = trustedTypes?.createPolicy('sage-cell', { createHTML: (markup) => markup });
adaptor.parse = (text, format = 'text/html') =>
  new DOMParser().parseFromString(policy?.createHTML(text) ?? text, format as DOMParserSupportedType);

const fonts = new URL('../fonts', import.meta.url).href;
const output = new CHTML<HTMLElement, Text, Document>({ fontURL: fonts, adaptiveCSS: false });

/**
 * MathJax tells a relation and its variant (`\lneq`, `\nleqslant`) apart by what a formula uses. In one sheet for all
 * formulas both would have the same rule, and the one would be drawn as the other, so variants get a class of their own.
 */
const VARIANT_CLASS = 'variant';
for (const [, , , options] of Object.values(output.font.getVariant('-tex-variant').chars)) {
  if (options?.c !== undefined) options.f = VARIANT_CLASS;
}

type MathDocument = Parameters<typeof output.styleSheet>[0];

const makeDocument = (): MathDocument =>
  mathjax.document(document, {
    InputJax: new TeX({
      // What is unknown is shown in red; stored formulas that hold such are left as they are written.
      packages: [...TEX_PACKAGES, 'noundefined'],
      macros: SAGE_MACROS,
      maxMacros: MAX_MACROS,
      maxBuffer: MAX_BUFFER,
    }),
    OutputJax: output,
    enableAssistiveMml: true,
  }) as MathDocument;
const math = makeDocument();

/** A formula that defines something gets a document of its own: it must not change the formulas of others. */
const DEFINES =
  /\\(?:def|let|(?:re)?newcommand|(?:re)?newenvironment|DeclareMathOperator|definecolor)(?![A-Za-z])/;

let sheet: CSSStyleSheet | undefined;

// MathJax makes one text of everything. The faces go to the document, where alone they count, by its font
// interface and without an element; the rules go to each root that shows a formula.
function prepareSheet(): CSSStyleSheet {
  const made = output.styleSheet(math) as unknown as HTMLStyleElement;
  const text = made.textContent;
  for (const [, rule = ''] of text.matchAll(/@font-face[^{]*\{([^}]*)\}/g)) {
    const family = /font-family:\s*([^;]+);/.exec(rule)?.[1]?.trim();
    const source = /src:\s*([^;]+)/.exec(rule)?.[1]?.trim();
    if (family !== undefined && source !== undefined) {
      document.fonts.add(new FontFace(family, source, { display: 'block' }));
    }
  }
  const prepared = new CSSStyleSheet();
  prepared.replaceSync(text.replace(/@font-face[^{]*\{[^}]*\}/g, ''));
  prepared.insertRule(`.TEX-${VARIANT_CLASS} { font-family: MJXZERO, MJXTEX-A }`);
  return prepared;
}

/**
 * The formula as an element for `root`, whose style sheets are completed. What TeX can't read is shown as the
 * error MathJax makes of it. Links, classes, ids and styles in the formula are filtered as MathJax's "safe" does.
 * @throws RangeError if the formula is too long
 */
export function typeset(formula: string, display: boolean, root: ShadowRoot): HTMLElement {
  if (formula.length > MAX_FORMULA_LENGTH) throw new RangeError('The formula is too long.');
  const node = (DEFINES.test(formula) ? makeDocument() : math).convert(formula, { display }) as HTMLElement;
  sheet ??= prepareSheet();
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  return node;
}
