/** What one account may hold at a time and do in a minute. */
import * as v from 'valibot';

/** Every figure may be absent: then nothing limits it. */
export interface Limits {
  /** Connections open. */
  readonly connections?: number;
  /** Sessions alive, those whose client may still come back included. */
  readonly sessions?: number;
  /** New sessions in a minute; a minute's worth may come at once. */
  readonly sessionsPerMinute?: number;
  /** Executions in a minute; a minute's worth may come at once. */
  readonly executionsPerMinute?: number;
  /** Bytes of messages in a minute, both ways. Nothing is cut: new work waits until the minutes are paid off. */
  readonly bytesPerMinute?: number;
}

/** Largest figure: all arithmetic stays exact. */
const MAX_LIMIT = 1_000_000_000_000;

const figure = v.exactOptional(
  v.pipe(
    v.number(),
    v.integer(),
    v.minValue(0, 'a whole number of 0 or more'),
    v.maxValue(MAX_LIMIT, `at most ${MAX_LIMIT}`),
  ),
);

/** `Limits` as written in settings and tokens. */
export const limitsSchema = v.strictObject({
  connections: figure,
  sessions: figure,
  sessionsPerMinute: figure,
  executionsPerMinute: figure,
  bytesPerMinute: figure,
});

export const NO_LIMITS: Limits = {};

/** Of each figure the smaller one. */
export function lowered(limits: Limits, further: Limits): Limits {
  const lowest: Record<string, number> = { ...limits };
  for (const [name, figure] of Object.entries(further) as [string, number][]) {
    lowest[name] = Math.min(figure, lowest[name] ?? Infinity);
  }
  return lowest;
}
