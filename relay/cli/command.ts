/** What a command of `sage-embed` is. */
import type { ParseArgsConfig } from 'node:util';

/** Options by name, as `parseArgs` of Node takes them, each with a word on what it does. */
export type Options = Readonly<
  Record<
    string,
    NonNullable<ParseArgsConfig['options']>[string] & {
      /** What it does; for one with a value after a word for that: `URL  address of the relay`. */
      readonly help: string;
    }
  >
>;

/** A command line, understood. */
export interface Line {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
}

/** One command. To add one: a file that exports it, and a line in commands.ts. */
export interface Command {
  /** What it does, in a few words. */
  readonly summary: string;
  /** What follows its name: `'CODE' | -`. */
  readonly usage: string;
  readonly options: Options;
  /** Most words that are no options. */
  readonly maxPositionals: number;
  /** @returns the exit code @throws StartError with the exit code and a sentence for who typed it */
  readonly run: (line: Line) => Promise<number>;
}

/** Text of an option, undefined if it was not given. */
export function textOf({ values }: Line, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}
