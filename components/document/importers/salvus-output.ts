/** Outputs of Salvus and of `.sagews`: the same vocabulary, in two wrappings. */
import type { MimeBundle } from '../../../relay/protocol/index.js';
import type { StoredOutput } from '../schema.js';
import { asObject, asText } from './json-value.js';
import type { DocumentBuilder } from './imported.js';

const display = (data: MimeBundle): StoredOutput => ({ kind: 'display', data, result: false });

/** Text of an HTML fragment, roughly: what is shown where HTML can't be. */
const textOfHtml = (html: string): string =>
  html
    .replace(/<(?:br|\/p|\/div|\/tr|\/li)\b[^>]*>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim();

/**
 * One output by its class. Scripts are not taken over: they would run in the page of whoever opens the document.
 * @returns undefined for what has no place in a document, with a notice where a reader might miss it
 */
export function salvusOutput(
  name: string,
  value: unknown,
  builder: DocumentBuilder,
): StoredOutput | undefined {
  const text = asText(value);
  switch (name) {
    case 'stdout':
    case 'stderr':
      return text === undefined || text === '' ? undefined : { kind: 'stream', name, text };
    case 'html':
      return text === undefined ? undefined : display({ 'text/plain': textOfHtml(text), 'text/html': text });
    case 'md':
      return text === undefined ? undefined : display({ 'text/plain': text, 'text/markdown': text });
    case 'tex': {
      const tex = asObject(value);
      const source = asText(tex?.['tex']) ?? text;
      if (source === undefined) return undefined;
      const latex = tex?.['display'] === true ? `$$${source}$$` : `$${source}$`;
      return display({ 'text/plain': source, 'text/latex': latex });
    }
    case 'file': {
      const file = asText(asObject(value)?.['filename']) ?? 'a file';
      builder.notice(
        `The file “${file.slice(0, 100)}” of an output is not in the worksheet and was left out.`,
      );
      return undefined;
    }
    case 'javascript':
    case 'coffeescript':
      builder.notice('A script in an output was left out.');
      return undefined;
    case 'interact':
      builder.notice('The state of an interact was left out: run the cell to get it back.');
      return undefined;
    default:
      return undefined;
  }
}
