/** Processes of this machine, as /proc tells. Linux only. */
import { readdirSync, readFileSync } from 'node:fs';

/** One process. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
}

/** All that descend from `pid`, without it. */
export function processesBelow(pid: number): Process[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name): Process[] => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        return [{ pid: Number(name), parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) }];
      } catch {
        // It ended while it was looked at.
        return [];
      }
    });
  const below = new Set([pid]);
  for (let size = 0; size !== below.size;) {
    size = below.size;
    for (const each of all) if (below.has(each.parent)) below.add(each.pid);
  }
  return all.filter((each) => each.pid !== pid && below.has(each.pid));
}
