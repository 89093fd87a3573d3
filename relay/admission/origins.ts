/** Origins of pages, and patterns of them. */

/** `https://book.example.org`, `null` for pages opened as files, `https://*.example.org` for every host below it. */
export type OriginPattern = string;

/** Whether `text` is a pattern: an origin as browsers send it, or one whose host begins with `*.`. */
export function isOriginPattern(text: string): boolean {
  if (text === 'null') return true;
  const plain = text.replace('://*.', '://any.');
  return URL.canParse(plain) && new URL(plain).origin === plain;
}

/** Decides for a list of patterns; `*` stands for every page. Immutable. */
export class OriginList {
  readonly #all: boolean;
  readonly #exact: ReadonlySet<string>;
  /** What an origin must begin with, and how its host must end. */
  readonly #below: readonly (readonly [scheme: string, end: string])[];

  constructor(patterns: readonly OriginPattern[]) {
    this.#all = patterns.includes('*');
    this.#exact = new Set(patterns);
    this.#below = patterns.flatMap((pattern) => {
      const [scheme, end] = pattern.split('*.');
      return scheme !== undefined && end !== undefined ? [[scheme, `.${end}`] as const] : [];
    });
  }

  has(origin: string): boolean {
    return (
      this.#all ||
      this.#exact.has(origin) ||
      this.#below.some(
        ([scheme, end]) =>
          origin.startsWith(scheme) && origin.endsWith(end) && origin.length > scheme.length + end.length,
      )
    );
  }
}
