/** The keys of a worksheet, as a table the reader can look at. */
import { html, type TemplateResult } from 'lit';
import { ref } from 'lit/directives/ref.js';
import { bindings, type Command, type Keymap } from './keys.js';
import type { WorksheetStrings } from './strings/index.js';

const isMac = (): boolean => /mac|iphone|ipad/i.test(navigator.userAgent);

const shown = (keys: string): string =>
  keys
    .replaceAll('Mod', isMac() ? 'Cmd' : 'Ctrl')
    .replaceAll('Arrow', '')
    .replaceAll('+', ' + ');

/** A dialog, opened as it is drawn. */
export function renderKeyHelp(words: WorksheetStrings, keymap: Keymap, closed: () => void): TemplateResult {
  const names = words.commands;
  const groups = new Map<Command, string[]>();
  for (const { keys, command } of bindings(keymap)) {
    groups.set(command, [...(groups.get(command) ?? []), shown(keys)]);
  }
  return html`<dialog
    class="key-help"
    aria-label=${words.keys}
    @close=${closed}
    ${ref((element) => {
      if (!(element instanceof HTMLDialogElement)) return;
      // It is in the page only when all is drawn.
      queueMicrotask(() => {
        if (element.isConnected && !element.open) element.showModal();
      });
    })}
  >
    <table>
      <caption>
        ${words.keys}
      </caption>
      <tbody>
        ${[...groups].map(
          ([command, keys]) =>
            html`<tr>
              <th scope="row">${names[command]}</th>
              <td>${keys.map((key) => html`<kbd>${key}</kbd> `)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    <form method="dialog"><button class="button primary">${words.close}</button></form>
  </dialog>`;
}
