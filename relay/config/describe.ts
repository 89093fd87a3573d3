/** The settings for people: what holds and why, and the tables of README. */
import type { Loaded } from './config.js';
import { variableOf, type Setting, type Written } from './setting.js';
import { SETTINGS, TOPICS, type SettingName } from './settings/index.js';

/** One setting as it holds. */
export interface EffectiveSetting {
  /** In the configuration file. */
  readonly name: SettingName;
  /** In the environment. */
  readonly variable: string;
  /** As a file would hold it; `'(hidden)'` for a secret; undefined if it isn't set and has no default. */
  readonly value: unknown;
  readonly source: 'default' | 'file' | 'environment';
  /** What it means. */
  readonly doc: string;
  /** Takes effect on `SIGHUP`. */
  readonly isLive: boolean;
}

/** Every setting in README's order. Secrets are hidden. */
export function describeConfig({ given }: Loaded): readonly EffectiveSetting[] {
  return Object.values(TOPICS)
    .flatMap((topic) => Object.keys(topic) as SettingName[])
    .map((name) => {
      const { doc, isSecret, isLive, fallback } = SETTINGS[name];
      const found = given.get(name);
      const value = found === undefined ? fallback : found.value;
      return {
        name,
        variable: variableOf(name),
        value: isSecret && value !== undefined ? '(hidden)' : value,
        source: found?.source ?? 'default',
        doc,
        isLive,
      };
    });
}

/** README's tables: one for each topic. */
export function settingsTables(): string {
  return Object.entries(TOPICS)
    .map(([heading, topic]) => `**${heading}**\n\n${table(topic)}`)
    .join('\n\n');
}

function table(topic: Readonly<Record<string, Setting<unknown>>>): string {
  const rows = Object.entries(topic).map(([name, { doc, fallback, fallbackDoc }]) => [
    `\`${variableOf(name)}\``,
    doc,
    fallbackDoc ?? (fallback === undefined ? '' : `\`${written(fallback)}\``),
  ]);
  const all = [['setting', 'meaning', 'default'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(3, ...all.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[], fill = ' '): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width, fill)).join(' | ')} |`;
  const [head = [], ...body] = all.map((row) => line(row));
  return [head, line([], '-'), ...body].join('\n');
}

const written = (value: Written): string => (Array.isArray(value) ? value.join() : String(value));
