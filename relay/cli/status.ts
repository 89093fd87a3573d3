/** `sage-embed status`: what a relay says of itself. */
import { EXIT, StartError } from '../errors.js';
import type { Command } from './command.js';
import { SERVER_OPTIONS, serverOf } from './server.js';

/** Longest wait for the answer, milliseconds. */
const ANSWER_MS = 10_000;

interface Status {
  readonly relay: {
    readonly version: string;
    readonly uptimeSeconds: number;
    readonly draining: boolean;
    readonly connections: number;
    readonly executions: number;
    readonly sessions: number;
  };
  readonly bridges: readonly {
    readonly id: string;
    readonly ready: boolean;
    readonly sessions: number;
    readonly sage?: string;
    readonly parked?: number;
    readonly maxSessions?: number;
  }[];
}

export const status: Command = {
  summary: 'tell whether a relay is up, and what it does',
  usage: '[OPTIONS]',
  options: { ...SERVER_OPTIONS, json: { type: 'boolean', help: 'print all of it as JSON' } },
  maxPositionals: 0,
  run: async (line) => {
    const server = serverOf(line);
    const url = new URL('/status', server);
    url.protocol = { 'ws:': 'http:', 'wss:': 'https:' }[server.protocol] ?? server.protocol;
    if (!url.protocol.startsWith('http')) {
      throw new StartError(
        'The status is told over HTTP: name the relay as http:// or https://.',
        EXIT.USAGE,
      );
    }
    const told = await ask(url);
    process.stdout.write(
      line.values['json'] === true ? `${JSON.stringify(told, null, 2)}\n` : summary(told, url),
    );
    return told.bridges.some(({ ready }) => ready) && !told.relay.draining ? 0 : EXIT.UNAVAILABLE;
  },
};

async function ask(url: URL): Promise<Status> {
  try {
    const answer = await fetch(url, {
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return (await answer.json()) as Status;
  } catch (error) {
    const { cause, message } = error as Error;
    const reason = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : message;
    throw new StartError(`${url.origin} can't be reached: ${reason ?? message}`, EXIT.UNAVAILABLE);
  }
}

function summary({ relay, bridges }: Status, url: URL): string {
  const lines = [
    `relay ${relay.version} at ${url.origin}: up ${duration(relay.uptimeSeconds)}${relay.draining ? ', shutting down' : ''}`,
    `  ${count(relay.connections, 'connection')}, ${count(relay.sessions, 'session')}, ${count(relay.executions, 'execution')} running`,
    ...bridges.map(({ id, ready, sessions, sage, parked, maxSessions }) =>
      ready
        ? `  bridge ${id}: Sage ${sage ?? '?'}, ${String(sessions)} of ${String(maxSessions ?? '?')} sessions, ${String(parked ?? '?')} workers parked`
        : `  bridge ${id}: can't be reached`,
    ),
    ...(bridges.length === 0 ? ['  no bridge: nothing can be computed'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

const count = (number: number, noun: string): string => `${String(number)} ${noun}${number === 1 ? '' : 's'}`;

function duration(seconds: number): string {
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return `${String(days)} d ${String(hours)} h`;
  return hours > 0
    ? `${String(hours)} h ${String(minutes)} min`
    : minutes > 0
      ? `${String(minutes)} min`
      : `${String(seconds)} s`;
}
