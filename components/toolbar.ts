/** The row of buttons and the status below the code: what it shows, and slots for an author's own buttons. */
import { html, nothing, type TemplateResult } from 'lit';
import { runIcon, statusIcons, stopIcon, stoppedIcon } from './icons.js';
import { LANGUAGES, type LanguageName } from './languages.js';
import { renderMenu, type MenuItem } from './menu.js';
import type { HiddenPart } from './options.js';
import type { RunController } from './run/run-controller.js';
import type { Strings } from './strings/index.js';

/** Something a reader can do besides running. */
export type ActionName =
  'copy' | 'copy-output' | 'reset' | 'clear' | 'run-all' | 'run-above' | 'restart' | 'fullscreen';

/** An action that makes sense at this moment. */
export interface Action {
  readonly name: ActionName;
  readonly text: string;
}

/** What a toolbar shows and tells. */
export interface Toolbar {
  readonly strings: Strings;
  readonly run: RunController;
  readonly hidden: ReadonlySet<HiddenPart>;
  readonly language: LanguageName;
  readonly languages: readonly LanguageName[];
  readonly shortcut: string;
  /** What can be done now, in the order of the menu. */
  readonly actions: readonly Action[];
  /** What the last action did; empty when there is nothing to say. */
  readonly said: string;
  readonly runAsked: () => void;
  readonly stopAsked: () => void;
  /** A run will likely follow. */
  readonly attended: () => void;
  readonly languageChosen: (language: LanguageName) => void;
  readonly act: (name: ActionName) => void;
}

/** Actions with a slot of their own: an author's button there takes the place of the line in the menu. */
const SLOTTED: readonly ActionName[] = ['reset', 'copy', 'clear', 'restart', 'fullscreen'];

function renderStatus({ run, said, shortcut }: Toolbar): TemplateResult {
  const { text, status, isActive, isSlow, wasStopped } = run;
  if (said !== '' && !isActive) {
    return html`<span class="status" part="status"><span class="status-text">${said}</span></span>`;
  }
  if (text === '') {
    return html`<span class="status" part="status">
      ${status === 'idle' ? html`<span class="shortcut">${shortcut}</span>` : nothing}
    </span>`;
  }
  const icon = isActive || !wasStopped ? statusIcons[status] : stoppedIcon;
  return html`<span class="status" part="status"
    >${isActive && !isSlow ? nothing : icon}<span class="status-text">${text}</span></span
  >`;
}

function renderLanguages({
  strings,
  language,
  languages,
  languageChosen,
}: Toolbar): TemplateResult | typeof nothing {
  if (languages.length < 2) return nothing;
  const chosen = (event: Event): void => {
    languageChosen((event.currentTarget as HTMLSelectElement).value as LanguageName);
  };
  return html`<select class="language" part="language" aria-label=${strings.language} @change=${chosen}>
    ${languages.map(
      (name) => html`<option value=${name} ?selected=${name === language}>${LANGUAGES[name]}</option>`,
    )}
  </select>`;
}

/** The whole row. */
export function renderToolbar(toolbar: Toolbar): TemplateResult {
  const { strings, run, hidden, runAsked, stopAsked, attended, actions, act } = toolbar;
  const items: MenuItem[] = actions.map(({ name, text }) => ({
    name,
    text,
    act: () => {
      act(name);
    },
  }));
  return html`<div class="toolbar" part="toolbar">
    <slot name="run" class="run-slot" @click=${runAsked} @pointerenter=${attended} @focusin=${attended}>
      <button class="button run" part="run" type="button" aria-disabled=${run.isActive ? 'true' : 'false'}>
        ${runIcon}${strings.run}
      </button>
    </slot>
    ${renderLanguages(toolbar)}
    ${SLOTTED.map(
      (name) =>
        html`<slot
          name=${name}
          @click=${() => {
            act(name);
          }}
        ></slot>`,
    )}
    <slot name="toolbar"></slot>
    <slot name="stop" class="stop-slot" @click=${stopAsked}>
      <button class="button stop" part="stop" type="button">
        ${stopIcon}${run.stopping === 'ignored' ? strings.forceStop : strings.stop}
      </button>
    </slot>
    ${renderStatus(toolbar)} ${hidden.has('menu') ? nothing : renderMenu(items, strings.more)}
  </div>`;
}
