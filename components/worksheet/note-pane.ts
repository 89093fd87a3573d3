/** A note of a worksheet: Markdown that is shown typeset, and edited as the text it is. */
import { renderHtml } from '../renderers/html.js';
import type { RenderSite } from '../renderers/rendering.js';

/** What a note tells its worksheet. */
export interface NotePaneOwner {
  readonly site: RenderSite;
  typed(source: string): void;
  /** Editing began or ended. */
  modeChanged(): void;
}

/** Words of a note. */
export interface NotePaneWords {
  readonly label: string;
  readonly placeholder: string;
}

/** Shows and edits one text in `node`, which is its own. */
export class NotePane {
  readonly node = document.createElement('div');
  readonly #owner: NotePaneOwner;
  readonly #view = document.createElement('div');
  #area: HTMLTextAreaElement | undefined;
  #source = '';
  #painted: string | undefined;
  #isReadonly = false;
  #words: NotePaneWords = { label: '', placeholder: '' };

  constructor(owner: NotePaneOwner) {
    this.#owner = owner;
    this.node.className = 'note-pane';
    this.#view.className = 'note-view';
    this.#view.setAttribute('part', 'note');
    this.node.append(this.#view);
    this.#view.addEventListener('dblclick', () => {
      this.edit();
    });
  }

  get isEditing(): boolean {
    return this.#area !== undefined;
  }

  /** The text field while the note is edited. */
  get field(): HTMLTextAreaElement | undefined {
    return this.#area;
  }

  update(source: string, isReadonly: boolean, words: NotePaneWords): void {
    this.#source = source;
    this.#isReadonly = isReadonly;
    this.#words = words;
    if (isReadonly) this.finish();
    if (this.#area !== undefined) {
      if (this.#area.value !== source) this.#area.value = source;
      this.#fit();
    } else this.#paint();
  }

  /** Shows the text itself, with the cursor at its end or beginning. */
  edit(at: 'start' | 'end' = 'end'): void {
    if (this.#isReadonly || this.#area !== undefined) {
      this.#area?.focus();
      return;
    }
    const area = document.createElement('textarea');
    this.#area = area;
    area.className = 'note-field';
    area.value = this.#source;
    area.placeholder = this.#words.placeholder;
    area.setAttribute('aria-label', this.#words.label);
    area.addEventListener('input', () => {
      this.#source = area.value;
      this.#fit();
      this.#owner.typed(area.value);
    });
    area.addEventListener('blur', () => {
      this.finish();
    });
    this.#view.replaceWith(area);
    this.#fit();
    area.focus();
    const position = at === 'start' ? 0 : area.value.length;
    area.setSelectionRange(position, position);
    this.#owner.modeChanged();
  }

  /** Shows it typeset again. */
  finish(): void {
    const area = this.#area;
    if (area === undefined) return;
    this.#area = undefined;
    area.replaceWith(this.#view);
    this.#paint();
    this.#owner.modeChanged();
  }

  #fit(): void {
    const area = this.#area;
    if (area === undefined) return;
    area.style.blockSize = 'auto';
    area.style.blockSize = `${String(area.scrollHeight + 2)}px`;
  }

  #paint(): void {
    if (this.#painted === this.#source) return;
    const source = this.#source;
    this.#painted = source;
    this.#view.classList.toggle('empty', source.trim() === '');
    if (source.trim() === '') {
      this.#view.textContent = this.#isReadonly ? '' : this.#words.placeholder;
      return;
    }
    import('../lazy/markdown.js')
      .then(({ markdownToHtml }) => {
        if (this.#painted !== source) return;
        this.#view.replaceChildren(renderHtml(markdownToHtml(source), source, this.#owner.site).node);
      })
      .catch(() => {
        // Markdown was made to be read as it is.
        this.#view.textContent = source;
      });
  }
}
