/** Reading JSON that nobody has checked. */
import { ImportError } from './imported.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** The value as an object, or undefined. */
export const asObject = (value: unknown): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;

/** The value as a list; an empty one if it is none. */
export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The value as text; lists of texts are joined, as notebooks hold them; else undefined. */
export function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((line) => typeof line === 'string')) return value.join('');
  return undefined;
}

/** @throws ImportError if the text is not a JSON object */
export function parseObject(text: string, format: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ImportError(`This is no ${format}: it is not JSON (${(error as Error).message}).`);
  }
  const object = asObject(value);
  if (object === undefined) throw new ImportError(`This is no ${format}: it is not a JSON object.`);
  return object;
}
