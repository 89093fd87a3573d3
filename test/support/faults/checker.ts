/** Judges what clients wrote down: nothing lost, nothing doubled, nothing out of order, every execution ended once. */
import { printed, type Record, type Score } from './player.js';

/** What clients went through. */
export interface Verdict {
  readonly executions: number;
  readonly ok: number;
  /** Ends that said honestly that the system failed, by code. */
  readonly lost: { readonly [code: string]: number };
  /** Everything that must not be, a sentence each. */
  readonly anomalies: readonly string[];
}

const COMPUTED = 'ok';

/** @param records of all players, each player's in the order of asking */
export function judge(records: readonly Record[], score: Score): Verdict {
  const anomalies: string[] = [];
  const lost: { [code: string]: number } = {};
  /** Executions that ran in each session. */
  const counts = new Map<string, number>();
  let ok = 0;
  for (const { player, life, text, ends } of records) {
    const where = life === undefined ? `${player} without a session` : `${player} in session ${String(life)}`;
    const [end, ...more] = ends;
    if (end === undefined) {
      anomalies.push(`${where}: an execution never ended`);
      continue;
    }
    if (more.length > 0) anomalies.push(`${where}: an execution ended ${String(ends.length)} times`);
    const before = counts.get(where) ?? 0;
    const k = life === undefined ? 1 : before + 1;
    const expected = printed(player, k, score);
    if (end.status === COMPUTED) {
      ok += 1;
      counts.set(where, k);
      if (text !== expected) anomalies.push(`${where}: expected ${brief(expected)}, got ${brief(text)}`);
    } else if (end.status === 'lost') {
      const code = end.error?.code ?? 'none';
      lost[code] = (lost[code] ?? 0) + 1;
      if (!expected.startsWith(text))
        anomalies.push(`${where}: lost after ${brief(text)}, no part of ${brief(expected)}`);
    } else anomalies.push(`${where}: ended as ${end.status}: ${end.message ?? ''}`);
  }
  return { executions: records.length, ok, lost, anomalies };
}

const brief = (text: string): string => {
  const shown = JSON.stringify(text);
  return shown.length > 200 ? `${shown.slice(0, 120)}…${shown.slice(-60)} (${String(text.length)})` : shown;
};
