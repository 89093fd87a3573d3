/** Private memory of processes, as the kernel counts it. Linux only. */
import { readFileSync, readdirSync } from 'node:fs';

/**
 * `ussMB`: memory that no other process shares, megabytes.
 * @typedef {{ pid: number, parent: number, command: string, ussMB: number }} Process
 */

/** Every process below `pid`, with its parent. @param {number} pid @returns {Process[]} */
export function processesBelow(pid) {
  /** @type {Process[]} */
  const all = [];
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const rollup = readFileSync(`/proc/${name}/smaps_rollup`, 'utf8');
      const kB = [...rollup.matchAll(/^Private_(?:Clean|Dirty|Hugetlb):\s+(\d+)/gm)];
      all.push({
        pid: Number(name),
        parent,
        command,
        ussMB: kB.reduce((sum, [, n]) => sum + Number(n), 0) / 1_024,
      });
    } catch {
      // A process that ended while it was looked at.
    }
  }
  const below = new Set([pid]);
  for (let grown = true; grown;) {
    grown = false;
    for (const each of all) {
      if (below.has(each.parent) && !below.has(each.pid)) {
        below.add(each.pid);
        grown = true;
      }
    }
  }
  return all.filter((each) => below.has(each.pid) && each.pid !== pid);
}

/**
 * The workers below a bridge, or below the relay that started it, those in use included: copies of the zygote, with
 * its command line and memory of their own.
 * @param {number} pid
 */
export function parkedWorkers(pid) {
  const below = processesBelow(pid);
  /** @param {{ pid: number, command: string }} parent */
  const copies = (parent) =>
    below.filter((one) => one.parent === parent.pid && one.command === parent.command);
  // The keepers above the zygote have its command line too, and one child each.
  const zygote = below.find((one) => {
    const children = copies(one);
    return children.length > 0 && children.every((child) => copies(child).length === 0);
  });
  return zygote ? copies(zygote) : [];
}
