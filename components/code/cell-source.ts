/** Where the code of a cell comes from: its children, an address, a script, the reader, or the reader's last visit. */
import { KeptEdits } from './kept-edits.js';
import { lightSource, WatchedSource } from './light-source.js';
import { dedent } from './source-text.js';

/** Longest code taken from an address, UTF-16 units: the server takes no more either. */
const MAX_FETCHED_LENGTH = 65_536;

/** What a source tells the cell. */
export interface CellSourceOwner {
  /** The code changed, other than by the reader's typing. */
  codeCame(code: string): void;
  /** The code of that address cannot be had. */
  sourceFailed(address: string): void;
}

/** The code of one cell. */
export class CellSource {
  /** Code a reader or a script gave; from then on the children of the element do not matter. */
  #own: string | undefined;
  #fetched: string | undefined;
  #address: string | undefined;
  #hasFailed = false;
  #kept: KeptEdits | undefined;
  #watched: WatchedSource | undefined;

  constructor(
    readonly host: Element,
    readonly owner: CellSourceOwner,
  ) {}

  /** The code as it now stands. */
  get code(): string {
    return this.#own ?? this.#authors;
  }

  set code(code: string) {
    this.#own = dedent(code);
    this.owner.codeCame(this.#own);
  }

  /** True if it is not the author's. */
  get isEdited(): boolean {
    return this.#own !== undefined && this.#own !== this.#authors;
  }

  /** True if it came from another site: then its outputs are never trusted, and it never runs by itself. */
  get isForeign(): boolean {
    return this.#address !== undefined && new URL(this.#address).origin !== location.origin;
  }

  /** True while the code of an address is on its way. */
  get isLoading(): boolean {
    return this.#address !== undefined && this.#fetched === undefined && !this.#hasFailed;
  }

  /** The reader typed. */
  edited(code: string): void {
    this.#own = code;
    this.#kept?.keep(this.isEdited ? code : undefined);
  }

  /** Back to the author's code. */
  reset(): void {
    this.#own = undefined;
    this.#kept?.keep(undefined);
    this.owner.codeCame(this.code);
  }

  /** The cell is in a page. */
  connect(): void {
    this.#watched = new WatchedSource(this.host, () => {
      if (this.#own === undefined) this.owner.codeCame(this.code);
    });
    if (this.#own === undefined) this.owner.codeCame(this.code);
  }

  /** The cell left the page. */
  disconnect(): void {
    this.#watched?.stop();
    this.#watched = undefined;
    this.#kept?.flush();
    removeEventListener('pagehide', this.#flush);
  }

  /** Keeps the reader's edits under that name, and brings those of the last visit; `undefined` ends it. */
  keepAs(name: string | undefined): void {
    this.#kept?.flush();
    removeEventListener('pagehide', this.#flush);
    this.#kept = name === undefined ? undefined : new KeptEdits(name);
    if (!this.#kept) return;
    addEventListener('pagehide', this.#flush);
    const code = this.#kept.read();
    if (this.#own !== undefined || code === undefined) return;
    this.#own = code;
    this.owner.codeCame(code);
  }

  /** Takes the author's code from that address; `null` or empty: from the children. */
  async load(address: string | null): Promise<void> {
    this.#fetched = undefined;
    this.#address = undefined;
    this.#hasFailed = false;
    if (address === null || address === '') {
      if (this.#own === undefined) this.owner.codeCame(this.code);
      return;
    }
    let url = address;
    try {
      url = new URL(address, document.baseURI).href;
      this.#address = url;
      const response = await fetch(url);
      const text = await response.text();
      if (!response.ok || text.length > MAX_FETCHED_LENGTH) throw new Error(response.statusText);
      if (this.#address !== url) return;
      this.#fetched = dedent(text);
      if (this.#own === undefined) this.owner.codeCame(this.code);
    } catch {
      this.#hasFailed = true;
      this.owner.sourceFailed(url);
    }
  }

  get #authors(): string {
    return this.#fetched ?? this.#watched?.code ?? lightSource(this.host);
  }

  readonly #flush = (): void => {
    this.#kept?.flush();
  };
}
