/** LaTeX → MathML, which browsers show without scripts and screen readers speak. */
import { STATE } from 'mathjax-full/js/core/MathItem.js';
import { SerializedMmlVisitor } from 'mathjax-full/js/core/MmlTree/SerializedMmlVisitor.js';
import type { MmlNode } from 'mathjax-full/js/core/MmlTree/MmlNode.js';
import { liteAdaptor } from 'mathjax-full/js/adaptors/liteAdaptor.js';
import { RegisterHTMLHandler } from 'mathjax-full/js/handlers/html.js';
import { TeX } from 'mathjax-full/js/input/tex.js';
import { mathjax } from 'mathjax-full/js/mathjax.js';
import 'mathjax-full/js/input/tex/base/BaseConfiguration.js';
import 'mathjax-full/js/input/tex/ams/AmsConfiguration.js';
import 'mathjax-full/js/input/tex/boldsymbol/BoldsymbolConfiguration.js';
import 'mathjax-full/js/input/tex/cancel/CancelConfiguration.js';
import 'mathjax-full/js/input/tex/color/ColorConfiguration.js';
import 'mathjax-full/js/input/tex/configmacros/ConfigMacrosConfiguration.js';
import 'mathjax-full/js/input/tex/newcommand/NewcommandConfiguration.js';
import 'mathjax-full/js/input/tex/verb/VerbConfiguration.js';
import {
  MAX_FORMULA_LENGTH,
  MAX_MACROS,
  SAGE_MACROS,
  TEX_PACKAGES,
} from '../../../components/static/index.js';

RegisterHTMLHandler(liteAdaptor());
const visitor = new SerializedMmlVisitor();

/** With these, TeX becomes links and attributes of the author's choice. */
const ACTIVE = /\\(?:href|url|class|cssId|style|require|unicode|fcolorbox)(?![A-Za-z])/;

/** @param latex with or without the signs around it @returns undefined if it can't be read */
export function formula(latex: string): string | undefined {
  if (latex.length > MAX_FORMULA_LENGTH || ACTIVE.test(latex)) return undefined;
  const [, inDisplay, inLine] = /^\s*(?:\$\$([^]*)\$\$|\\\[([^]*)\\\])\s*$/.exec(latex) ?? [];
  const [, ofDollars, ofParentheses] = /^\s*(?:\$([^$]*)\$|\\\(([^]*)\\\))\s*$/.exec(latex) ?? [];
  const inText = ofDollars ?? ofParentheses;
  // A document for each: what one formula defines is nothing to the others.
  const document = mathjax.document('', {
    InputJax: new TeX({ packages: TEX_PACKAGES, macros: SAGE_MACROS, maxMacros: MAX_MACROS }),
  });
  const tree = document.convert(inDisplay ?? inLine ?? inText ?? latex, {
    display: inText === undefined,
    end: STATE['CONVERT'],
  }) as MmlNode;
  const markup = visitor.visitTree(tree).replace(/\n\s*/g, '');
  return markup.includes('<merror') ? undefined : markup;
}
