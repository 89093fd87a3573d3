/** The relay's log: JSON lines on standard error. Code, output and tokens are never logged, only ids and sizes. */
import { pino, destination, type DestinationStream, type Logger } from 'pino';

export type Log = Logger;
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Fields that hold secrets or readers' words: should one ever be logged by mistake, nobody reads it. */
const HIDDEN = ['token', 'key', 'secret', 'authorization', 'cookie', 'code', 'text', 'output'];

/**
 * A log that writes to standard error, which stays free of anything else; written at once, so that a crash loses no line.
 * @param stream instead of standard error
 */
export function createLog(
  level: LogLevel,
  stream: DestinationStream = destination({ fd: 2, sync: true }),
): Log {
  const paths = HIDDEN.flatMap((name) => (name === 'code' ? [`*.${name}`] : [name, `*.${name}`]));
  return pino({ level, base: { pid: process.pid }, redact: { paths, censor: '(hidden)' } }, stream);
}
