/** Names for the wire that nobody else will choose. */

/** A random name of the given prefix, unique for all practical purposes; works on insecure origins too. */
export function identifier(prefix: string): string {
  // `crypto.randomUUID` is missing on pages served over plain HTTP.
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return prefix + Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
