/** The attributes of a cell as it understands them: the page's defaults filled in, what is unknown refused aloud. */
import { LANGUAGE_NAMES, type LanguageName } from './languages.js';
import { oneOf, pageDefault, resolveServer, warn } from './page-defaults.js';

/** What can be left out of a cell. */
export const PARTS = [
  'editor',
  'output',
  'toolbar',
  'run',
  'stop',
  'status',
  'menu',
  'copy',
  'reset',
  'clear',
  'restart',
  'fullscreen',
] as const;
/** A word of the attribute `hide`. */
export type HiddenPart = (typeof PARTS)[number];

export const EVALUATE_KEYS = ['shift-enter', 'ctrl-enter', 'enter'] as const;
/** Key that runs the code. With `enter`, Shift and Enter makes a new line. */
export type EvaluateKey = (typeof EVALUATE_KEYS)[number];

const EDITORS = ['codemirror', 'textarea'] as const;
const TRUSTS = ['isolated', 'page'] as const;
const CACHES = ['on', 'off'] as const;
const THEMES = ['auto', 'light', 'dark'] as const;

/** Most lines an author can ask a cell to be high. */
const MAX_LINES = 1_000;

/** Longest time limit an author can ask for, seconds; the server's own is shorter. */
const MAX_SECONDS = 86_400;

/** Attributes that `<sage-config>` and `window.sageEmbed` take as well, for all cells of the page. */
export const DEFAULTABLE = [
  'autorun',
  'cache',
  'collapsed',
  'editor',
  'evaluate-key',
  'frame-url',
  'hide',
  'key',
  'language',
  'languages',
  'line-numbers',
  'lines',
  'max-lines',
  'output-trust',
  'persist',
  'readonly',
  'server',
  'session',
  'theme',
  'time-limit',
  'typeset',
] as const;

/** The attributes as they stand on an element; `null` where there is none. */
export interface CellAttributes {
  readonly language: string | null;
  readonly languages: string | null;
  readonly session: string | null;
  readonly server: string | null;
  readonly key: string | null;
  readonly readOnly: boolean;
  readonly autorun: boolean;
  readonly hide: string | null;
  readonly collapsed: boolean;
  readonly lines: string | number | null;
  readonly maxLines: string | number | null;
  readonly lineNumbers: boolean;
  readonly evaluateKey: string | null;
  readonly cache: string | null;
  readonly persist: boolean;
  readonly timeLimit: string | number | null;
  readonly outputTrust: string | null;
  readonly editor: string | null;
  readonly typeset: boolean;
  readonly theme: string | null;
}

/** The attributes with their meaning. */
export interface CellOptions {
  readonly language: LanguageName;
  /** What the reader may choose from; empty where there is no choice. */
  readonly languages: readonly LanguageName[];
  readonly session: string | undefined;
  readonly server: string;
  readonly key: string | undefined;
  readonly isReadonly: boolean;
  readonly isAutorun: boolean;
  readonly hidden: ReadonlySet<HiddenPart>;
  readonly isCollapsed: boolean;
  readonly lines: number | undefined;
  readonly maxLines: number | undefined;
  readonly hasLineNumbers: boolean;
  readonly evaluateKey: EvaluateKey;
  readonly mayCache: boolean;
  readonly isPersistent: boolean;
  readonly timeLimitMs: number | undefined;
  readonly trust: 'isolated' | 'page';
  readonly editor: 'codemirror' | 'textarea';
  readonly isTypeset: boolean;
  readonly theme: 'auto' | 'light' | 'dark';
  readonly frameUrl: string;
}

/** `value` if it is one of `allowed`, else the first of them and a warning on the console that names them. */
function choice<T extends string>(
  attribute: string,
  value: string | null | undefined,
  allowed: readonly [T, ...T[]],
): T {
  return oneOf(attribute, value ?? pageDefault(attribute), allowed);
}

/** The words of a list, each once, those that are not allowed warned of. */
function choices<T extends string>(attribute: string, value: string | null, allowed: readonly T[]): T[] {
  const said = (value ?? pageDefault(attribute) ?? '').toLowerCase().split(/[\s,]+/);
  const found = new Set<T>();
  for (const word of said) {
    const known = allowed.find((candidate) => candidate === word);
    if (known !== undefined) found.add(known);
    else if (word !== '') warn(`${attribute}="${word}" is not known; allowed: ${allowed.join(', ')}.`);
  }
  return [...found];
}

function amount(attribute: string, value: string | number | null, most: number): number | undefined {
  const said = value ?? pageDefault(attribute);
  if (said === undefined || said === '') return undefined;
  const number = Number(said);
  if (number > 0 && number <= most) return number;
  warn(`${attribute}="${said}" is not known; allowed: a number above 0, at most ${most}.`);
  return undefined;
}

function flag(attribute: string, own: boolean, element: Element): boolean {
  if (own || element.hasAttribute(attribute)) return own;
  const said = pageDefault(attribute);
  return said !== undefined && !isNo(said);
}

/** What an author writes to take a default of the page back: `line-numbers="false"`. */
export function isNo(value: string): boolean {
  return /^(?:false|off|no)$/i.test(value);
}

/** The options of one cell at this moment. */
export function readOptions(cell: CellAttributes & Element): CellOptions {
  const session = cell.session ?? pageDefault('session');
  const key = cell.key ?? pageDefault('key');
  const server = resolveServer(cell.server);
  const seconds = amount('time-limit', cell.timeLimit, MAX_SECONDS);
  const lines = amount('lines', cell.lines, MAX_LINES);
  const maxLines = amount('max-lines', cell.maxLines, MAX_LINES);
  return {
    language: choice('language', cell.language, LANGUAGE_NAMES),
    languages: choices('languages', cell.languages, LANGUAGE_NAMES),
    session: session === '' ? undefined : session,
    server,
    key: key === '' ? undefined : key,
    isReadonly: flag('readonly', cell.readOnly, cell),
    isAutorun: flag('autorun', cell.autorun, cell),
    hidden: new Set(choices('hide', cell.hide, PARTS)),
    isCollapsed: flag('collapsed', cell.collapsed, cell),
    lines: lines === undefined ? undefined : Math.ceil(lines),
    maxLines: maxLines === undefined ? undefined : Math.max(Math.ceil(maxLines), Math.ceil(lines ?? 1)),
    hasLineNumbers: flag('line-numbers', cell.lineNumbers, cell),
    evaluateKey: choice('evaluate-key', cell.evaluateKey, EVALUATE_KEYS),
    mayCache: choice('cache', cell.cache, CACHES) === 'on',
    isPersistent: flag('persist', cell.persist, cell),
    timeLimitMs: seconds === undefined ? undefined : seconds * 1_000,
    trust: choice('output-trust', cell.outputTrust, TRUSTS),
    editor: choice('editor', cell.editor, EDITORS),
    theme: choice('theme', cell.theme, THEMES),
    isTypeset: flag('typeset', cell.typeset, cell),
    frameUrl: new URL(pageDefault('frame-url') ?? 'sdk/frame.html', server.replace(/\/*$/, '/')).href,
  };
}
