import { describe, expect, it } from 'vitest';
import type { DoneStatus } from '../../../../relay/protocol/index.js';
import { ExecutionQueue } from '../../../../components/worksheet/execution-queue.js';
import {
  bindings,
  KeyReader,
  nameOf,
  SEQUENCE_MS,
  type KeyPress,
} from '../../../../components/worksheet/keys.js';
import { Selection } from '../../../../components/worksheet/selection.js';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
});

describe('the execution queue', () => {
  const begin = () => {
    const ran: string[] = [];
    const ends: ((status: DoneStatus) => void)[] = [];
    const queue = new ExecutionQueue(
      (id) => {
        ran.push(id);
        return new Promise((resolve) => ends.push(resolve));
      },
      () => undefined,
    );
    const end = async (status: DoneStatus = 'ok'): Promise<void> => {
      ends.shift()?.(status);
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { queue, ran, end };
  };

  it('runs one at a time, each once, in order', async () => {
    const { queue, ran, end } = begin();
    queue.add(['a', 'b', 'b', 'c']);
    queue.add(['c', 'b']);
    expect([queue.running, queue.waiting]).toEqual(['a', ['b', 'c']]);
    await end();
    await end();
    await end();
    expect([ran, queue.running, queue.waiting]).toEqual([['a', 'b', 'c'], undefined, []]);
  });

  it('lets a cell that runs be asked for again', async () => {
    const { queue, ran, end } = begin();
    queue.add(['a']);
    queue.add(['a']);
    await end();
    await end();
    expect(ran).toEqual(['a', 'a']);
  });

  it.each(['error', 'interrupted', 'lost'] as const)('begins nothing more after %s', async (status) => {
    const { queue, ran, end } = begin();
    queue.add(['a', 'b']);
    await end(status);
    expect([ran, queue.waiting, queue.running]).toEqual([['a'], [], undefined]);
    queue.add(['b']);
    expect(queue.running).toBe('b');
  });

  it('forgets what waits when it is cleared, and a cell that is removed', async () => {
    const { queue, ran, end } = begin();
    queue.add(['a', 'b', 'c', 'd']);
    queue.remove('b');
    await end();
    queue.clear();
    await end();
    expect(ran).toEqual(['a', 'c']);
  });
});

describe('the keys', () => {
  it('are each bound once in each place', () => {
    for (const keymap of ['notebook', 'salvus'] as const) {
      const keys = bindings(keymap).map(({ keys: name }) => name);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  it('do in an editor only what works everywhere', () => {
    const reader = new KeyReader('notebook');
    expect(reader.read(press('a'), true)).toBeUndefined();
    expect(reader.read(press('a'), false)).toBe('insert-above');
    expect(reader.read(press('Enter', { shiftKey: true }), true)).toBe('run-and-next');
    expect(reader.read(press('z', { ctrlKey: true }), true)).toBeUndefined();
    expect(reader.read(press('z', { ctrlKey: true }), false)).toBe('undo');
  });

  it('mean with Ctrl-Enter what their keymap says', () => {
    const ctrlEnter = press('Enter', { ctrlKey: true });
    expect(new KeyReader('notebook').read(ctrlEnter, true)).toBe('run');
    expect(new KeyReader('salvus').read(ctrlEnter, true)).toBe('run-and-insert');
    expect(new KeyReader('notebook').read(press('Enter', { metaKey: true }), true)).toBe('run');
  });

  it('take two after one another in time, and nothing between', () => {
    let now = 0;
    const reader = new KeyReader('notebook', () => now);
    expect(reader.read(press('d'), false)).toBeUndefined();
    expect(reader.read(press('d'), false)).toBe('delete');
    reader.read(press('d'), false);
    now += SEQUENCE_MS + 1;
    expect(reader.read(press('d'), false)).toBeUndefined();
    expect(reader.read(press('d'), false)).toBe('delete');
    reader.read(press('i'), false);
    reader.read(press('d'), false);
    expect(reader.read(press('i'), false)).toBeUndefined();
  });

  it('are named the same on every keyboard', () => {
    expect(nameOf(press('M', { shiftKey: true }))).toBe('Shift+M');
    expect(nameOf(press('m'))).toBe('m');
    expect(nameOf(press('_', { shiftKey: true, ctrlKey: true }))).toBe('Mod+Shift+-');
    expect(nameOf(press(';', { ctrlKey: true }))).toBe('Mod+;');
    expect(nameOf(press('?', { shiftKey: true }))).toBe('?');
  });
});

describe('the selection', () => {
  const order = ['a', 'b', 'c', 'd'];

  it('extends from where it began, in both directions', () => {
    const selection = new Selection();
    selection.choose('b');
    selection.extendTo('d', order);
    expect([...selection.chosen]).toEqual(['b', 'c', 'd']);
    selection.extendTo('a', order);
    expect([[...selection.chosen], selection.active]).toEqual([['a', 'b'], 'a']);
  });

  it('adds and takes out, but never the last one', () => {
    const selection = new Selection();
    selection.choose('a');
    selection.toggle('c');
    selection.toggle('a');
    selection.toggle('c');
    expect([[...selection.chosen], selection.active]).toEqual([['c'], 'c']);
  });

  it('goes to a neighbour when its cell is deleted', () => {
    const selection = new Selection();
    selection.choose('b');
    selection.reconcile(['a', 'c', 'd'], order);
    expect([selection.active, [...selection.chosen]]).toEqual(['c', ['c']]);
    selection.choose('d');
    selection.reconcile(['a', 'c'], ['a', 'c', 'd']);
    expect(selection.active).toBe('c');
    selection.reconcile([], ['a', 'c']);
    expect([selection.active, selection.chosen.size]).toEqual([undefined, 0]);
  });
});
