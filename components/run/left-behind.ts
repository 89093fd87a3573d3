/** Whether this page left something behind when it was last shown in this tab; what that is, `KeptPage` knows. */

/** Beginning of the names under which pages leave it. */
export const PREFIX = 'sage-embed page ';

/** The name of this page: another address is another page. */
export const pageName = (): string => `${PREFIX}${location.pathname}${location.search}`;

/** Sandboxed frames have no storage, and a full one takes nothing more. */
export function withTabStorage<T>(use: (storage: Storage) => T): T | undefined {
  try {
    return use(sessionStorage);
  } catch {
    return undefined;
  }
}

let wasThere: boolean | undefined;

/** True if it did, for as long as the page lives. */
export function hasLeftBehind(): boolean {
  return (wasThere ??= (withTabStorage((storage) => storage.getItem(pageName())) ?? null) !== null);
}
