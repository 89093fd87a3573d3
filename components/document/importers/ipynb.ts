/** Jupyter notebooks: nbformat 4, and 3 as far as its cells go. */
import { storedOutputs } from '../outputs.js';
import type { CellFlags, StoredOutput } from '../schema.js';
import { DocumentBuilder, ImportError, type Imported } from './imported.js';
import { asList, asObject, asText, parseObject, type JsonObject } from './json-value.js';

/** True for JSON that says of itself that it is a notebook. */
export const isNotebook = (value: JsonObject): boolean => typeof value['nbformat'] === 'number';

/** MIME types of a bundle; the others belong to extensions. */
const MIME = /^(?:text|image|application|audio|video)\/[a-z0-9.+-]+$/;

/** @throws ImportError if the text is no notebook */
export function importNotebook(text: string): Imported {
  const notebook = parseObject(text, 'Jupyter notebook');
  const format = notebook['nbformat'];
  if (typeof format !== 'number') throw new ImportError('This is no Jupyter notebook: it has no “nbformat”.');
  if (format < 3 || format > 4) {
    throw new ImportError(`nbformat is ${String(format)}; notebooks of formats 3 and 4 can be read.`);
  }
  const builder = new DocumentBuilder();
  const metadata = asObject(notebook['metadata']);
  builder.title = asText(metadata?.['title']) ?? asText(metadata?.['name']) ?? '';
  const cells =
    format === 3
      ? asList(notebook['worksheets']).flatMap((sheet) => asList(asObject(sheet)?.['cells']))
      : asList(notebook['cells']);
  for (const entry of cells) {
    const cell = asObject(entry);
    if (cell !== undefined) addCell(builder, cell);
  }
  return builder.build();
}

function addCell(builder: DocumentBuilder, cell: JsonObject): void {
  const id = asText(cell['id']);
  const source = (asText(cell['source']) ?? asText(cell['input']) ?? '').replace(/\r\n?/g, '\n');
  switch (cell['cell_type']) {
    case 'code':
      builder.add({
        id,
        kind: 'code',
        source,
        flags: flagsOf(cell),
        output: storedOutputs(
          asList(cell['outputs']).flatMap((entry) => outputOf(asObject(entry), builder) ?? []),
        ),
      });
      return;
    case 'heading':
      builder.add({ id, kind: 'note', source: `${'#'.repeat(Number(cell['level'] ?? 1))} ${source}` });
      return;
    case 'raw':
      if (source !== '') builder.add({ id, kind: 'note', source: `\`\`\`\n${source}\n\`\`\`` });
      return;
    default:
      if (asObject(cell['attachments']) !== undefined)
        builder.notice('Pictures attached to a note were left out.');
      builder.add({ id, kind: 'note', source });
  }
}

function flagsOf(cell: JsonObject): CellFlags {
  const metadata = asObject(cell['metadata']);
  const jupyter = asObject(metadata?.['jupyter']);
  const tags = new Set(asList(metadata?.['tags']));
  const hidden = (kind: 'source' | 'outputs', tag: string): boolean =>
    jupyter?.[`${kind}_hidden`] === true || tags.has(tag);
  return {
    ...(tags.has('auto') && { auto: true }),
    ...(hidden('source', 'hide-input') && { hideSource: true }),
    ...((hidden('outputs', 'hide-output') || metadata?.['collapsed'] === true) && { hideOutput: true }),
    ...(metadata?.['editable'] === false && { readonly: true }),
  };
}

// eslint-disable-next-line no-control-regex -- tracebacks of notebooks are coloured by escape sequences
const ESCAPES = /\x1b\[[0-9;]*m/g;

function outputOf(output: JsonObject | undefined, builder: DocumentBuilder): StoredOutput | undefined {
  switch (output?.['output_type']) {
    case 'stream': {
      const text = asText(output['text']) ?? '';
      const name = (output['name'] ?? output['stream']) === 'stderr' ? 'stderr' : 'stdout';
      return text === '' ? undefined : { kind: 'stream', name, text };
    }
    case 'error':
    case 'pyerr':
      return {
        kind: 'error',
        name: asText(output['ename']) ?? 'Error',
        message: asText(output['evalue']) ?? '',
        traceback: asList(output['traceback'])
          .filter((line) => typeof line === 'string')
          .join('\n')
          .replace(ESCAPES, ''),
      };
    case 'display_data':
    case 'execute_result':
    case 'pyout': {
      const data = bundleOf(asObject(output['data']) ?? bundleOfFormat3(output), builder);
      const isResult = output['output_type'] !== 'display_data';
      return data === undefined ? undefined : { kind: 'display', data, result: isResult };
    }
    default:
      return undefined;
  }
}

/** Short names of nbformat 3. */
const FORMAT_3: Readonly<Record<string, string>> = {
  text: 'text/plain',
  html: 'text/html',
  latex: 'text/latex',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpeg: 'image/jpeg',
};

const bundleOfFormat3 = (output: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(FORMAT_3).flatMap(([name, type]) =>
      output[name] === undefined ? [] : [[type, output[name]]],
    ),
  );

function bundleOf(data: JsonObject, builder: DocumentBuilder): Record<string, string> | undefined {
  const bundle: Record<string, string> = {};
  for (const [type, value] of Object.entries(data)) {
    const text = asText(value) ?? (asObject(value) === undefined ? undefined : JSON.stringify(value));
    if (type === 'application/javascript') builder.notice('A script in an output was left out.');
    else if (MIME.test(type) && text !== undefined) {
      bundle[type] = type.startsWith('image/') && !type.endsWith('xml') ? text.replace(/\s+/g, '') : text;
    }
  }
  if (Object.keys(bundle).length === 0) return undefined;
  bundle['text/plain'] ??= '';
  return bundle;
}
