/** Document → Jupyter notebook (nbformat 4.5). */
import type { Cell, StoredOutput, WorksheetDocument } from '../schema.js';

/** Lines as notebooks keep them: each with its line end. */
const lines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

const markdown = (id: string, source: string): object => ({
  cell_type: 'markdown',
  id,
  metadata: {},
  source: lines(source),
});

/** @returns the text of an `.ipynb` file for the SageMath kernel */
export function exportNotebook({ title, description, cells }: WorksheetDocument): string {
  const ids = new Set(cells.map(({ id }) => id));
  const freeId = (wanted: string): string => {
    let id = wanted.slice(0, 60);
    for (let count = 2; ids.has(id); count += 1) id = `${wanted.slice(0, 58)}-${String(count)}`;
    ids.add(id);
    return id;
  };
  const heading = [title === '' ? '' : `# ${title}`, description].filter((text) => text !== '').join('\n\n');
  const notebook = {
    cells: [
      ...(heading === '' ? [] : [markdown(freeId('title'), heading)]),
      ...cells.flatMap((cell) => [
        ...(cell.note === undefined ? [] : [markdown(freeId(`${cell.id}-note`), cell.note)]),
        cell.kind === 'note' ? markdown(cell.id, cell.source) : codeCell(cell),
      ]),
    ],
    metadata: {
      ...(title !== '' && { title }),
      kernelspec: { display_name: 'SageMath', language: 'sage', name: 'sagemath' },
      language_info: { name: 'python', file_extension: '.py', mimetype: 'text/x-python' },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
  return `${JSON.stringify(notebook, null, 1)}\n`;
}

function codeCell({ id, source, language, flags = {}, output = [] }: Cell): object {
  const jupyter = {
    ...(flags.hideSource === true && { source_hidden: true }),
    ...(flags.hideOutput === true && { outputs_hidden: true }),
  };
  // Sage's kernel knows other languages by a magic on the first line.
  const code = language === undefined || language === 'sage' ? source : `%%${language}\n${source}`;
  return {
    cell_type: 'code',
    execution_count: null,
    id,
    metadata: {
      ...(flags.auto === true && { tags: ['auto'] }),
      ...(flags.readonly === true && { editable: false }),
      ...(Object.keys(jupyter).length > 0 && { jupyter }),
    },
    outputs: output.map(outputOf),
    source: lines(code),
  };
}

function outputOf(output: StoredOutput): object {
  switch (output.kind) {
    case 'stream':
      return { output_type: 'stream', name: output.name, text: lines(output.text) };
    case 'error':
      return {
        output_type: 'error',
        ename: output.name,
        evalue: output.message,
        traceback: output.traceback.split('\n'),
      };
    case 'display': {
      const data = Object.fromEntries(
        Object.entries(output.data).map(([type, value]) => [
          type,
          /^(?:image\/(?!svg)|audio\/|video\/)/.test(type) ? value : lines(value),
        ]),
      );
      return output.result
        ? { output_type: 'execute_result', execution_count: null, data, metadata: {} }
        : { output_type: 'display_data', data, metadata: {} };
    }
    case 'file':
      return {
        output_type: 'display_data',
        data: { 'text/plain': [`file ${output.name} (${String(output.size)} bytes)`] },
        metadata: {},
      };
  }
}
