/** Worksheets of Salvus: `{title, description, cells: [{id, type, note, input, output: [{class, value}]}]}`. */
import type { Output } from '../../../relay/protocol/index.js';
import { storedOutputs } from '../outputs.js';
import { DocumentBuilder, ImportError, type Imported } from './imported.js';
import { asList, asObject, asText, parseObject, type JsonObject } from './json-value.js';
import { salvusOutput } from './salvus-output.js';

/** True for JSON whose cells look like Salvus's. */
export const isSalvus = (value: JsonObject): boolean =>
  Array.isArray(value['cells']) &&
  value['version'] === undefined &&
  value['cells'].every(
    (cell) => asObject(cell) !== undefined && asText(asObject(cell)?.['input']) !== undefined,
  );

/** @throws ImportError if the text is no such worksheet */
export function importSalvus(text: string): Imported {
  const sheet = parseObject(text, 'Salvus worksheet');
  if (!Array.isArray(sheet['cells']))
    throw new ImportError('This is no Salvus worksheet: it has no list “cells”.');
  const builder = new DocumentBuilder();
  builder.title = (asText(sheet['title']) ?? '').replace(/<[^>]*>/g, '').trim();
  // HTML is Markdown too; it is made harmless when it is shown.
  builder.description = (asText(sheet['description']) ?? '').trim();
  for (const [index, entry] of sheet['cells'].entries()) {
    const cell = asObject(entry);
    if (cell === undefined) throw new ImportError(`cells[${String(index)}] is no object.`);
    builder.add({
      id: asText(cell['id']),
      kind: 'code',
      source: asText(cell['input']) ?? '',
      note: (asText(cell['note']) ?? '').trim(),
      output: storedOutputs(outputsOf(cell, builder)),
    });
  }
  return builder.build();
}

function outputsOf(cell: JsonObject, builder: DocumentBuilder): Output[] {
  const output = cell['output'];
  // The first form had one text a stream: {stdout, stderr}.
  const pairs = Array.isArray(output)
    ? asList(output).map(
        (entry) => [asText(asObject(entry)?.['class']) ?? '', asObject(entry)?.['value']] as const,
      )
    : Object.entries(asObject(output) ?? {});
  return pairs.flatMap(([name, value]) => salvusOutput(name, value, builder) ?? []);
}
