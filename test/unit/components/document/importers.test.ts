import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  detectFormat,
  importDocument,
  ImportError,
  MAX_CELLS,
  MAX_TEXT_LENGTH,
  serializeDocument,
  validateDocument,
} from '../../../../components/document/index.js';

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/worksheets/${name}`, import.meta.url), 'utf8');

const FIXTURES = ['lecture.sagews', 'notebook.ipynb', 'notebook-3.ipynb', 'salvus.json', 'log.txt'];

describe('every import', () => {
  it.each(FIXTURES)('of %s is a valid document that survives being stored', (name) => {
    const { document } = importDocument(fixture(name));
    expect(validateDocument(document)).toEqual({ ok: true, document });
    expect(importDocument(serializeDocument(document))).toEqual({ document, notices: [] });
  });

  it('finds the format by the content', () => {
    expect(FIXTURES.map((name) => detectFormat(fixture(name)))).toEqual([
      'sagews',
      'ipynb',
      'ipynb',
      'salvus',
      'text',
    ]);
    expect(detectFormat('{"version": 1, "cells": []}')).toBe('json');
    expect(detectFormat('print(1)')).toBe('text');
  });

  it('never fails but by an ImportError, whatever it is given', () => {
    const broken = [
      '{',
      '{}',
      '[]',
      '{"cells": 3}',
      '{"nbformat": 9}',
      '\uFE20',
      '\uFE21{',
      '{"nbformat": 4, "cells": [null, 3]}',
    ];
    for (const text of broken) {
      try {
        const { document } = importDocument(text);
        expect(validateDocument(document).ok).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(ImportError);
      }
    }
  });

  it('says what it left out', () => {
    expect(importDocument(fixture('lecture.sagews')).notices).toEqual([
      'A script in an output was left out.',
      'The file “plot.svg” of an output is not in the worksheet and was left out.',
      'An output that could not be read was left out.',
    ]);
    expect(importDocument(fixture('notebook.ipynb')).notices).toEqual([
      'A script in an output was left out.',
    ]);
  });

  it('takes no more cells and no longer text than a document may have, and says so', () => {
    const cells = Array.from({ length: MAX_CELLS + 2 }, () => ({
      cell_type: 'code',
      source: 'x',
      outputs: [],
    }));
    const many = importDocument(JSON.stringify({ nbformat: 4, cells }));
    expect(many.document.cells).toHaveLength(MAX_CELLS);
    expect(many.notices).toEqual([`Only the first ${String(MAX_CELLS)} cells were taken over. (2 times)`]);
    const long = importDocument('x'.repeat(MAX_TEXT_LENGTH + 1));
    expect(long.document.cells[0]?.source).toHaveLength(MAX_TEXT_LENGTH);
    expect(long.notices).toHaveLength(1);
  });
});

describe('a .sagews file', () => {
  const { cells } = importDocument(fixture('lecture.sagews')).document;

  it('becomes code and notes with their flags', () => {
    expect(cells.map(({ kind, source, flags }) => ({ kind, source, flags }))).toEqual([
      { kind: 'note', source: '# Gruppen & ∑', flags: undefined },
      { kind: 'code', source: "print('effectuées')\n2^100", flags: { auto: true } },
      { kind: 'code', source: 'typed below the output', flags: undefined },
      { kind: 'code', source: '%html <b>x</b>', flags: { hideOutput: true } },
      { kind: 'code', source: 'copied_with_its_mark()', flags: undefined },
    ]);
  });

  it('keeps its outputs in order, joined, with scripts left out and `clear` obeyed', () => {
    expect(cells[1]?.output).toEqual([
      { kind: 'stream', name: 'stdout', text: 'effectuées\n' },
      {
        kind: 'display',
        data: { 'text/plain': '\\frac{1}{2}', 'text/latex': '$$\\frac{1}{2}$$' },
        result: false,
      },
      { kind: 'stream', name: 'stderr', text: 'careful\n' },
    ]);
    expect(cells[3]?.output).toMatchObject([{ kind: 'display', data: { 'text/plain': 'x < yalert(1)' } }]);
  });

  it('gives a copied cell an id of its own', () => {
    expect(cells[3]?.id).toBe('6bc2ff3a-3a47-4f5c-9a9a-d7fd2f0a1ab3');
    expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length);
  });
});

describe('a Jupyter notebook', () => {
  it('becomes code, notes, flags and outputs', () => {
    const { document } = importDocument(fixture('notebook.ipynb'));
    expect(document.title).toBe('Notebook');
    expect(document.cells.map(({ kind, source }) => [kind, source])).toEqual([
      ['note', '# Title\nwith $x^2$'],
      ['code', 'print(1)\nplot(sin)'],
      ['note', '```\nraw text\n```'],
      ['code', ''],
    ]);
    expect(document.cells[1]).toMatchObject({
      id: 'a1',
      flags: { auto: true, hideSource: true, hideOutput: true },
      output: [
        { kind: 'stream', name: 'stdout', text: '1\n' },
        {
          kind: 'display',
          result: true,
          data: {
            'text/plain': 'Graphics',
            'image/png': 'iVBORw0KGgo=',
            'application/vnd.x+json': '{"a":1}',
          },
        },
        { kind: 'display', result: false, data: { 'text/plain': '', 'text/html': '<b>x</b>' } },
        { kind: 'error', name: 'ZeroDivisionError', traceback: 'Traceback\nline 2' },
      ],
    });
  });

  it('of format 3 is read too', () => {
    expect(importDocument(fixture('notebook-3.ipynb')).document).toMatchObject({
      title: 'Old',
      cells: [
        { kind: 'note', source: '## Part' },
        {
          kind: 'code',
          source: '2+2',
          output: [
            { kind: 'display', result: true, data: { 'text/plain': '4', 'image/png': 'iVBORw0KGgo=' } },
            { kind: 'stream', name: 'stderr', text: 'w\n' },
          ],
        },
      ],
    });
  });

  it('of an unknown format is refused with the formats that are known', () => {
    expect(() => importDocument('{"nbformat": 5, "cells": []}')).toThrow(
      'nbformat is 5; notebooks of formats 3 and 4',
    );
  });
});

describe('a Salvus worksheet', () => {
  it('keeps notes, inputs and outputs, both of the old form and of the older one', () => {
    const { document, notices } = importDocument(fixture('salvus.json'));
    expect(document).toMatchObject({
      title: 'My sheet',
      description: '<p>About it</p>',
      cells: [
        {
          id: 'c1',
          note: '<p>First</p>',
          source: '2+2',
          output: [
            { kind: 'stream', name: 'stdout', text: '4\n5\n' },
            { kind: 'stream', name: 'stderr', text: 'w' },
            { kind: 'display', data: { 'text/latex': '$x^2$' } },
          ],
        },
        { source: '3+3', output: [{ kind: 'stream', name: 'stdout', text: '6\n' }] },
      ],
    });
    expect(notices).toHaveLength(2);
  });
});

describe('plain text', () => {
  it('with prompts becomes cells with their outputs, and notes between', () => {
    const { cells } = importDocument(fixture('log.txt')).document;
    expect(cells.map(({ kind, source, output }) => [kind, source, output?.[0]])).toEqual([
      ['note', 'We factor a number:', undefined],
      ['code', 'n = 2^10\nfactor(n - 1)', { kind: 'stream', name: 'stdout', text: '3 * 11 * 31\n' }],
      ['code', 'for p in [2, 3]:\n    print(p)', { kind: 'stream', name: 'stdout', text: '2\n3\n' }],
      ['note', 'and prove ∑ things.', undefined],
      ['code', 'print("done")', { kind: 'stream', name: 'stdout', text: 'done\n' }],
    ]);
  });

  it('without prompts is a program, cut at its # %% lines', () => {
    const { cells } = importDocument(
      '# %% [markdown]\n# A *note*\n\n# %% auto\nx = 1\r\n\n# %%\nprint(x)\n',
    ).document;
    expect(cells.map(({ kind, source, flags }) => [kind, source, flags])).toEqual([
      ['note', 'A *note*', undefined],
      ['code', 'x = 1', { auto: true }],
      ['code', 'print(x)', undefined],
    ]);
  });
});
