/**
 * Every setting there is, by topic. A setting is declared in its topic's file and nowhere else: its name in the
 * configuration file is the key, its environment variable follows from it, README's tables are made from it.
 */
import type { Setting } from '../setting.js';
import { admission } from './admission.js';
import { bridges } from './bridges.js';
import { listening } from './listening.js';
import { observing } from './observing.js';
import { sessions } from './sessions.js';
import { stores } from './stores.js';
import { tcp } from './tcp.js';

/** Topics in README's order, with their headings. */
export const TOPICS = {
  'Where it listens': listening,
  'A door for programs': tcp,
  'Where Sage runs': bridges,
  Sessions: sessions,
  'What is kept': stores,
  'Who is let in': admission,
  'What it tells': observing,
} as const;

export const SETTINGS = {
  ...listening,
  ...tcp,
  ...bridges,
  ...sessions,
  ...stores,
  ...admission,
  ...observing,
};

export type SettingName = keyof typeof SETTINGS;

/** What each setting holds. */
export type Values = {
  readonly [N in SettingName]: (typeof SETTINGS)[N] extends Setting<infer T, infer F>
    ? F extends undefined
      ? T | undefined
      : T
    : never;
};
