/** Any text that holds a worksheet → document. */
import { parseDocument } from '../validate.js';
import { MAX_DOCUMENT_LENGTH } from '../schema.js';
import { ImportError, type Imported } from './imported.js';
import { importNotebook, isNotebook } from './ipynb.js';
import { asObject } from './json-value.js';
import { hasPrompts, importProgram, importPrompts } from './prompts.js';
import { importSagews, isSagews } from './sagews.js';
import { importSalvus, isSalvus } from './salvus.js';

/** Formats that can be read. `text` is a log with prompts or a program. */
export const IMPORT_FORMATS = ['json', 'salvus', 'sagews', 'ipynb', 'text'] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

/** The format a text is in, by its content: names of files lie. */
export function detectFormat(text: string): ImportFormat {
  if (text.trimStart().startsWith('{')) {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return 'json';
    }
    const object = asObject(value);
    if (object !== undefined && isNotebook(object)) return 'ipynb';
    if (object !== undefined && isSalvus(object)) return 'salvus';
    return 'json';
  }
  return isSagews(text) ? 'sagews' : 'text';
}

/**
 * Reads a worksheet.
 * @param format what it is; found out when it is not given
 * @throws ImportError with a sentence for the reader; `problems` of a document are joined, one a line
 */
export function importDocument(text: string, format: ImportFormat = detectFormat(text)): Imported {
  if (text.length > MAX_DOCUMENT_LENGTH) {
    throw new ImportError(
      `The text has ${String(text.length)} characters; a worksheet may have ${String(MAX_DOCUMENT_LENGTH)}.`,
    );
  }
  const clean = text.replace(/^\uFEFF/, '');
  switch (format) {
    case 'json': {
      const parsed = parseDocument(clean);
      if (parsed.ok) return { document: parsed.document, notices: [] };
      throw new ImportError(parsed.problems.map(({ message }) => message).join('\n'));
    }
    case 'salvus':
      return importSalvus(clean);
    case 'sagews':
      return importSagews(clean);
    case 'ipynb':
      return importNotebook(clean);
    case 'text':
      return hasPrompts(clean) ? importPrompts(clean) : importProgram(clean);
  }
}
