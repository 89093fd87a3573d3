/** Times as readers of a language write them. */
import type { Strings } from './english.js';

/** A duration as a reader likes it: `12 ms`, `1.2 s`, `3 min 4 s`. */
export function duration(ms: number, { tag, minute }: Strings): string {
  if (ms < 1_000) return `${String(Math.max(1, Math.round(ms)))} ms`;
  if (ms < 59_950) {
    const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
    return `${(ms / 1_000).toLocaleString(tag, digits)} s`;
  }
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60).toLocaleString(tag)} ${minute} ${String(seconds % 60)} s`;
}
