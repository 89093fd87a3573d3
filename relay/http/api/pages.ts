/** The JSON API for people: the same calculations as pages without a script. */
import {
  MAX_CODE_LENGTH,
  type DisplayOutput,
  type FileOutput,
  type Language,
  type Output,
} from '../../protocol/index.js';
import type { RelayError } from '../../errors.js';
import type { DoneFields } from '../../ends.js';
import { escapeHtml, type Page } from '../page.js';
import type { Job } from './jobs.js';
import { LANGUAGE_TITLES } from './language-titles.js';

/** How often the page of a running job loads itself again, seconds. */
const REFRESH_S = 2;

/** Longest file that is offered for saving within a page, characters of base64. */
const MAX_LINKED_LENGTH = 1_048_576;

/** Image types that come as base64, and are shown as images. */
const RASTER = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const;

/** What a form offers. */
export interface Offer {
  readonly code: string;
  readonly language: string | undefined;
  /** Those that there are at this moment. */
  readonly languages: readonly Language[];
}

/** The form that begins a calculation. */
export function formPage(offer: Offer): Page {
  return { title: 'Compute with SageMath', body: `<h1>Compute with SageMath</h1>${form(offer)}` };
}

/** What became of code that ended. @param offer the same code, to be run again */
export function resultPage(outputs: readonly Output[], done: DoneFields, offer: Offer): Page {
  const sentence = done.message ?? (done.status === 'ok' ? '' : 'The code raised an error.');
  return {
    title: done.status === 'ok' ? 'Result' : `Ended: ${done.status}`,
    body:
      `<h1>Result</h1>${outputsHtml(outputs)}` +
      (outputs.length === 0 && done.status === 'ok' ? '<p>The code ran and put nothing out.</p>' : '') +
      (sentence === '' ? '' : `<p>${escapeHtml(sentence)}</p>`) +
      (done.truncated ? '<p>There was more output than is kept.</p>' : '') +
      `<p class="soft">${String(Math.round(done.wallMs))} ms${done.cached === false ? '' : ', from the cache'}</p>` +
      `<h2>Again</h2>${form(offer)}`,
  };
}

/** A calculation that has not ended: loads itself again until it has. */
export function runningPage(job: Job): Page {
  const { collection, id } = job;
  return {
    title: 'Computing…',
    refreshS: REFRESH_S,
    body:
      `<h1>Computing…</h1><p>${collection.state === 'queued' ? 'Waiting for a free worker.' : 'Running.'} ` +
      `This page loads itself again every ${String(REFRESH_S)} seconds; <a href="/api/v1/jobs/${id}">look now</a>.</p>` +
      `<form method="post" action="/api/v1/jobs/${id}/stop"><button>Stop</button></form>` +
      outputsHtml(collection.outputs),
  };
}

/**
 * A request that could not be obeyed.
 * @param offer the code that it brought, to be sent again
 * @param refreshS when the browser is to ask again by itself, seconds
 */
export function errorPage(error: RelayError, offer?: Offer, refreshS?: number): Page {
  const back = '<p><a href="/api/v1/execute">Back to the form</a></p>';
  return {
    title: 'That did not work',
    ...(refreshS !== undefined && { refreshS }),
    body:
      `<h1>That did not work</h1><p>${escapeHtml(error.message)}</p>` +
      (offer === undefined ? back : `<h2>Again</h2>${form(offer)}`),
  };
}

function form({ code, language = 'sage', languages }: Offer): string {
  const options = Object.entries(LANGUAGE_TITLES)
    // What the code was written in stays chosen, though it may have gone meanwhile.
    .filter(([name]) => name === language || (languages as readonly string[]).includes(name))
    .map(
      ([name, title]) =>
        `<option value="${name}"${name === language ? ' selected' : ''}>${escapeHtml(title)}</option>`,
    );
  return (
    '<form method="post" action="/api/v1/execute">' +
    `<p><label for="code">Code</label><br><textarea id="code" name="code" rows="10" cols="72" spellcheck="false" maxlength="${String(MAX_CODE_LENGTH)}">\n${escapeHtml(code)}</textarea></p>` +
    `<p><label>Language <select name="language">${options.join('')}</select></label> ` +
    '<button>Run</button></p></form>'
  );
}

function outputsHtml(outputs: readonly Output[]): string {
  return outputs.map(outputHtml).join('\n');
}

function outputHtml(output: Output): string {
  switch (output.kind) {
    case 'stream':
      return text(output.text, output.name === 'stderr' ? 'bad' : '');
    case 'display':
      return displayHtml(output);
    case 'error':
      return text(output.traceback || `${output.name}: ${output.message}`, 'bad');
    case 'file':
      return fileHtml(output);
    case 'prompt':
    case 'clear':
    case 'retract':
      return '';
  }
}

function displayHtml({ data }: DisplayOutput): string {
  const plain = data['text/plain'] ?? '';
  const alt = escapeHtml(plain.slice(0, 200));
  const svg = data['image/svg+xml'];
  // As an image an SVG runs no script and loads nothing.
  if (svg !== undefined) return image('image/svg+xml', Buffer.from(svg).toString('base64'), alt);
  for (const type of RASTER) {
    const bytes = data[type];
    if (bytes !== undefined) return image(type, bytes, alt);
  }
  return text(plain, '');
}

function fileHtml({ name, type, size, data }: FileOutput): string {
  const label = `${escapeHtml(name)} <small>(${size} bytes)</small>`;
  if (data === undefined) return `<p>${label}</p>`;
  if ((RASTER as readonly string[]).includes(type)) return image(type, data, escapeHtml(name));
  if (data.length > MAX_LINKED_LENGTH) return `<p>${label}</p>`;
  // Of a type that no browser opens: it can only be saved.
  const href = `data:application/octet-stream;base64,${escapeHtml(data)}`;
  return `<p><a download="${escapeHtml(name)}" href="${href}">${label}</a></p>`;
}

const image = (type: string, base64: string, alt: string): string =>
  `<p><img src="data:${type};base64,${escapeHtml(base64)}" alt="${alt}"></p>`;

function text(content: string, kind: string): string {
  // eslint-disable-next-line no-control-regex -- the colours of terminals
  const plain = content.replace(/\u001b\[[0-9;]*[A-Za-z]/g, '');
  return `<pre${kind && ` class="${kind}"`}>${escapeHtml(plain)}</pre>`;
}
