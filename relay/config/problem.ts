/** What is wrong with the settings, told to the operator all at once. */

/** One setting that can't be used. */
export interface ConfigProblem {
  /** As it was written: a variable's name, or a name in the file. */
  readonly setting: string;
  /** What it holds, secrets hidden; undefined when it is missing. */
  readonly value: string | undefined;
  /** What is allowed, to be read after "must be"; for an unknown setting the whole sentence about it. */
  readonly allowed: string;
  /** The file it stands in; undefined for the environment. */
  readonly file?: string | undefined;
  /** There is no such setting. */
  readonly isUnknown?: boolean;
}

function sentence({ setting, value, allowed, file, isUnknown }: ConfigProblem): string {
  const where = file === undefined ? setting : `${setting} in ${file}`;
  if (isUnknown === true) return `${where} is no setting${allowed}.`;
  return value === undefined
    ? `${where} is not set; it must be ${allowed}.`
    : `${where} is ${value}; it must be ${allowed}.`;
}

/** All that is wrong with the settings. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(sentence).join('\n'));
    this.problems = problems;
  }
}
