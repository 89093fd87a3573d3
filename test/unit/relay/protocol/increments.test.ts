import { describe, expect, test } from 'vitest';
import { INTERACT_CHANGE_TYPE, put, type InteractId, type Output } from '../../../../relay/protocol/index.js';

const f = 'f' as InteractId;

const SHORT: Record<string, Output> = {
  shown: { kind: 'display', data: { 'text/plain': 'shown' }, result: false },
  change: { kind: 'display', data: { 'text/plain': '', [INTERACT_CHANGE_TYPE]: '{}' }, result: false },
  asked: { kind: 'prompt', text: 'Name? ', isSecret: false },
  bad: { kind: 'stream', name: 'stderr', text: 'bad' },
};

/** Words; in brackets what is of the interact. What is no name above is text. */
function increments(text: string): { output: Output; frame?: InteractId }[] {
  return text.split(' ').map((word) => {
    const name = word.replace(/[[\]]/g, '');
    const output = SHORT[name] ?? { kind: 'stream', name: 'stdout', text: name };
    return word.startsWith('[') ? { output, frame: f } : { output };
  });
}

describe('what is put out last is taken back', () => {
  test.each([
    ['one thing that was shown', 'a shown shown', 'a shown'],
    ['text back to what was shown before it', 'shown a b c', 'shown'],
    ['text of one stream only', 'a bad bad', 'a'],
    ['a question with the text around it', 'shown a asked b', 'shown'],
    ['what stands before a change of controls', 'shown a change', 'shown change'],
    ['text on both sides of a change of controls', 'shown a change b', 'shown change'],
    ['what is the own of a run behind output of an interact', 'shown a [x] [y]', 'shown [x] [y]'],
  ])('%s', (_, before, after) => {
    const list = increments(before);
    put(list, { output: { kind: 'retract' } });
    expect(list).toEqual(increments(after));
  });

  test.each([
    ['an interact', 'a [x] [shown] b', 'a [x] b'],
    ['an interact that put out text among that of the run', 'shown [shown] [x] a [y]', 'shown [shown] a'],
    ['an interact that put out nothing: nothing', 'a shown', 'a shown'],
  ])('of %s', (_, before, after) => {
    const list = increments(before);
    put(list, { output: { kind: 'retract' }, frame: f });
    expect(list).toEqual(increments(after));
  });

  test('and when all of it was cleared, nothing', () => {
    const list = increments('a [x] shown [x]');
    put(list, { output: { kind: 'clear' }, frame: f });
    put(list, { output: { kind: 'retract' }, frame: f });
    expect(list).toEqual(increments('a shown'));
    put(list, { output: { kind: 'clear' } });
    put(list, { output: { kind: 'retract' } });
    expect(list).toEqual([]);
  });

  test('and of nothing, nothing', () => {
    const list: { output: Output }[] = [];
    put(list, { output: { kind: 'retract' } });
    expect(list).toEqual([]);
  });
});
