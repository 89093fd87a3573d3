/** What a benchmark found: figures, each beside its floor where there is one. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { say } from '../../relay/launch/step.mjs';
import { median, quantile } from './stats.mjs';

/**
 * `ratio` is ours to the floor's; `goal` says in words which ratio, or where there is no floor which figure, is
 * wanted, and is empty where nothing is.
 * @typedef {{ part: string, what: string, ours: number, unit: string, floor?: number, floorIs?: string, ratio?: number, goal: string }} Figure
 */

/** Collects the figures of one run. */
export class Figures {
  /** @type {Figure[]} */
  #all = [];
  #part = '';

  /** From here on figures belong to that part. @param {string} part */
  begin(part) {
    this.#part = part;
  }

  /** A figure by itself. @param {string} what @param {number} ours @param {string} unit @param {string} [goal] */
  add(what, ours, unit, goal = '') {
    say(`  measured: ${what}`);
    this.#all.push({ part: this.#part, what, ours, unit, goal });
  }

  /**
   * A figure and its floor.
   * @param {string} what
   * @param {number} ours
   * @param {number} floor of the same unit, from the same run
   * @param {string} floorIs what the floor does, in a few words
   * @param {string} unit
   * @param {string} goal of the ratio
   */
  beside(what, ours, floor, floorIs, unit, goal) {
    say(`  measured: ${what}`);
    this.#all.push({ part: this.#part, what, ours, unit, floor, floorIs, ratio: ours / floor, goal });
  }

  /**
   * The median of times and that of their floor, and the 95th percentile.
   * @param {string} what
   * @param {string} goal of the medians' ratio
   * @param {string} floorIs
   * @param {Record<string, number[]>} times of `ours` and of `floor`, milliseconds, as `interleaved` makes them
   */
  compare(what, goal, floorIs, { ours = [], floor = [] }) {
    this.beside(what, median(ours), median(floor), floorIs, 'ms', goal);
    this.#all.push({
      part: this.#part,
      what: `${what}, p95`,
      ours: quantile(ours, 0.95),
      unit: 'ms',
      goal: '',
    });
  }

  /** Prints a table. @param {object} facts of the machine */
  print(facts) {
    console.log(JSON.stringify(facts));
    let part = '';
    for (const { part: of, what, ours, unit, floor, ratio, goal } of this.#all) {
      if (of !== part) console.log((part = of));
      const number = `${ours.toFixed(ours < 10 ? 2 : 1)} ${unit}`;
      console.log(
        [
          `  ${what}`.padEnd(60),
          number.padStart(12),
          (floor === undefined ? '' : `floor ${floor.toFixed(2)}`).padStart(14),
          (ratio === undefined ? '' : `× ${ratio.toFixed(2)}`).padStart(8),
          goal && `  goal ${goal}`,
        ].join(' '),
      );
    }
  }

  /** Writes figures and facts as JSON. @param {string} file @param {object} facts */
  write(file, facts) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ facts, figures: this.#all }, null, 2));
  }
}
