/** What a page sets once for all its elements: by `<sage-config>`, by `window.sageEmbed`, or by where the script lies. */

declare global {
  interface Window {
    /** Defaults of the page, by the names of the attributes in camel case. Set it before the script loads. */
    sageEmbed?: Readonly<Record<string, string | number | boolean | undefined>>;
  }
}

let serverOfPage: string | undefined;
const listeners = new Set<() => void>();
const warned = new Set<string>();

/** Sets the server for elements that name none. The build's entry sets it to where it was loaded from. */
export function setDefaultServer(server: string): void {
  serverOfPage = server;
}

/** Calls `listener` whenever the page's defaults change. The returned function ends it. */
export function watchDefaults(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The defaults of the page may have changed. */
export function defaultsChanged(): void {
  for (const listener of listeners) listener();
}

/** What the page says for all elements about the attribute of that name; `undefined` if nothing. */
export function pageDefault(attribute: string): string | undefined {
  const said = document.querySelector('sage-config')?.getAttribute(attribute);
  if (said !== undefined && said !== null) return said;
  const name = attribute.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const value = window.sageEmbed?.[name];
  if (value === undefined || value === false) return undefined;
  return value === true ? '' : String(value);
}

/** A warning for the author on the console, each once. */
export function warn(sentence: string): void {
  if (warned.has(sentence)) return;
  warned.add(sentence);
  console.warn(`sage-embed: ${sentence}`);
}

/** `said` if it is one of `allowed`, else the first of them; what is said and not known is warned of. */
export function oneOf<T extends string>(
  attribute: string,
  said: string | null | undefined,
  allowed: readonly [T, ...T[]],
): T {
  if (said === undefined || said === null || said === '') return allowed[0];
  const found = allowed.find((candidate) => candidate === said.toLowerCase());
  if (found === undefined) warn(`${attribute}="${said}" is not known; allowed: ${allowed.join(', ')}.`);
  return found ?? allowed[0];
}

/** Address of the server to use: as the attribute says, else the default, else the origin of the page. */
export function resolveServer(attribute: string | null | undefined): string {
  const chosen = attribute ?? pageDefault('server') ?? serverOfPage ?? '/';
  try {
    return new URL(chosen, document.baseURI).href;
  } catch {
    warn(`server="${chosen}" is not known; allowed: a URL.`);
    return new URL('/', document.baseURI).href;
  }
}
