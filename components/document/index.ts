/** Worksheet documents: format, checks, operations, imports and exports. No DOM: works in a page and in Node. */
export * from './cells.js';
export { exportHtml, type HtmlOptions } from './exporters/html.js';
export { exportNotebook } from './exporters/ipynb.js';
export { exportPython, exportSage } from './exporters/script.js';
export { StructureHistory } from './history.js';
export { detectFormat, IMPORT_FORMATS, importDocument, type ImportFormat } from './importers/index.js';
export { ImportError, type Imported } from './importers/imported.js';
export { outputText, storedOutputs } from './outputs.js';
export * from './schema.js';
export {
  parseDocument,
  serializeDocument,
  validateDocument,
  type DocumentProblem,
  type Validated,
} from './validate.js';
