/** What `sage-embed help` says. */
import { nearest } from '../config/nearest.js';
import type { Command } from './command.js';
import { COMMANDS } from './commands.js';

export function generalHelp(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  return [
    'sage-embed: live SageMath for web pages and programs',
    '',
    'Usage: sage-embed COMMAND [OPTIONS]',
    '',
    ...Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'sage-embed help COMMAND tells more of one; sage-embed --version tells the version.',
  ].join('\n');
}

export function commandHelp(name: string, { summary, usage, options }: Command): string {
  const rows = Object.entries(options).map(([option, { help, short, type }]) => {
    const [, word, meaning] = (type === 'string' ? /^(\S+) {2}(.*)$/.exec(help) : null) ?? [];
    const names = `${short === undefined ? '' : `-${short}, `}--${option}${word === undefined ? '' : ` ${word}`}`;
    return [names, meaning ?? help] as const;
  });
  const width = Math.max(0, ...rows.map(([names]) => names.length));
  return [
    `Usage: sage-embed ${name} ${usage}`.trimEnd(),
    '',
    summary,
    ...(rows.length > 0
      ? ['', ...rows.map(([names, meaning]) => `  ${names.padEnd(width)}  ${meaning}`)]
      : []),
  ].join('\n');
}

/** The command that a mistyped one was meant to be. */
export const nearestCommand = (name: string): string | undefined => nearest(name, Object.keys(COMMANDS));
