/** The top of a worksheet: its title, the row of buttons, and how it stands with saving. */
import { html, nothing, type TemplateResult } from 'lit';
import { runIcon, stopIcon } from '../icons.js';
import { renderMenu, type MenuItem } from '../menu.js';
import { dirtyIcon, plusIcon, redoIcon, savedIcon, undoIcon, warningIcon } from './icons.js';
import type { Command } from './keys.js';
import type { SaveState } from './saving.js';
import type { WorksheetStrings } from './strings/index.js';

/** Ways to look at a worksheet. */
export const VIEWS = ['edit', 'slides', 'json'] as const;
export type WorksheetViewName = (typeof VIEWS)[number];

/** What the top shows and tells. */
export interface Head {
  readonly words: WorksheetStrings;
  readonly title: string;
  readonly isReadonly: boolean;
  readonly isBusy: boolean;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly view: WorksheetViewName;
  readonly items: readonly MenuItem[];
  /** Undefined where nothing is saved. */
  readonly saving:
    { readonly state: SaveState; readonly isSaving: boolean; readonly message: string } | undefined;
  readonly perform: (command: Command) => void;
  readonly add: (kind: 'code' | 'note') => void;
  readonly titled: (title: string) => void;
  readonly viewed: (view: WorksheetViewName) => void;
  readonly resolved: (choice: 'mine' | 'theirs' | 'file') => void;
}

function renderSaving({ words, saving, perform }: Head): TemplateResult | typeof nothing {
  if (saving === undefined || saving.state === 'conflict') return nothing;
  const { state, isSaving, message } = saving;
  const isFailed = state === 'failed' && !isSaving;
  const [icon, text, title] = isSaving
    ? [dirtyIcon, words.saving, words.saving]
    : state === 'clean'
      ? [savedIcon, words.saved, words.saved]
      : [isFailed ? nothing : dirtyIcon, words.saveNow, words.unsaved];
  const mayNot = isSaving || state === 'clean';
  // One button in all states: the focus stays on it, and the row does not break anew with every change.
  return html`<span class=${isFailed ? 'save-state is-failed' : 'save-state'}
    >${isFailed ? html`${warningIcon}${words.notSaved(message)}` : nothing}<button
      class="button small"
      type="button"
      title=${title}
      aria-disabled=${mayNot ? 'true' : 'false'}
      @click=${() => {
        if (!mayNot) perform('save');
      }}
    >
      ${icon}${text}
    </button></span
  >`;
}

function renderConflict({ words, saving, resolved }: Head): TemplateResult | typeof nothing {
  if (saving?.state !== 'conflict') return nothing;
  const button = (choice: 'mine' | 'theirs' | 'file', text: string): TemplateResult =>
    html`<button
      class="button"
      type="button"
      @click=${() => {
        resolved(choice);
      }}
    >
      ${text}
    </button>`;
  return html`<div class="conflict" role="alert" part="conflict">
    ${warningIcon}
    <p>${words.conflict}</p>
    ${button('mine', words.keepMine)} ${button('theirs', words.takeTheirs)} ${button('file', words.keepBoth)}
  </div>`;
}

/** The top. */
export function renderHead(head: Head): TemplateResult {
  const { words, title, isReadonly, isBusy, canUndo, canRedo, view, items, perform, add, titled, viewed } =
    head;
  const button = (command: Command, text: string, content: unknown, isDisabled = false): TemplateResult =>
    html`<button
      class="button icon"
      type="button"
      aria-label=${text}
      title=${text}
      aria-disabled=${isDisabled ? 'true' : 'false'}
      @click=${() => {
        if (!isDisabled) perform(command);
      }}
    >
      ${content}
    </button>`;
  const names: Readonly<Record<WorksheetViewName, string>> = {
    edit: words.viewEdit,
    slides: words.viewSlides,
    json: words.viewJson,
  };
  return html`<header class="head" part="head">
    ${
      isReadonly
        ? html`<h2 class="title" part="title">${title === '' ? words.untitled : title}</h2>`
        : html`<div class="title-box" data-title=${title}>
            <textarea
              class="title"
              part="title"
              rows="1"
              .value=${title}
              placeholder=${words.untitled}
              aria-label=${words.untitled}
              @keydown=${(event: KeyboardEvent) => {
                // A title is one line, however many it takes to show it.
                if (event.key === 'Enter') event.preventDefault();
              }}
              @input=${(event: Event) => {
                titled((event.currentTarget as HTMLTextAreaElement).value.replace(/\s*\n\s*/g, ' '));
              }}
            ></textarea>
          </div>`
    }
    <div class="bar" part="toolbar" role="group" aria-label=${words.worksheet}>
      <button
        class="button primary"
        type="button"
        part="run-all"
        @click=${() => {
          perform('run-all');
        }}
      >
        ${runIcon}${words.runAll}
      </button>
      <button
        class="button stop"
        type="button"
        part="stop-all"
        aria-disabled=${isBusy ? 'false' : 'true'}
        @click=${() => {
          perform('interrupt');
        }}
      >
        ${stopIcon}${words.stop}
      </button>
      ${
        isReadonly
          ? nothing
          : html`<button
                class="button add"
                type="button"
                @click=${() => {
                  add('code');
                }}
              >
                ${plusIcon}${words.addCode}
              </button>
              <button
                class="button add"
                type="button"
                @click=${() => {
                  add('note');
                }}
              >
                ${plusIcon}${words.addText}
              </button>
              ${button('undo', words.undo, undoIcon, !canUndo)}
              ${button('redo', words.redo, redoIcon, !canRedo)}`
      }
      <span class="space"></span>
      ${renderSaving(head)}
      <select
        class="views"
        aria-label=${words.view}
        @change=${(event: Event) => {
          viewed((event.currentTarget as HTMLSelectElement).value as WorksheetViewName);
        }}
      >
        ${VIEWS.map((name) => html`<option value=${name} .selected=${name === view}>${names[name]}</option>`)}
      </select>
      ${renderMenu(items, words.more, 'menu-worksheet')}
    </div>
    ${renderConflict(head)}
  </header>`;
}
