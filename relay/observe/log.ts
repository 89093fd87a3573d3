/** The relay's log: JSON lines on standard error. Code, output and tokens are never logged, only ids and sizes. */
import { pino, destination, type Logger } from 'pino';

export type Log = Logger;
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A log that writes to standard error, which stays free of anything else; written at once, so that a crash loses no line. */
export function createLog(level: LogLevel): Log {
  return pino({ level, base: { pid: process.pid } }, destination({ fd: 2, sync: true }));
}
