import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  deleteCells,
  duplicateCells,
  insertCells,
  joinWithPrevious,
  MAX_TEXT_LENGTH,
  moveCells,
  newCell,
  nudgeCells,
  parseDocument,
  splitCell,
  storedOutputs,
  StructureHistory,
  validateDocument,
  type Cell,
} from '../../../../components/document/index.js';

const code = (id: string, source = id, more: Partial<Cell> = {}): Cell => ({
  id,
  kind: 'code',
  source,
  ...more,
});
const ids = (cells: readonly Cell[]): string => cells.map(({ id }) => id).join('');
const abcd = [code('a'), code('b'), code('c'), code('d')];

describe('the validator', () => {
  const problems = (value: unknown): string[] => {
    const result = validateDocument(value);
    return result.ok ? [] : result.problems.map(({ message }) => message);
  };

  it('accepts a document and fills in what may be absent', () => {
    expect(validateDocument({ version: 1, cells: [] })).toEqual({
      ok: true,
      document: { version: 1, title: '', description: '', cells: [] },
    });
  });

  it('names every place, what is there and what is allowed', () => {
    expect(
      problems({
        version: 1,
        title: 3,
        cells: [
          { id: 'a b', kind: 'kode', source: 'x', colour: 'red' },
          {
            id: 'c',
            kind: 'code',
            source: 'x'.repeat(MAX_TEXT_LENGTH + 1),
            output: [{ kind: 'stream', name: 'out', text: '' }],
          },
        ],
      }),
    ).toEqual([
      'title is 3; it must be string.',
      'cells[0].id is "a b"; it must be 1 to 64 of A–Z a–z 0–9 _ -.',
      'cells[0].kind is "kode"; it must be "code" or "note".',
      'cells[0].colour is "colour"; it must be left out: there is no such field.',
      `cells[1].source has the length ${String(MAX_TEXT_LENGTH + 1)}; it must be no longer than ${String(MAX_TEXT_LENGTH)}.`,
      'cells[1].output[0].name is "out"; it must be "stdout" or "stderr".',
    ]);
    expect(problems({ version: 1, cells: [code('a'), code('a')] })).toEqual([
      'cells is a list of 2; it must be cells whose ids differ.',
    ]);
    expect(problems({ cells: [] })).toEqual(['version is missing.']);
  });

  it('tells a document of a later version from a broken one', () => {
    expect(problems({ version: 2, cells: [], tabs: [] })).toEqual([
      'version is 2; this program knows version 1: use a newer one.',
    ]);
  });

  it('names the line where JSON breaks off', () => {
    const broken = parseDocument('{\n  "version": 1,\n  "cells": [,]\n}');
    expect(broken).toMatchObject({ ok: false, problems: [{ path: '', line: 3 }] });
  });

  it('finds the line of an error wherever it is, and none in good JSON', () => {
    const line = (text: string): number | undefined => {
      const result = parseDocument(text);
      return result.ok ? undefined : result.problems[0]?.line;
    };
    expect(['', '{', '[1\n2]', '{"a"\n\n1}', '{"a": 1,\n}', '{}\nx', '"\n"', '{"a": tru}'].map(line)).toEqual(
      [1, 1, 2, 3, 2, 2, 1, 1],
    );
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(line(text)).toBeUndefined();
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        validateDocument(value);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseDocument(text);
      }),
    );
  });
});

describe('the list of cells', () => {
  it('gives the note above a deleted cell to the next one, or keeps it as a note', () => {
    const cells = [
      code('a', 'a', { note: 'one' }),
      code('b', 'b', { note: 'two' }),
      { ...newCell('note', 'n'), id: 'n' },
    ];
    expect(deleteCells(cells, new Set('a'))[0]).toMatchObject({ id: 'b', note: 'one\n\ntwo' });
    expect(deleteCells(cells, new Set('ab'))).toMatchObject([{ id: 'n', source: 'one\n\ntwo\n\nn' }]);
    expect(deleteCells(cells.slice(0, 1), new Set('a'))).toMatchObject([{ kind: 'note', source: 'one' }]);
  });

  it('joins a cell to the one before and drops the outputs of both', () => {
    const output = [{ kind: 'stream', name: 'stdout', text: '1' }] as const;
    const joined = joinWithPrevious(
      [code('a', 'x', { output: [...output], flags: { auto: true } }), code('b', 'y', { note: 'n' })],
      'b',
    );
    expect(joined).toEqual([{ id: 'a', kind: 'code', source: 'x\ny', flags: { auto: true }, note: 'n' }]);
    expect(() => joinWithPrevious(abcd, 'a')).toThrow('none before');
    expect(() => joinWithPrevious([newCell('note', 'n'), code('b')], 'b')).toThrow('note and code');
    expect(() => joinWithPrevious(abcd, 'z')).toThrow('no cell z');
  });

  it('splits at the cursor so that joining gives the text back', () => {
    const [first, second] = splitCell([code('a', 'x = 1\ny = 2', { note: 'n' })], 'a', 5);
    expect(first).toEqual({ id: 'a', kind: 'code', source: 'x = 1', note: 'n' });
    expect(second).toMatchObject({ kind: 'code', source: 'y = 2' });
    expect(second?.note).toBeUndefined();
    expect(splitCell([code('a', 'if x:\n    y')], 'a', 6)[1]?.source).toBe('    y');
  });

  it('moves several as one block, in their order', () => {
    expect(ids(moveCells(abcd, new Set('ac'), 4))).toBe('bdac');
    expect(ids(moveCells(abcd, new Set('cd'), 0))).toBe('cdab');
    expect(ids(moveCells(abcd, new Set('b'), 1))).toBe('abcd');
    expect(ids(nudgeCells(abcd, new Set('bc'), 'up'))).toBe('bcad');
    expect(ids(nudgeCells(abcd, new Set('bc'), 'down'))).toBe('adbc');
    expect(nudgeCells(abcd, new Set('a'), 'up')).toBe(abcd);
    expect(nudgeCells(abcd, new Set('d'), 'down')).toBe(abcd);
  });

  it('loses and doubles nothing, however cells are moved', () => {
    fc.assert(
      fc.property(fc.subarray(['a', 'b', 'c', 'd']), fc.integer({ min: 0, max: 4 }), (chosen, to) => {
        const moved = moveCells(abcd, new Set(chosen), to).map(({ id }) => id);
        expect(moved.sort().join('')).toBe('abcd');
      }),
    );
  });

  it('duplicates behind the last of the chosen, with new ids', () => {
    const cells = duplicateCells(abcd, new Set('ab'));
    expect(cells.map(({ source }) => source).join('')).toBe('ababcd');
    expect(new Set(cells.map(({ id }) => id)).size).toBe(6);
  });
});

describe('undo of structure', () => {
  it('takes a step back and forth, and keeps what was typed since in cells it did not touch', () => {
    const history = new StructureHistory();
    const moved = moveCells(abcd, new Set('a'), 4);
    history.record(abcd, moved);
    const typed = moved.map((cell) => (cell.id === 'b' ? { ...cell, source: 'typed' } : cell));
    const undone = history.undo(typed) ?? [];
    expect(undone.map(({ source }) => source)).toEqual(['a', 'typed', 'c', 'd']);
    expect(history.redo(undone)?.map(({ source }) => source)).toEqual(['typed', 'c', 'd', 'a']);
    expect(history.redo(undone)).toBeUndefined();
  });

  it('brings deleted cells back with their output, and a redo of a split keeps what was typed in its parts', () => {
    const history = new StructureHistory();
    const cells = [code('a', 'x\ny', { output: [{ kind: 'stream', name: 'stdout', text: '1' }] })];
    const split = splitCell(cells, 'a', 1);
    history.record(cells, split);
    const typed = split.map((cell) => ({ ...cell, source: `${cell.source}!` }));
    const undone = history.undo(typed) ?? [];
    expect(undone).toEqual(cells);
    expect(history.redo(undone)?.map(({ source }) => source)).toEqual(['x!', 'y!']);
  });

  it('forgets what was undone when something else happens', () => {
    const history = new StructureHistory();
    history.record(abcd, deleteCells(abcd, new Set('a')));
    history.undo(abcd.slice(1));
    const added = insertCells(abcd, 0, [code('e')]);
    history.record(abcd, added);
    expect(history.canRedo).toBe(false);
    expect(ids(history.undo(added) ?? [])).toBe('abcd');
  });
});

describe('stored outputs', () => {
  it('are what was put out in the end', () => {
    expect(
      storedOutputs([
        { kind: 'stream', name: 'stdout', text: 'old' },
        { kind: 'clear' },
        { kind: 'stream', name: 'stdout', text: 'a' },
        { kind: 'stream', name: 'stdout', text: 'b' },
        { kind: 'prompt', text: '?', isSecret: false },
        { kind: 'stream', name: 'stderr', text: 'c' },
      ]),
    ).toEqual([
      { kind: 'stream', name: 'stdout', text: 'ab' },
      { kind: 'stream', name: 'stderr', text: 'c' },
    ]);
  });

  it('have nothing of what was taken back', () => {
    expect(
      storedOutputs([
        { kind: 'stream', name: 'stdout', text: 'a' },
        { kind: 'display', data: { 'text/plain': 'one' }, result: false },
        { kind: 'retract' },
        { kind: 'stream', name: 'stdout', text: 'b' },
        { kind: 'display', data: { 'text/plain': 'two' }, result: false },
        { kind: 'stream', name: 'stdout', text: 'c' },
        { kind: 'retract' },
      ]),
    ).toEqual([
      { kind: 'stream', name: 'stdout', text: 'ab' },
      { kind: 'display', data: { 'text/plain': 'two' }, result: false },
    ]);
  });

  it('are bounded, and say so', () => {
    const outputs = Array.from(
      { length: 80 },
      () => ({ kind: 'stream', name: 'stdout', text: 'x'.repeat(32_768) }) as const,
    );
    const kept = storedOutputs(outputs);
    expect(kept).toHaveLength(2);
    expect(kept[1]).toMatchObject({ name: 'stderr' });
  });
});
