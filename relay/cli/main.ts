#!/usr/bin/env node
/** `sage-embed`: the command line. */
import { parseArgs } from 'node:util';
import { ConfigError } from '../config/index.js';
import { EXIT, StartError } from '../errors.js';
import type { Command } from './command.js';
import { COMMANDS } from './commands.js';
import { commandHelp, generalHelp, nearestCommand } from './help.js';
import { packageVersion } from './package.js';

/** Exit code of a program whose reader has gone, as the shell tells it: 128 and the number of SIGPIPE. */
const NOBODY_READS = 141;

async function main([name, ...rest]: readonly string[]): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    const about = rest[0];
    if (about !== undefined) return withCommand(about, (command) => print(commandHelp(about, command)));
    print(generalHelp());
    return name === undefined ? EXIT.USAGE : 0;
  }
  if (name === '--version' || name === 'version') return print(packageVersion());
  return withCommand(name, async (command) => {
    const line = parse(name, command, rest);
    return line === undefined ? print(commandHelp(name, command)) : command.run(line);
  });
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function withCommand<R>(name: string, act: (command: Command) => R): R {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const meant = nearestCommand(name);
    const hint = meant === undefined ? 'See sage-embed help.' : `Did you mean ${meant}?`;
    throw new StartError(`There is no command ${name}. ${hint}`, EXIT.USAGE);
  }
  return act(command);
}

/** @returns undefined when help is asked for */
function parse(name: string, command: Command, args: string[]): Parameters<Command['run']>[0] | undefined {
  let parsed;
  try {
    parsed = parseArgs({
      args,
      options: { ...command.options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
  } catch (error) {
    const [sentence = ''] = (error as Error).message.split('. To specify');
    const isCode = command.maxPositionals > 0 && /^Unknown option '-[^-]/.test(sentence);
    const hint = isCode ? ' Code that begins with - goes behind --.' : '';
    throw new StartError(`${sentence}.${hint} See sage-embed help ${name}.`.replace('..', '.'), EXIT.USAGE);
  }
  const { values, positionals } = parsed;
  if (values['help'] === true) return undefined;
  if (positionals.length > command.maxPositionals) {
    const extra = positionals[command.maxPositionals] ?? '';
    throw new StartError(
      `${name} does not take ${JSON.stringify(extra)}. See sage-embed help ${name}.`,
      EXIT.USAGE,
    );
  }
  return { values, positionals };
}

// `sage-embed … | head` has read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(NOBODY_READS);
  process.stderr.write(`sage-embed: standard output can't be written: ${error.message}\n`);
  process.exit(EXIT.OUTPUT);
});

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (error instanceof StartError) {
      process.stderr.write(`sage-embed: ${error.message}\n`);
      process.exitCode = error.exitCode;
    } else if (error instanceof ConfigError) {
      process.stderr.write(`The settings can't be used:\n${error.message}\n`);
      process.exitCode = EXIT.CONFIG;
    } else {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exitCode = EXIT.SOFTWARE;
    }
  },
);
