import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findSages, probe } from '../../../relay/launch/sage.mjs';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sage-embed-launch-'));
  vi.stubEnv('PATH', `${folder}:/usr/bin:/bin`);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** A program that answers the probe as a Sage of that version would; it stands in for Sage's own Python. */
function standIn(name: string, sage: string, python: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' '${sage}' '${python}' '${path}'\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('looking for Sage', () => {
  it('takes $SAGE before the sage on PATH', () => {
    const chosen = standIn('my-python', '10.8', '3.12');
    const onPath = standIn('sage', '9.5', '3.11');
    const found = findSages({ SAGE: chosen });
    expect(found[0]).toEqual({ python: [chosen], version: '10.8', from: '$SAGE' });
    expect(found[1]).toEqual({ python: [onPath], version: '9.5', from: 'PATH' });
  });

  it('stops with what to correct when $SAGE is no Sage, instead of taking another one', () => {
    standIn('sage', '9.5', '3.11');
    expect(() => findSages({ SAGE: '/bin/false' })).toThrow(/SAGE is "\/bin\/false"/);
  });

  it('passes over a Sage older than 9.5 and a Python older than 3.9', () => {
    expect(probe([standIn('old-sage', '9.4', '3.11')], 'PATH')).toBeUndefined();
    expect(probe([standIn('old-python', '9.5', '3.8')], 'PATH')).toBeUndefined();
  });

  it('accepts development versions', () => {
    const path = standIn('new', '10.9.beta3', '3.14');
    expect(probe([path], 'PATH')).toEqual({ python: [path], version: '10.9.beta3', from: 'PATH' });
  });

  it('finds nothing where a program answers nothing', () => {
    expect(probe(['/bin/true'], 'PATH')).toBeUndefined();
  });
});
