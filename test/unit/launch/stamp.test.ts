import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fingerprintOfFiles, isStamped, stamp } from '../../../relay/launch/stamp.mjs';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sage-embed-stamp-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the stamp of what was built', () => {
  it('changes when a file changes, moves or appears', () => {
    const seen = new Set<string>();
    const look = (): void => void seen.add(fingerprintOfFiles(folder, ['.']));
    look();
    writeFileSync(join(folder, 'a'), '1');
    look();
    writeFileSync(join(folder, 'a'), '2');
    look();
    rmSync(join(folder, 'a'));
    writeFileSync(join(folder, 'b'), '2');
    look();
    expect(seen.size).toBe(4);
  });

  it('holds for the value it was made with and no other', () => {
    const file = join(folder, 'deep', 'stamp');
    expect(isStamped(file, 'x')).toBe(false);
    stamp(file, 'x');
    expect(isStamped(file, 'x')).toBe(true);
    expect(isStamped(file, 'y')).toBe(false);
  });
});
