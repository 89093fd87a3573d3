/** An exception in the page: what it says, which line, and the traceback for who wants it. */
import type { ErrorOutput } from '../../relay/protocol/index.js';
import type { Strings } from '../strings/index.js';
import { styledNodes } from './ansi.js';
import { colouredText, plainText } from './stream-text.js';

/** @param goToLine the reader wants to see that line of the code */
export function errorView(
  error: ErrorOutput,
  strings: Strings,
  goToLine: (line: number) => void,
): HTMLElement {
  const node = document.createElement('div');
  node.className = 'error';
  node.setAttribute('part', 'error');
  const head = document.createElement('p');
  const name = document.createElement('strong');
  name.textContent = plainText(error.name);
  const message = plainText(error.message);
  head.append(name, message === '' ? '' : `: ${message}`);
  const { line } = error;
  if (line !== undefined) {
    const link = document.createElement('button');
    link.type = 'button';
    link.className = 'line-link';
    link.textContent = strings.errorAtLine(line);
    link.addEventListener('click', () => {
      goToLine(line);
    });
    head.append(' ', link);
  }
  node.append(head);
  if (error.traceback !== '') {
    const details = document.createElement('details');
    const summary = document.createElement('summary');
    summary.textContent = strings.traceback;
    const text = document.createElement('pre');
    text.append(...styledNodes(colouredText(error.traceback)));
    details.append(summary, text);
    details.addEventListener('toggle', () => {
      // A region that scrolls must be reachable by keyboard.
      if (text.scrollHeight > text.clientHeight + 1) text.tabIndex = 0;
    });
    node.append(details);
  }
  return node;
}

/** The same as plain text, for copying. */
export function errorText({ name, message, traceback }: ErrorOutput): string {
  return plainText(traceback === '' ? `${name}: ${message}` : traceback).replace(/\n?$/, '\n');
}
