/** HTML forms: URL-encoded and multipart. */
import { getParts } from 'uWebSockets.js';

/**
 * @param contentType the request's Content-Type
 * @returns values by field name, in the order sent; undefined if it is neither kind of form
 */
export function readForm(body: Buffer, contentType: string): Map<string, string[]> | undefined {
  const fields = new Map<string, string[]>();
  const add = (name: string, value: string): void => {
    const values = fields.get(name);
    if (values === undefined) fields.set(name, [value]);
    else values.push(value);
  };
  if (/^application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType)) {
    for (const [name, value] of new URLSearchParams(body.toString())) add(name, value);
    return fields;
  }
  if (/^multipart\/form-data\s*;/i.test(contentType)) {
    for (const part of getParts(body, contentType) ?? []) {
      add(part.name, Buffer.from(part.data).toString());
    }
    return fields;
  }
  return undefined;
}
