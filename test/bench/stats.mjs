/** Medians and machine facts. */
import { cpus, freemem, loadavg, totalmem, type, release, arch } from 'node:os';

/** @param {number[]} values @param {number} q 0 to 1 */
export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
}

/** @param {number[]} values */
export const median = (values) => quantile(values, 0.5);

/** What a reader must know of the machine to judge absolute figures. */
export function machineFacts() {
  return {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    freeGB: Math.round(freemem() / 2 ** 30),
    system: `${type()} ${release()} ${arch()}`,
    node: process.version,
    loadAverage: loadavg().map((value) => Number(value.toFixed(2))),
  };
}

/**
 * Times calls one after another, those of several subjects in turn, so that a noisy moment hits all alike.
 * @param {Record<string, () => Promise<unknown>>} subjects
 * @param {number} rounds
 * @param {number} [pauseMs] rest after each call, for subjects that make up for it afterwards (replace a used worker):
 *   it is the answer that is timed, not the clearing away
 * @returns {Promise<Record<string, number[]>>} milliseconds of each call
 */
export async function interleaved(subjects, rounds, pauseMs = 0) {
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, call] of Object.entries(subjects)) {
      const start = performance.now();
      await call();
      times[name]?.push(performance.now() - start);
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
  return times;
}

/**
 * Keeps a number of calls in flight until a time is over.
 * @param {() => Promise<unknown>} call
 * @param {number} inFlight
 * @param {number} durationMs
 * @returns {Promise<number>} calls a second
 */
export async function rate(call, inFlight, durationMs) {
  const end = performance.now() + durationMs;
  let calls = 0;
  const lane = async () => {
    while (performance.now() < end) {
      await call();
      calls += 1;
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: inFlight }, lane));
  return (calls * 1_000) / (performance.now() - start);
}
