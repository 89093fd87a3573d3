import { defineConfig } from 'vitest/config';

/** Suites that start processes get time for Sage to start on a busy machine; none retries. */
const SLOW = { testTimeout: 60_000, hookTimeout: 120_000 };

const project = (name: string, options: object = {}): object => ({
  extends: true,
  test: { name, include: [`test/${name}/**/*.test.ts`], ...options },
});

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  oxc: { decorator: { legacy: true } },
  test: {
    pool: 'forks',
    maxWorkers: 2,
    retry: 0,
    allowOnly: false,
    projects: [
      // Generous, since the rest of `check` runs beside it.
      project('unit', { testTimeout: 30_000 }),
      project('contract', SLOW),
      project('stores', { ...SLOW, fileParallelism: false }),
      project('dom', SLOW),
      project('hostile', SLOW),
      project('e2e', { ...SLOW, fileParallelism: false }),
      project('browsers', { ...SLOW, fileParallelism: false }),
    ],
  },
});
