/** Reading of attributes: defaults, and refusal of what is not known. */
import { strings } from './strings.js';

let serverOfPage: string | undefined;

/** Sets the server for elements that name none. The build's entry sets it to where it was loaded from. */
export function setDefaultServer(server: string): void {
  serverOfPage = server;
}

/** Address of the server to use: as the attribute says, else the default, else the origin of the page. */
export function resolveServer(attribute: string | null | undefined): string {
  const chosen = attribute ?? serverOfPage ?? '/';
  try {
    return new URL(chosen, document.baseURI).href;
  } catch {
    console.warn(strings.unknownChoice('server', chosen, 'a URL'));
    return new URL('/', document.baseURI).href;
  }
}

/** `value` if it is one of `allowed`, else the first of them and a warning on the console that names them. */
export function choice<T extends string>(
  attribute: string,
  value: string | null | undefined,
  allowed: readonly [T, ...T[]],
): T {
  if (value === null || value === undefined || value === '') return allowed[0];
  const found = allowed.find((candidate) => candidate === value.toLowerCase());
  if (found === undefined) console.warn(strings.unknownChoice(attribute, value, allowed.join(', ')));
  return found ?? allowed[0];
}
