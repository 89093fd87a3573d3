import { expect, test } from 'vitest';
import { isIncomplete } from '../../../../relay/cli/lines.js';

test.each([
  'a = 6',
  'print(")")',
  'f(1,\n2)',
  'x = "a: b"',
  "'unfinished",
  '# only: a remark:',
  'for i in x:\n    print(i)\n',
  '"""a\nb"""',
  '%md\n*text*\n',
  'd = {1: 2}',
  'if a: b',
])('%j is complete', (code) => {
  expect(isIncomplete(code)).toBe(false);
});

test.each([
  'f(1,',
  'x = [\n1,',
  '"""a\nb',
  'for i in x:',
  'for i in x:\n    print(i)',
  'if a:  # remark',
  'a = 1 + \\',
  '%md',
  '@interact',
  '@interact\ndef f(n=3):\n    print(n)',
])('%j wants more', (code) => {
  expect(isIncomplete(code)).toBe(true);
});
