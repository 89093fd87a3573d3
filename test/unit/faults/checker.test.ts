/** The judge of the fault tests must see what it is there for. */
import { describe, expect, test } from 'vitest';
import type { ExecutionResult } from '../../../components/session/execution.js';
import { judge } from '../../support/faults/checker.js';
import { printed, type Record } from '../../support/faults/player.js';

const SCORE = { lines: 3, pauseMs: 1 };
const OK: ExecutionResult = { status: 'ok', wallMs: 1, cpuMs: 1, cached: false, truncated: false };
const LOST: ExecutionResult = { ...OK, status: 'lost', error: { code: 'session-lost' } };

const record = (text: string, ...ends: ExecutionResult[]): Record => ({
  player: 'p',
  life: 0,
  execution: '',
  text,
  outputAt: [],
  ends,
});
const first = printed('p', 1, SCORE);
const second = printed('p', 2, SCORE);
const flaws = (...records: Record[]): number => judge(records, SCORE).anomalies.length;

describe('the judge of the fault tests', () => {
  test('finds nothing wrong with what is right', () => {
    expect(judge([record(first, OK), record(second, OK), record('p 3 0\n', LOST)], SCORE)).toEqual({
      executions: 3,
      ok: 2,
      lost: { 'session-lost': 1 },
      anomalies: [],
    });
  });

  test.each([
    ['an execution that never ended', [record(first)]],
    ['one that ended twice', [record(first, OK, OK)]],
    ['a lost line', [record('p 1 0\np 1 2\n', OK)]],
    ['a line that came twice', [record(`p 1 0\n${first}`, OK)]],
    ['lines out of order', [record('p 1 1\np 1 0\np 1 2\n', OK)]],
    ['an execution that ran twice', [record(first, OK), record(printed('p', 3, SCORE), OK)]],
    ['the output of somebody else', [record(printed('q', 1, SCORE), OK)]],
    ['another end than well or lost', [record(first, { ...OK, status: 'killed' })]],
    ['wrong output before a loss', [record('p 1 1\n', LOST)]],
  ])('finds %s', (_what, records) => {
    expect(flaws(...records)).toBe(1);
  });
});
