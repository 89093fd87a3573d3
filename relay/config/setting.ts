/** One setting: everything that is to be known of it, in one place. */
import type { Kind } from './kind.js';

/** As a file holds it. */
export type Written = string | number | boolean | readonly string[];

export interface Setting<T, F extends Written | undefined = Written | undefined> {
  readonly kind: Kind<T>;
  /** What it means, for the operator: a phrase for a table. */
  readonly doc: string;
  /** As a file would hold it, when nothing is said. */
  readonly fallback: F;
  /** The default in words, where the value doesn't tell. */
  readonly fallbackDoc: string | undefined;
  /** Never shown. */
  readonly isSecret: boolean;
  /** Takes effect on `SIGHUP`; the others need a restart. */
  readonly isLive: boolean;
}

interface Traits {
  readonly fallbackDoc?: string;
  readonly isSecret?: boolean;
  readonly isLive?: boolean;
}

const declare = <T, F extends Written | undefined>(
  kind: Kind<T>,
  fallback: F,
  doc: string,
  { fallbackDoc, isSecret = false, isLive = false }: Traits,
): Setting<T, F> => ({ kind, fallback, doc, fallbackDoc, isSecret, isLive });

/** A setting that has a value always. */
export const setting = <T>(
  kind: Kind<T>,
  fallback: Written,
  doc: string,
  traits: Traits = {},
): Setting<T, Written> => declare(kind, fallback, doc, traits);

/** A setting that is undefined unless somebody sets it. */
export const optional = <T>(kind: Kind<T>, doc: string, traits: Traits = {}): Setting<T, undefined> =>
  declare(kind, undefined, doc, traits);

/** `sessionKeys` → `SESSION_KEYS` */
export const variableOf = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
