/** Settings: environment → one frozen `Config`. The only file that reads the environment. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import type { BridgeAddress } from './bridges/bridge-link.js';
import { LOG_LEVELS } from './observe/log.js';

/** The folder of the project's `package.json`, above this file wherever that was compiled to. */
const ROOT = ((): string => {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, 'package.json')) && dirname(dir) !== dir) dir = dirname(dir);
  return dir;
})();

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

const wholeNumber = (min: number, max: number) =>
  v.pipe(
    v.string(),
    v.regex(/^\d+$/, `a whole number from ${min} to ${max}`),
    v.transform(Number),
    v.check((value) => value >= min && value <= max, `a whole number from ${min} to ${max}`),
  );

const commaList = v.pipe(
  v.string(),
  v.transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  ),
);

/** `tcp://host:port` or `unix:///path` → address; undefined if it is neither. */
function bridgeAddress(text: string): BridgeAddress | undefined {
  const unix = /^unix:\/\/(\/.+)$/.exec(text)?.[1];
  if (unix !== undefined) return { kind: 'unix', path: unix };
  const [, bracketed, plain, port] =
    /^tcp:\/\/(?:\[([0-9a-f:.]+)\]|([^/:[\]]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return undefined;
  return { kind: 'tcp', host, port: Number(port) };
}

/** A path, or a JSON array of words. */
function commandLine(text: string): string[] | undefined {
  if (!text.startsWith('[')) return [text];
  try {
    const words: unknown = JSON.parse(text);
    return v.is(v.pipe(v.array(v.pipe(v.string(), v.nonEmpty())), v.nonEmpty()), words) ? words : undefined;
  } catch {
    return undefined;
  }
}

const SANDBOX_MODES = ['require', 'best-effort', 'off'] as const;

const BRIDGE_FORM = 'a comma-separated list of tcp://host:port and unix:///path';
const ORIGIN_FORM =
  '* or a comma-separated list of origins such as https://book.example.org (null for pages opened as files)';

const isOrigin = (text: string): boolean =>
  text === 'null' || (URL.canParse(text) && new URL(text).origin === text);

const settings = v.object({
  /** Port of HTTP and WebSocket; 0 lets the system choose. */
  PORT: v.optional(wholeNumber(0, 65_535), '8080'),
  /** Address to listen on. */
  HOST: v.optional(
    v.pipe(v.string(), v.regex(/^[A-Za-z0-9.:_-]+$/, 'a host name or an IP address')),
    '127.0.0.1',
  ),
  /** Bridges to use; without it the relay starts one of its own. */
  BRIDGES: v.optional(
    v.pipe(
      commaList,
      v.check((items) => items.length > 0 && items.every((item) => bridgeAddress(item)), BRIDGE_FORM),
      v.transform((items) => items.flatMap((item) => bridgeAddress(item) ?? [])),
    ),
  ),
  /** Shared token of the bridges in `BRIDGES`. */
  BRIDGE_TOKEN: v.optional(v.pipe(v.string(), v.minLength(16, 'a secret of at least 16 characters'))),
  /** Sage's Python, for the bridge the relay starts. */
  SAGE_PYTHON: v.optional(
    v.pipe(
      v.string(),
      v.check(
        (text) => commandLine(text) !== undefined,
        'the path of a Python that imports sage, or a JSON array of words',
      ),
      v.transform((text) => commandLine(text) ?? []),
    ),
  ),
  /** Workers that bridge keeps parked. */
  SAGE_POOL: v.optional(wholeNumber(1, 1_000)),
  /** How that bridge shuts its workers in. Default: all layers required where strangers can connect. */
  SAGE_SANDBOX: v.optional(v.picklist(SANDBOX_MODES, `one of ${SANDBOX_MODES.join(', ')}`)),
  /** Secrets that sign session tokens: the first signs, all are accepted. Without it: random, so no token outlives the process. */
  SESSION_KEYS: v.optional(
    v.pipe(
      commaList,
      v.check(
        (keys) => keys.length > 0 && keys.every((key) => key.length >= 32),
        'a comma-separated list of secrets of at least 32 characters each',
      ),
    ),
  ),
  /** Origins whose pages may connect. */
  ALLOWED_ORIGINS: v.optional(
    v.pipe(
      commaList,
      v.check((items) => items.length > 0 && (items.join() === '*' || items.every(isOrigin)), ORIGIN_FORM),
    ),
  ),
  /** The built SDK, served under /sdk/. */
  SDK_DIR: v.optional(v.string(), join(ROOT, 'dist', 'sdk')),
  /** The demo pages, served under / and /demo/. */
  DEMO_DIR: v.optional(v.string(), join(ROOT, 'demo')),
  LOG_LEVEL: v.optional(v.picklist(LOG_LEVELS, `one of ${LOG_LEVELS.join(', ')}`), 'info'),
});

/** How the relay comes to its bridges. */
export type BridgeConfig =
  | { readonly kind: 'remote'; readonly addresses: readonly BridgeAddress[]; readonly token: string }
  | {
      readonly kind: 'local';
      readonly python: readonly string[];
      readonly packageDir: string;
      readonly env: NodeJS.ProcessEnv;
      readonly pool: number | undefined;
      readonly sandbox: (typeof SANDBOX_MODES)[number];
    };

/** Everything that can be set, checked; see README for each setting's meaning. */
export interface Config {
  readonly port: number;
  readonly host: string;
  readonly bridges: BridgeConfig;
  /** The first signs session tokens; each is accepted. */
  readonly sessionKeys: readonly string[];
  readonly allowedOrigins: '*' | 'local' | readonly string[];
  readonly sdkDir: string;
  readonly demoDir: string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Version of this relay. */
  readonly version: string;
}

/** One setting that can't be used. */
export interface ConfigProblem {
  readonly setting: string;
  /** What it holds, secrets hidden; undefined when it is missing. */
  readonly value: string | undefined;
  /** What is allowed, to be read after "must be". */
  readonly allowed: string;
}

/** All that is wrong with the settings. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(
      problems
        .map(({ setting, value, allowed }) =>
          value === undefined
            ? `${setting} is not set; it must be ${allowed}.`
            : `${setting} is ${JSON.stringify(value)}; it must be ${allowed}.`,
        )
        .join('\n'),
    );
    this.problems = problems;
  }
}

const SECRET = new Set(['BRIDGE_TOKEN', 'SESSION_KEYS']);

/** Variables the bridge must not inherit: they are the relay's secrets. */
const withoutSecrets = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !SECRET.has(name)));

/**
 * Reads the settings. An empty variable counts as not set.
 * @throws ConfigError naming every problem at once
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(
    Object.keys(settings.entries)
      .filter((name) => env[name] !== undefined && env[name] !== '')
      .map((name) => [name, env[name]]),
  );
  const shown = (name: string): string | undefined =>
    given[name] === undefined ? undefined : SECRET.has(name) ? '(hidden)' : given[name];
  const problem = (setting: string, allowed: string): ConfigProblem => ({
    setting,
    value: shown(setting),
    allowed,
  });
  const parsed = v.safeParse(settings, given, { abortPipeEarly: true });
  const problems = parsed.success
    ? []
    : parsed.issues.map((issue) => problem(v.getDotPath(issue) ?? '', issue.message));
  const unset = (name: string): boolean => given[name] === undefined;
  if (!unset('BRIDGES') && unset('BRIDGE_TOKEN')) {
    problems.push(problem('BRIDGE_TOKEN', 'the shared token of the bridges that BRIDGES names'));
  }
  if (unset('BRIDGES') && unset('SAGE_PYTHON')) {
    problems.push(
      problem('SAGE_PYTHON', 'a Python that imports sage (or BRIDGES must name running bridges)'),
    );
  }
  const host = given['HOST'] ?? '127.0.0.1';
  if (unset('ALLOWED_ORIGINS') && !isLoopback(host)) {
    problems.push(
      problem('ALLOWED_ORIGINS', `${ORIGIN_FORM}, since HOST ${host} can be reached from outside`),
    );
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const set = parsed.output;
  const origins = set.ALLOWED_ORIGINS;
  return Object.freeze<Config>({
    port: set.PORT,
    host: set.HOST,
    bridges: set.BRIDGES
      ? { kind: 'remote', addresses: set.BRIDGES, token: set.BRIDGE_TOKEN ?? '' }
      : {
          kind: 'local',
          python: set.SAGE_PYTHON ?? [],
          packageDir: join(ROOT, 'sage-bridge'),
          env: withoutSecrets(env),
          pool: set.SAGE_POOL,
          // Strangers are met with every layer or not at all.
          sandbox: set.SAGE_SANDBOX ?? (isLoopback(host) ? 'best-effort' : 'require'),
        },
    sessionKeys: set.SESSION_KEYS ?? [randomBytes(32).toString('base64url')],
    allowedOrigins: origins === undefined ? 'local' : origins[0] === '*' ? '*' : origins,
    sdkDir: resolve(set.SDK_DIR),
    demoDir: resolve(set.DEMO_DIR),
    logLevel: set.LOG_LEVEL,
    version: (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version,
  });
}
