import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { store } from '../../../../relay/cli/store.js';
import { LmdbStore } from '../../../../relay/stores/lmdb.js';

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'store-command-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

/** Runs the command on the LMDB file in `dir`. @returns the exit code and what it said */
async function run(dir: string, action: string, values: Record<string, string | boolean> = {}) {
  vi.stubEnv('STORE', 'lmdb');
  vi.stubEnv('STORE_DIR', dir);
  let said = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  try {
    const code = await store.run({ values, positionals: [action] });
    return { code, said };
  } finally {
    spy.mockRestore();
    vi.unstubAllEnvs();
  }
}

test('a store is exported into a file, taken into another, looked through and purged, with no relay set up', async () => {
  const [from, to, file] = [folder(), folder(), join(folder(), 'backup.jsonl')];
  const filled = new LmdbStore(from, 10_000_000);
  await filled.put('document', 'd-1', Buffer.from('{"a":1}'));
  await filled.put('result', 'hurt', Buffer.from('no result'));
  await filled.close();
  expect((await run(from, 'export', { file })).code).toBe(0);
  expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(2);
  expect((await run(to, 'import', { file })).said).toContain(
    '1 results, 0 files, 1 parts of documents taken',
  );
  const verified = await run(to, 'verify');
  expect(verified).toEqual({
    code: 65,
    said: expect.stringContaining('result hurt is corrupt') as string,
  });
  expect((await run(to, 'verify', { repair: true })).code).toBe(0);
  expect((await run(to, 'verify')).said).toContain('0 results, 0 files, 1 parts of documents; 0 wrong');
  expect(JSON.parse((await run(to, 'stats')).said)).toMatchObject({ name: 'lmdb', entries: { document: 1 } });
  expect((await run(from, 'purge', { all: true })).said).toContain('1 results deleted');
});

test('what is not said clearly is refused before anything is done', async () => {
  const dir = folder();
  await expect(run(dir, 'polish')).rejects.toThrow('Say what to do with the store: verify | export');
  await expect(run(dir, 'purge')).rejects.toThrow('say which results');
});
