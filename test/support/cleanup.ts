/** Who closes what a test opened. */
import { afterAll } from 'vitest';

/** Registers what was opened to be closed: `onTestFinished` within a test, `closeAfterAll()` around several. */
export type Cleanup = (close: () => Promise<void> | void) => void;

/** Closes, the latest first, after all tests of the file or block it is called in. To be called outside of hooks. */
export function closeAfterAll(): Cleanup {
  const closers: (() => Promise<void> | void)[] = [];
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });
  return (close) => closers.push(close);
}
