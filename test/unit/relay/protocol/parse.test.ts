import { describe, expect, test } from 'vitest';
import { parseClientMessage } from '../../../../relay/protocol/index.js';

const refused = (message: object): string => {
  const parsed = parseClientMessage(JSON.stringify(message));
  return parsed.ok ? '' : parsed.problem.message;
};

describe('what is wrong with a message is told as a sentence', () => {
  test.each([
    ['a field is missing', { type: 'execute', code: '1' }, 'execute: execution is missing.'],
    [
      'there is one too many',
      { type: 'execute', execution: 'e', code: '1', colour: 'red' },
      'execute: colour is no field here.',
    ],
    [
      'a text is too long',
      { type: 'execute', execution: 'e', code: 'x'.repeat(70_000) },
      'execute: code has a length of 70000; expected <=65536.',
    ],
    [
      'it holds something else',
      { type: 'execute', execution: 'e', code: 7 },
      'execute: code is 7; expected string.',
    ],
  ])('when %s', (_when, message, sentence) => {
    expect(refused(message)).toBe(sentence);
  });
});
