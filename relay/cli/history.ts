/** What was typed in earlier sessions. */
import { readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Lines kept. */
export const MAX_HISTORY = 1_000;

const FILE = join(homedir(), '.sage-embed-history');

/** Lines, the latest first; none if there is no file. */
export function readHistory(): string[] {
  try {
    return readFileSync(FILE, 'utf8').split('\n').filter(Boolean).slice(-MAX_HISTORY).reverse();
  } catch {
    return [];
  }
}

/** Keeps lines, the latest first, readable by their owner alone. A home that can't be written to is no failure. */
export function writeHistory(lines: readonly string[]): void {
  try {
    writeFileSync(FILE, `${[...lines].slice(0, MAX_HISTORY).reverse().join('\n')}\n`, { mode: 0o600 });
  } catch {
    // Nothing depends on it.
  }
}
