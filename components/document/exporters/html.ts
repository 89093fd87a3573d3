/** Document → static page: readable without scripts and without a server. */
import { escapeHtml, staticOutput } from '../../static/output.js';
import type { Cell, WorksheetDocument } from '../schema.js';

/** What an export to HTML is given. */
export interface HtmlOptions {
  /** Markdown (with `$math$`) → harmless HTML. Absent: notes are shown as they were typed. */
  readonly markdown?: (source: string) => string;
  /** HTML that a computation made → harmless HTML. Absent: the plain text of an output is shown instead. */
  readonly sanitize?: (html: string) => string;
  /** Language of the page, as in `lang`. */
  readonly lang?: string;
}

const STYLE = `:root{color-scheme:light dark}
body{font:1rem/1.6 system-ui,sans-serif;max-inline-size:46rem;margin:2rem auto;padding:0 1rem}
pre{font:.9rem/1.5 ui-monospace,"Cascadia Mono","Source Code Pro",Menlo,Consolas,monospace;overflow-x:auto;margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
.cell{margin-block:1rem;border-inline-start:3px solid color-mix(in srgb,currentcolor 25%,transparent);padding-inline-start:.8rem}
.source{background:color-mix(in srgb,currentcolor 6%,transparent);padding:.5rem .7rem;border-radius:4px}
.output{margin-block-start:.5rem}.output>*+*{margin-block-start:.4rem}
.stderr,.error{border-inline-start:3px solid #c33;padding-inline-start:.5rem}
img{max-inline-size:100%;block-size:auto}`;

/** @returns a complete page; nothing in it runs, whatever the document holds, if the given functions keep their word */
export function exportHtml(document: WorksheetDocument, options: HtmlOptions = {}): string {
  const { title, description, cells } = document;
  const note = (source: string): string =>
    source === ''
      ? ''
      : `<div class="note">${options.markdown?.(source) ?? `<pre>${escapeHtml(source)}</pre>`}</div>\n`;
  const name = title === '' ? 'Worksheet' : title;
  const body = cells
    .map((cell) =>
      cell.kind === 'note' ? note(cell.source) : `${note(cell.note ?? '')}${codeCell(cell, options)}`,
    )
    .join('');
  return `<!doctype html>
<html lang="${escapeHtml(options.lang ?? 'en')}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:">
<title>${escapeHtml(name)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${title === '' ? '' : `<h1>${escapeHtml(title)}</h1>\n`}${note(description)}${body}</main>
</body>
</html>
`;
}

function codeCell(cell: Cell, options: HtmlOptions): string {
  const { flags = {}, output = [] } = cell;
  const source =
    flags.hideSource === true ? '' : `<pre class="source"><code>${escapeHtml(cell.source)}</code></pre>\n`;
  const shown = flags.hideOutput === true ? '' : output.map((piece) => staticOutput(piece, options)).join('');
  if (source === '' && shown === '') return '';
  return `<section class="cell" id="${escapeHtml(cell.id)}">\n${source}${shown === '' ? '' : `<div class="output">${shown}</div>\n`}</section>\n`;
}
