/** JSON → document. Never throws: what is wrong is told with its place, all of it at once. */
import * as v from 'valibot';
import { lineOfJsonError } from './json-position.js';
import { MAX_DOCUMENT_LENGTH, worksheetDocument, type WorksheetDocument } from './schema.js';

/** One thing that is wrong with a document. */
export interface DocumentProblem {
  /** Where: `cells[3].output[0].kind`; empty for the document as a whole. */
  readonly path: string;
  /** A sentence: what is there and what is allowed. */
  readonly message: string;
  /** Line of the text, from 1, where it stops being JSON; absent for all else. */
  readonly line?: number;
}

export type Validated =
  | { readonly ok: true; readonly document: WorksheetDocument }
  | { readonly ok: false; readonly problems: readonly DocumentProblem[] };

/** Problems told at most: more help nobody. */
const MAX_PROBLEMS = 50;

const MAX_SHOWN = 60;

/** `cells.3.output.0` as readers of JSON write it. */
function pathOf(issue: v.BaseIssue<unknown>): string {
  let path = '';
  for (const { key } of issue.path ?? []) {
    if (typeof key === 'number') path += `[${String(key)}]`;
    else path += path === '' ? String(key) : `.${String(key)}`;
  }
  return path;
}

function shown(input: unknown): string {
  const text = typeof input === 'string' && input.length > MAX_SHOWN ? input.slice(0, MAX_SHOWN) : input;
  const json = Array.isArray(text) ? `a list of ${String(text.length)}` : JSON.stringify(text);
  return json.length > MAX_SHOWN ? `${json.slice(0, MAX_SHOWN)}…` : json;
}

function allowed(issue: v.BaseIssue<unknown>): string {
  const { type, requirement, expected, message } = issue as v.BaseIssue<unknown> & { requirement?: unknown };
  if (type === 'max_length') return `no longer than ${String(requirement)}`;
  if (type === 'regex' || type === 'check') return message;
  if (expected === 'never') return 'left out: there is no such field';
  return (expected ?? 'another value').replaceAll(' | ', ' or ').replace(/^\((.*)\)$/, '$1');
}

function problemOf(issue: v.BaseIssue<unknown>): DocumentProblem {
  const path = pathOf(issue);
  const name = path === '' ? 'The document' : path;
  if (issue.type === 'max_length') {
    const length = (issue.input as { length: number }).length;
    return { path, message: `${name} has the length ${String(length)}; it must be ${allowed(issue)}.` };
  }
  if (issue.input === undefined) return { path, message: `${name} is missing.` };
  return { path, message: `${name} is ${shown(issue.input)}; it must be ${allowed(issue)}.` };
}

/** Checks a value that JSON was made into. Unknown fields are refused, so that a later version is not cut short by an older reader. */
export function validateDocument(value: unknown): Validated {
  const parsed = v.safeParse(worksheetDocument, value);
  if (parsed.success) return { ok: true, document: parsed.output };
  const later = (value as { version?: unknown } | null)?.version;
  if (typeof later === 'number' && later > worksheetDocument.entries.version.literal) {
    return {
      ok: false,
      problems: [
        {
          path: 'version',
          message: `version is ${String(later)}; this program knows version ${String(worksheetDocument.entries.version.literal)}: use a newer one.`,
        },
      ],
    };
  }
  return { ok: false, problems: parsed.issues.slice(0, MAX_PROBLEMS).map(problemOf) };
}

/** Checks a text. */
export function parseDocument(text: string): Validated {
  if (text.length > MAX_DOCUMENT_LENGTH) {
    return {
      ok: false,
      problems: [
        {
          path: '',
          message: `The document has ${String(text.length)} characters; it may have ${String(MAX_DOCUMENT_LENGTH)}.`,
        },
      ],
    };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const line = lineOfJsonError(text);
    return {
      ok: false,
      problems: [
        {
          path: '',
          message: `This is not JSON${line === undefined ? '' : ` (line ${String(line)})`}: ${reason}.`,
          ...(line !== undefined && { line }),
        },
      ],
    };
  }
  return validateDocument(value);
}

/** The text in which a document is stored: stable order of fields, two spaces, a line end. */
export function serializeDocument(document: WorksheetDocument): string {
  const { version, title, description, cells } = document;
  return `${JSON.stringify({ version, title, description, cells }, null, 2)}\n`;
}
