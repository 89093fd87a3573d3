/** Worksheets as files: opened from the reader's disk, and saved to it. */
import {
  exportHtml,
  exportNotebook,
  exportPython,
  exportSage,
  MAX_DOCUMENT_LENGTH,
  serializeDocument,
  type WorksheetDocument,
} from '../document/index.js';

/** Formats a worksheet can be saved in; the names are the endings of files. */
export const EXPORT_FORMATS = ['json', 'ipynb', 'html', 'sage', 'py'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const TYPES: Readonly<Record<ExportFormat, string>> = {
  json: 'application/json',
  ipynb: 'application/x-ipynb+json',
  html: 'text/html',
  sage: 'text/x-sage',
  py: 'text/x-python',
};

/** The worksheet as a text of that format. */
export async function exportText(
  document: WorksheetDocument,
  format: ExportFormat,
  lang: string,
): Promise<string> {
  switch (format) {
    case 'json':
      return serializeDocument(document);
    case 'ipynb':
      return exportNotebook(document);
    case 'sage':
      return exportSage(document);
    case 'py':
      return exportPython(document);
    case 'html': {
      const [{ sanitize }, { markdownToHtml }] = await Promise.all([
        import('../lazy/sanitizer.js'),
        import('../lazy/markdown.js'),
      ]);
      const harmless = (html: string): string => {
        const box = window.document.createElement('div');
        box.append(sanitize(html));
        return box.innerHTML;
      };
      return exportHtml(document, {
        lang,
        sanitize: harmless,
        markdown: (source) => harmless(markdownToHtml(source)),
      });
    }
  }
}

/** A name for a file, from the title. */
export function fileName(title: string, format: ExportFormat): string {
  const name = title
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N} _-]+/gu, '')
    .trim()
    .replace(/\s+/g, '-')
    .slice(0, 80);
  return `${name === '' ? 'worksheet' : name}.${format}`;
}

/** Offers a text to the reader as a file. */
export function download(text: string, name: string, format: ExportFormat): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${TYPES[format]};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads it in its own time.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 60_000);
}

/** Lets the reader choose a file. @returns its text; undefined if none was chosen, or it is too long to be a worksheet */
export function chooseFile(): Promise<string | undefined> {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = '.json,.ipynb,.sagews,.sage,.py,.txt,application/json,text/plain';
  return new Promise((resolve) => {
    input.addEventListener('change', () => {
      const file = input.files?.[0];
      if (file === undefined || file.size > 4 * MAX_DOCUMENT_LENGTH) resolve(undefined);
      else resolve(file.text().catch(() => undefined));
    });
    input.addEventListener('cancel', () => {
      resolve(undefined);
    });
    input.click();
  });
}
