import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { store } from '../../../../relay/cli/store.js';
import { ResultCache } from '../../../../relay/cache/result-cache.js';
import { LmdbStore } from '../../../../relay/stores/lmdb.js';
import { silentLog } from '../../../support/relay.js';

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

test('stats names the Sages whose results there are, as purge takes them', async () => {
  const dir = folder();
  const filled = new LmdbStore(dir, 10_000_000);
  const cache = new ResultCache({ memoryBytes: 1_000_000, store: filled, log: silentLog });
  const end = { status: 'ok', wallMs: 1, cpuMs: 1, truncated: false, pure: true } as const;
  for (const [index, sage] of ['9.5', '10.8', '10.8'].entries())
    cache.keep(`k${String(index)}`, { sage, fingerprint: 'f' }, [], end);
  await cache.guarded?.settled(5_000);
  cache.close();
  await filled.close();
  const { sages, where } = JSON.parse((await run(dir, 'stats')).said) as { sages: unknown[]; where: string };
  expect(where).toBe(dir);
  expect(sages).toHaveLength(2);
  expect(sages).toContainEqual({ sage: '10.8', fingerprint: 'f', results: 2 });
  expect((await run(dir, 'purge', { sage: '10.8' })).said).toContain('2 results deleted');
  expect(JSON.parse((await run(dir, 'stats')).said)).toMatchObject({ entries: { result: 1 } });
});

test('a store that is not there is not made by looking for it, and files that can not be used are named', async () => {
  const dir = folder();
  const nowhere = join(dir, 'nowhere');
  for (const action of ['verify', 'export', 'purge', 'stats'])
    await expect(run(nowhere, action, { all: true })).rejects.toThrow(`There is no store in ${nowhere}`);
  expect(existsSync(nowhere)).toBe(false);
  await expect(run(dir, 'export', { file: nowhere + '/x' })).rejects.toThrow(nowhere);
  await expect(run(dir, 'import', { file: nowhere })).rejects.toThrow(nowhere);
  const file = join(dir, 'bad.jsonl');
  writeFileSync(file, '\n{"kind":"result","key":"a/b","writtenAt":1,"value":""}\n');
  await expect(run(dir, 'import', { file })).rejects.toThrow('Line 2 was not taken: The key is "a/b"');
  vi.stubEnv('STORE', 'memory');
  await expect(store.run({ values: {}, positionals: ['stats'] })).rejects.toThrow('STORE is memory');
  vi.unstubAllEnvs();
});

test('what is not said clearly is refused before anything is done', async () => {
  const dir = folder();
  await expect(run(dir, 'polish')).rejects.toThrow('Say what to do with the store: verify | export');
  await expect(run(dir, 'purge')).rejects.toThrow('say which results');
});
