/** Who shares what: one client per server, for all elements of a page. */
import { Client } from './client.js';
import type { ConnectionOptions } from './connection.js';

/** How long a client nobody uses is kept, so that an element can be moved without losing its session. */
export const LINGER_MS = 5_000;

/** What `SharedClients` is made with. */
export interface SharedClientsOptions extends ConnectionOptions {
  /** Fires `online` when the network comes back and `pageshow` when the page does; the page's `window`. */
  readonly network?: EventTarget;
  /** Fires `visibilitychange` when the reader looks again, and `resume` after the page was frozen; its `document`. */
  readonly page?: EventTarget;
}

/** When a connection may have died unnoticed. */
const WAKING = { network: ['online', 'pageshow'], page: ['visibilitychange', 'resume'] } as const;

/** A share in a client. Give it back once. */
export interface Lease {
  readonly client: Client;
  release(): void;
}

interface Shared {
  readonly client: Client;
  users: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** Hands out clients by server address and closes each a moment after the last user gave it back. */
export class SharedClients {
  readonly #clients = new Map<string, Shared>();
  readonly #options: SharedClientsOptions;
  readonly #probe = (): void => {
    for (const { client } of this.#clients.values()) client.probe();
  };

  constructor(options: SharedClientsOptions = {}) {
    this.#options = options;
  }

  /**
   * A share in the client of that server; every caller of one address and key gets the same client.
   * @param key embed key, or a token signed for one
   */
  lease(server: string, key = this.#options.key): Lease {
    // Addresses hold no spaces. All that are given by functions are the one of the options.
    const name = `${server} ${typeof key === 'string' ? key : ''}`;
    let shared = this.#clients.get(name);
    if (shared === undefined) {
      const options = { ...this.#options, ...(key !== undefined && { key }) };
      shared = { client: new Client(server, options), users: 0, timer: undefined };
      if (this.#clients.size === 0) this.#listen('addEventListener');
      this.#clients.set(name, shared);
    }
    const held = shared;
    clearTimeout(held.timer);
    held.users += 1;
    let isReleased = false;
    return {
      client: held.client,
      release: () => {
        if (isReleased) return;
        isReleased = true;
        held.users -= 1;
        if (held.users > 0) return;
        held.timer = setTimeout(() => {
          this.#clients.delete(name);
          held.client.close();
          if (this.#clients.size === 0) this.#listen('removeEventListener');
        }, LINGER_MS);
      },
    };
  }
  #listen(how: 'addEventListener' | 'removeEventListener'): void {
    for (const where of ['network', 'page'] as const) {
      for (const event of WAKING[where]) this.#options[where]?.[how](event, this.#probe);
    }
  }
}
