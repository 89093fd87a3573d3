/** Which words an element speaks: those of its language, if there is a table for it, else English. */
import { english, type Strings } from './english.js';

export { english, type Strings };

/** Tables besides the English one, each a chunk that only a page in that language loads. */
const TABLES: Readonly<Record<string, () => Promise<Strings>>> = {
  de: () => import('./german.js').then(({ german }) => german),
  es: () => import('./spanish.js').then(({ spanish }) => spanish),
  fr: () => import('./french.js').then(({ french }) => french),
  zh: () => import('./chinese.js').then(({ chinese }) => chinese),
};

const loaded = new Map<string, Strings | Promise<Strings>>();

/** Language of an element: its own `lang`, that of the nearest ancestor with one, across shadow roots. */
export function languageOf(element: Element): string {
  for (let at: Element | null = element; at;) {
    const found: Element | null = at.closest('[lang]:not([lang=""])');
    if (found) return found.getAttribute('lang') ?? '';
    const root: Node = at.getRootNode();
    at = root instanceof ShadowRoot ? root.host : null;
  }
  return '';
}

/** The words of a language (a BCP 47 tag); a promise while its table is loaded. Without one, or on failure: English. */
export function tableFor(tag: string): Strings | Promise<Strings> {
  const language = /^[a-z]+/i.exec(tag)?.[0].toLowerCase() ?? '';
  const load = TABLES[language];
  if (load === undefined) return english;
  let table = loaded.get(language);
  if (table === undefined) {
    table = load().then(
      (strings) => {
        loaded.set(language, strings);
        return strings;
      },
      () => english,
    );
    loaded.set(language, table);
  }
  return table;
}
