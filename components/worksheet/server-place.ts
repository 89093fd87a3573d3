/** Worksheets kept by a relay, found by an unguessable address. */
import { validateDocument, type WorksheetDocument } from '../document/index.js';
import type { KeyValueStore } from './browser-place.js';
import { ConflictError, documentIn, SaveError, type DocumentPlace, type Saved } from './document-place.js';

/** Begins the key under which the reader's browser remembers the address of a worksheet. */
export const ADDRESS_PREFIX = 'sage-embed:worksheet-address:';

/** Addresses of a worksheet that was saved for the first time. Whoever knows one of them may do what it is for. */
export interface SavedAddresses {
  readonly read: string;
  readonly edit: string;
}

/** What a place on a server needs of the worksheet. */
export interface ServerPlaceHost {
  /** Address of the relay. */
  readonly server: string;
  /** Address of the document, if the author gave one; may be relative to the relay. */
  readonly address: string | undefined;
  /** Name of the worksheet in the reader's browser, where its own address is remembered. */
  readonly name: string;
  /** The document was given an address of its own. */
  saved(addresses: SavedAddresses): void;
  /** The address is one to read only. */
  mayNotEdit(): void;
}

/** Longest wait for an answer, milliseconds. */
const ANSWER_WITHIN_MS = 20_000;

/** Uses the relay's `/api/v1/documents`. */
export class ServerPlace implements DocumentPlace {
  readonly kind = 'server';
  readonly #host: ServerPlaceHost;
  readonly #store: () => KeyValueStore;
  readonly #fetch: typeof fetch;
  #address: URL | undefined;

  /** @param store asked each time, since reading `localStorage` throws where it is forbidden */
  constructor(
    host: ServerPlaceHost,
    store: () => KeyValueStore,
    fetcher: typeof fetch = (input, init) => fetch(input, init),
  ) {
    this.#host = host;
    this.#store = store;
    this.#fetch = fetcher;
    const own = this.#remembered() ?? host.address;
    // Only the relay itself is asked: a document must not name another server to tell who reads it.
    if (own !== undefined && new URL(own, host.server).origin === new URL(host.server).origin) {
      this.#address = new URL(own, host.server);
    }
  }

  async load(): Promise<Saved | undefined> {
    if (this.#address === undefined) return undefined;
    const response = await this.#ask(this.#address, {});
    if (response.status === 404) return undefined;
    const answer = (await this.#json(response)) as {
      content?: unknown;
      version?: unknown;
      canEdit?: unknown;
    };
    const document = documentIn(validateDocument(answer.content), 'What the server keeps');
    if (answer.canEdit !== true) this.#host.mayNotEdit();
    return { document, revision: String(answer.version) };
  }

  async save(document: WorksheetDocument, revision: string | undefined, force = false): Promise<string> {
    const body = JSON.stringify({ kind: 'worksheet', content: document });
    if (this.#address === undefined) return this.#create(body);
    const headers = { 'If-Match': force || revision === undefined ? '*' : `"${revision}"` };
    const response = await this.#ask(this.#address, { method: 'PUT', body, headers });
    if (response.status === 412) {
      throw new ConflictError('Somebody else has saved this worksheet meanwhile.', await this.load());
    }
    const { version } = (await this.#json(response)) as { version?: unknown };
    return String(version);
  }

  async #create(body: string): Promise<string> {
    const url = new URL('/api/v1/documents', this.#host.server);
    const answer = (await this.#json(await this.#ask(url, { method: 'POST', body }))) as {
      version?: unknown;
      read?: unknown;
      edit?: unknown;
    };
    const { read, edit } = answer;
    if (typeof read !== 'string' || typeof edit !== 'string')
      throw new SaveError('The server did not say where it is.');
    this.#address = new URL(edit, this.#host.server);
    try {
      this.#store().setItem(ADDRESS_PREFIX + this.#host.name, this.#address.href);
    } catch {
      // Who keeps nothing for this page is told the address by the event.
    }
    this.#host.saved({ read: new URL(read, this.#host.server).href, edit: this.#address.href });
    return String(answer.version);
  }

  #remembered(): string | undefined {
    try {
      return this.#store().getItem(ADDRESS_PREFIX + this.#host.name) ?? undefined;
    } catch {
      return undefined;
    }
  }

  async #ask(
    url: URL,
    init: { method?: string; body?: string; headers?: Record<string, string> },
  ): Promise<Response> {
    try {
      return await this.#fetch(url, {
        ...init,
        headers: { ...(init.body !== undefined && { 'Content-Type': 'application/json' }), ...init.headers },
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
    } catch {
      throw new SaveError('The server can’t be reached.');
    }
  }

  async #json(response: Response): Promise<unknown> {
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok && typeof answer === 'object' && answer !== null) return answer;
    const { error } = (answer ?? {}) as { error?: { message?: unknown } };
    throw new SaveError(
      typeof error?.message === 'string' ? error.message : `The server answered ${String(response.status)}.`,
    );
  }
}
