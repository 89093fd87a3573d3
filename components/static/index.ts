/** What a program needs to read the cells of a page and to write their outputs into it. No DOM: works in Node too. */
export { dedent } from '../code/source-text.js';
export { storedOutputs } from '../document/outputs.js';
export type { StoredOutput } from '../document/schema.js';
export { LANGUAGE_NAMES, onTheWire, type LanguageName } from '../languages.js';
export { ATTRIBUTES, CLASSES, INLINE_IMAGE, LINK, TAGS } from '../renderers/allowed-markup.js';
export { escapeHtml, staticOutput, type StaticOptions } from './output.js';
export { MAX_FORMULA_LENGTH, MAX_MACROS, SAGE_MACROS, TEX_PACKAGES } from '../renderers/tex.js';
export { CODE, piecesOf } from '../renderers/text-formulas.js';
