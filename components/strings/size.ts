/** Sizes as readers of a language write them. */
import type { Strings } from './english.js';

/** A number of bytes: `8 bytes`, `12 kB`, `1.5 MB`. */
export function size(count: number, { tag, byte, bytes }: Strings): string {
  if (count < 1_000) return `${count.toLocaleString(tag)} ${count === 1 ? byte : bytes}`;
  if (count < 1_000_000) return `${Math.round(count / 1_000).toLocaleString(tag)} kB`;
  return `${(Math.round(count / 100_000) / 10).toLocaleString(tag)} MB`;
}
