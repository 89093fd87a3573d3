/**
 * `.sagews` files of SageMathCloud and CoCalc: `U+FE20 uuid flags U+FE20`, the input, then
 * `U+FE21 uuid` and JSON messages, each after a `U+FE21`.
 */
import type { Output } from '../../../relay/protocol/index.js';
import { storedOutputs } from '../outputs.js';
import { DocumentBuilder, ImportError, type Imported } from './imported.js';
import { asObject } from './json-value.js';
import { salvusOutput } from './salvus-output.js';

const CELL = '\uFE20';
const OUTPUT = '\uFE21';

/** True for text with the format's markers. */
export const isSagews = (text: string): boolean => text.includes(CELL) || text.includes(OUTPUT);

const HEAD = /^([0-9a-f-]{36})([a-zA-Z]*)$/;

/** @throws ImportError if the text has none of the format's markers */
export function importSagews(text: string): Imported {
  if (!isSagews(text))
    throw new ImportError('This is no .sagews file: it has none of the marks between cells.');
  const builder = new DocumentBuilder();
  // Text before the first mark is a cell that was never run. Then head and body take turns.
  const [before = '', ...parts] = text.replace(/\r\n?/g, '\n').split(CELL);
  addCell(builder, undefined, '', before);
  for (let index = 0; index < parts.length; index += 2) {
    const [, id, flags = ''] = HEAD.exec(parts[index]?.trim() ?? '') ?? [];
    addCell(builder, id, flags, parts[index + 1] ?? '');
  }
  return builder.build();
}

/** A cell whose first line says that the rest is Markdown. */
const MARKDOWN = /^\s*%md(?:\([^)\n]*\))?[ \t]*\n?/;

function addCell(builder: DocumentBuilder, id: string | undefined, flags: string, body: string): void {
  // The first piece of output is the uuid of the run, which means nothing here.
  const [input = '', , ...messages] = body.split(OUTPUT);
  const last = messages.at(-1) ?? '';
  const loose = /^\s*(?:\{|$)/.test(last) ? '' : last;
  if (loose !== '') messages.pop();
  const outputs = messages.flatMap((message) => outputsOf(message.trim(), builder));
  addSource(builder, id, flags, input, outputs);
  // Text typed below an output, not yet made a cell.
  if (loose !== '') addSource(builder, undefined, '', loose, []);
}

function addSource(
  builder: DocumentBuilder,
  id: string | undefined,
  flags: string,
  input: string,
  outputs: readonly Output[],
): void {
  let source = input.replace(/^\n/, '').replace(/\s+$/, '');
  if (source === '' && outputs.length === 0) return;
  if (MARKDOWN.test(source)) {
    builder.add({ id, kind: 'note', source: source.replace(MARKDOWN, '') });
    return;
  }
  const isAuto = /^\s*%auto\b[ \t]*\n?/.test(source);
  if (isAuto) source = source.replace(/^\s*%auto\b[ \t]*\n?/, '');
  builder.add({
    id,
    kind: 'code',
    source,
    flags: {
      ...(isAuto && { auto: true }),
      ...(flags.includes('i') && { hideSource: true }),
      ...(flags.includes('o') && { hideOutput: true }),
    },
    output: storedOutputs(outputs),
  });
}

/** One message may hold several outputs, and words that steer (`clear`, `delete_last`, `done`). */
function outputsOf(json: string, builder: DocumentBuilder): Output[] {
  if (json === '') return [];
  let message: unknown;
  try {
    message = JSON.parse(json);
  } catch {
    builder.notice('An output that could not be read was left out.');
    return [];
  }
  const fields = asObject(message);
  if (fields === undefined) return [];
  if (fields['clear'] === true) return [{ kind: 'clear' }];
  if (fields['delete_last'] === true) return [{ kind: 'retract' }];
  return Object.entries(fields).flatMap(([name, value]) => salvusOutput(name, value, builder) ?? []);
}
