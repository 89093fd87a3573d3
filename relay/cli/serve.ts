/** `sage-embed serve`: a relay, with a Sage of its own unless the settings name bridges. */
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../config/root.js';
import { textOf, type Command } from './command.js';

/** Part of the launcher, which runs before anything is compiled and so is no TypeScript. */
interface Launcher {
  /** Runs a relay until it is stopped. @returns its exit code */
  readonly runRelay: (options: { args: readonly string[]; env: NodeJS.ProcessEnv }) => Promise<number>;
}

export const serve: Command = {
  summary: 'run a relay; Sage is found, or installed, unless the settings name bridges',
  usage: '[OPTIONS]      (other settings: environment or file, see README)',
  options: {
    config: { type: 'string', help: 'FILE  configuration file' },
    port: { type: 'string', short: 'p', help: 'NUMBER  port of HTTP and WebSocket (8080)' },
    host: { type: 'string', help: 'ADDRESS  address to listen on (127.0.0.1)' },
    'tcp-port': { type: 'string', help: 'NUMBER  port of the TCP door (no such door)' },
  },
  maxPositionals: 0,
  run: async (line) => {
    const file = textOf(line, 'config');
    const given = {
      PORT: textOf(line, 'port'),
      HOST: textOf(line, 'host'),
      TCP_PORT: textOf(line, 'tcp-port'),
    };
    const env = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const path = pathToFileURL(join(ROOT, 'relay', 'launch', 'relay.mjs')).href;
    const { runRelay } = (await import(path)) as Launcher;
    return runRelay({ args: file === undefined ? [] : ['--config', resolve(file)], env });
  },
};
