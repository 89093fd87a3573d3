/** The worksheet as JSON: to be read, changed and put back, with everything named that is wrong with it. */
import { html, nothing, type TemplateResult } from 'lit';
import {
  parseDocument,
  serializeDocument,
  type DocumentProblem,
  type WorksheetDocument,
} from '../document/index.js';
import type { WorksheetStrings } from './strings/index.js';

/** From the last key to the check, milliseconds. */
const CHECK_AFTER_MS = 400;

/** What the view tells its worksheet. */
export interface JsonViewOwner {
  readonly words: WorksheetStrings;
  readonly isReadonly: boolean;
  applied(document: WorksheetDocument): void;
  closed(): void;
  changed(): void;
}

/** One text being looked at. */
export class JsonView {
  readonly #owner: JsonViewOwner;
  #text: string;
  #problems: readonly DocumentProblem[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(document: WorksheetDocument, owner: JsonViewOwner) {
    this.#owner = owner;
    this.#text = serializeDocument(document);
  }

  /** Ends the timer. */
  close(): void {
    clearTimeout(this.#timer);
  }

  render(): TemplateResult {
    const { words, isReadonly } = this.#owner;
    const count = this.#problems.length;
    return html`<div class="json" part="json">
      <textarea
        class="json-field"
        spellcheck="false"
        autocapitalize="off"
        aria-label=${words.jsonLabel}
        aria-describedby="json-state"
        .value=${this.#text}
        ?readonly=${isReadonly}
        @input=${this.#typed}
      ></textarea>
      <div class="json-state" id="json-state" role="status">
        ${count === 0 ? html`<p>${words.jsonGood}</p>` : html`<p>${words.problems(count)}</p>`}
        ${
          count === 0
            ? nothing
            : html`<ul>
                ${this.#problems.map(({ message }) => html`<li>${message}</li>`)}
              </ul>`
        }
      </div>
      <div class="json-buttons">
        ${
          isReadonly
            ? nothing
            : html`<button class="button primary" type="button" ?disabled=${count > 0} @click=${this.#apply}>
                  ${words.apply}
                </button>
                <button class="button" type="button" ?disabled=${count > 0} @click=${this.#format}>
                  ${words.format}
                </button>`
        }
        <button class="button" type="button" @click=${this.#close}>${words.close}</button>
      </div>
    </div>`;
  }

  #check(): WorksheetDocument | undefined {
    clearTimeout(this.#timer);
    const result = parseDocument(this.#text);
    this.#problems = result.ok ? [] : result.problems;
    this.#owner.changed();
    return result.ok ? result.document : undefined;
  }

  readonly #typed = (event: Event): void => {
    this.#text = (event.currentTarget as HTMLTextAreaElement).value;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#check();
    }, CHECK_AFTER_MS);
  };

  readonly #apply = (): void => {
    const document = this.#check();
    if (document !== undefined) this.#owner.applied(document);
  };

  readonly #format = (): void => {
    const document = this.#check();
    if (document === undefined) return;
    this.#text = serializeDocument(document);
    this.#owner.changed();
  };

  readonly #close = (): void => {
    this.#owner.closed();
  };
}
