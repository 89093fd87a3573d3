/** `sage-embed bench`: how fast a relay answers from here. */
import { EXIT, StartError } from '../errors.js';
import type { Computation, Sage, SageSession } from '../../components/client/index.js';
import { textOf, type Command } from './command.js';
import { addressOf, connectTo, SERVER_OPTIONS } from './server.js';

/** Computations of each kind. */
const ROUNDS = 30;
const MAX_ROUNDS = 10_000;

/** Executions sent at once to measure a rate. */
const PIPELINED = 200;

interface Figure {
  readonly what: string;
  readonly unit: 'ms' | '/s';
  readonly median: number;
  readonly p95?: number;
}

export const bench: Command = {
  summary: 'measure how fast a relay answers from here',
  usage: '[OPTIONS]      (from a checkout, npm run bench compares with floors too)',
  options: {
    ...SERVER_OPTIONS,
    rounds: { type: 'string', short: 'n', help: `NUMBER  computations of each kind (${String(ROUNDS)})` },
    json: { type: 'boolean', help: 'print the figures as JSON' },
  },
  maxPositionals: 0,
  run: async (line) => {
    const rounds = Number(textOf(line, 'rounds') ?? ROUNDS);
    if (!Number.isInteger(rounds) || rounds < 1 || rounds > MAX_ROUNDS) {
      throw new StartError(`--rounds must be a whole number from 1 to ${MAX_ROUNDS}.`, EXIT.USAGE);
    }
    const figures = await measure(() => connectTo(line), rounds, addressOf(line));
    if (line.values['json'] === true) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
    else for (const figure of figures) process.stdout.write(`${written(figure)}\n`);
    return 0;
  },
};

async function measure(open: () => Sage, rounds: number, server: string): Promise<Figure[]> {
  const sage = open();
  try {
    const session = sage.session();
    const print = (where: Sage | SageSession, cache: 'use' | 'bypass' = 'bypass'): Promise<void> =>
      ended(where.execute('print(2+2)', { cache }), server);
    // The first of each brings up what is brought up once.
    await print(session);
    await print(sage);
    const connecting = await timed(rounds, async () => {
      const other = open();
      await print(other).finally(() => {
        other.close();
      });
    });
    const fresh = await timed(rounds, () => print(sage));
    const kept = await timed(rounds, () => print(sage, 'use'));
    const again = await timed(rounds, () => print(session));
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: PIPELINED }, () => print(session)));
    const rate = (PIPELINED * 1_000) / (performance.now() - startedAt);
    return [
      { what: 'connect to first result', unit: 'ms', ...connecting },
      { what: 'print(2+2) in a fresh process', unit: 'ms', ...fresh },
      { what: 'the same, from what is kept', unit: 'ms', ...kept },
      { what: 'print(2+2) in a session', unit: 'ms', ...again },
      { what: 'prints in one session, sent at once', unit: '/s', median: rate },
    ];
  } finally {
    sage.close();
  }
}

/** @throws StartError if it did not end well: then there is nothing to measure */
async function ended(computation: Computation, server: string): Promise<void> {
  const { status, message } = await computation.done;
  if (status !== 'ok') throw new StartError(`${server}: ${message ?? status}`, EXIT.UNAVAILABLE);
}

async function timed(rounds: number, act: () => Promise<void>): Promise<{ median: number; p95: number }> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    await act();
    times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? NaN;
  return { median: at(0.5), p95: at(0.95) };
}

function written({ what, unit, median, p95 }: Figure): string {
  const number = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`;
  return `${what.padEnd(38)} ${number(median).padStart(10)}${p95 === undefined ? '' : `   p95 ${number(p95)}`}`;
}
