/** Where settings come from: the defaults, a file over them, the environment over both. Here nothing is understood yet. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CLIENT_VARIABLES, SECRET_CLIENT_VARIABLES } from './client.js';
import { nearest } from './nearest.js';
import type { ConfigProblem } from './problem.js';
import { variableOf } from './setting.js';
import { SETTINGS, type SettingName } from './settings/index.js';

/** Names the configuration file, unless the command line does. */
export const FILE_VARIABLE = 'SAGE_EMBED_CONFIG';

/** Any setting's variable may be written with it, where the plain name belongs to another program. */
const PREFIX = 'SAGE_EMBED_';

/** Longest file read, bytes: a list of ten thousand embed keys fits. */
const MAX_FILE_BYTES = 16_777_216;

/** A value as it was found. */
export interface Given {
  readonly value: unknown;
  readonly source: 'file' | 'environment';
  /** Its name as written. */
  readonly written: string;
  readonly file?: string;
  /** Where relative paths begin. */
  readonly folder: string;
}

/** What was found, and what was wrong already. */
export interface Gathered {
  readonly given: ReadonlyMap<SettingName, Given>;
  readonly problems: readonly ConfigProblem[];
}

export const NAMES = Object.keys(SETTINGS) as SettingName[];

const isName = (name: string): name is SettingName => Object.hasOwn(SETTINGS, name);

/** Every variable that can hold a setting, the stronger of two names last. */
const VARIABLES: ReadonlyMap<string, SettingName> = new Map(
  NAMES.flatMap((name) => [
    [variableOf(name), name],
    [PREFIX + variableOf(name), name],
  ]),
);

/** Variables that hold secrets of the relay or of its clients: no child process may inherit them. */
export const SECRET_VARIABLES: ReadonlySet<string> = new Set([
  ...[...VARIABLES].filter(([, name]) => SETTINGS[name].isSecret).map(([variable]) => variable),
  ...SECRET_CLIENT_VARIABLES,
]);

const isKnown = (variable: string): boolean =>
  VARIABLES.has(variable) || CLIENT_VARIABLES.has(variable) || variable === FILE_VARIABLE;

const unknown = (setting: string, known: readonly string[], file?: string): ConfigProblem => {
  const meant = nearest(setting, known);
  return {
    setting,
    value: undefined,
    allowed: meant === undefined ? '' : `; ${meant} is the nearest there is`,
    file,
    isUnknown: true,
  };
};

/** Reads the file that `path` or else the environment names, if any does, and the environment. */
export function gather(env: NodeJS.ProcessEnv, path: string | undefined): Gathered {
  const problems: ConfigProblem[] = [];
  const given = new Map<SettingName, Given>();
  const file = path ?? (env[FILE_VARIABLE] === '' ? undefined : env[FILE_VARIABLE]);
  if (file !== undefined) gatherFile(resolve(file), given, problems);
  for (const [variable, name] of VARIABLES) {
    const written = env[variable];
    if (written === undefined || written === '') continue;
    const value = SETTINGS[name].kind.fromText(written);
    given.set(name, { value, source: 'environment', written: variable, folder: process.cwd() });
  }
  for (const variable of Object.keys(env)) {
    if (variable.startsWith(PREFIX) && !isKnown(variable)) {
      const plain = [FILE_VARIABLE, ...NAMES.map((name) => PREFIX + variableOf(name))];
      problems.push(unknown(variable, plain));
    }
  }
  return { given, problems };
}

function gatherFile(file: string, given: Map<SettingName, Given>, problems: ConfigProblem[]): void {
  const held = readObject(file);
  if (typeof held === 'string') {
    problems.push({
      setting: FILE_VARIABLE,
      value: JSON.stringify(file),
      allowed: `a file that holds a JSON object; ${held}`,
    });
    return;
  }
  for (const [name, value] of Object.entries(held)) {
    if (isName(name)) given.set(name, { value, source: 'file', written: name, file, folder: dirname(file) });
    // Editors use it.
    else if (name !== '$schema') problems.push(unknown(name, NAMES, file));
  }
}

/** @returns the object that the file holds, or why there is none */
function readObject(file: string): object | string {
  try {
    const { size } = statSync(file);
    if (size > MAX_FILE_BYTES) return `this one has ${size} bytes, allowed are ${MAX_FILE_BYTES}`;
    const held: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof held === 'object' && held !== null && !Array.isArray(held)) return held;
    return 'this one holds another value';
  } catch (error) {
    if (!(error instanceof SyntaxError)) return (error as Error).message;
    // The rest of the sentence quotes the text, and secrets with it.
    const place = /at position \d+(?: \(line \d+ column \d+\))?/.exec(error.message)?.[0] ?? 'at its end';
    return `this one is not JSON ${place}`;
  }
}
