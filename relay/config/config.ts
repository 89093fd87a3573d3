/** The relay's configuration: all settings, checked one by one and against each other. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { AdmissionOptions } from '../admission/admission.js';
import { isLoopback } from '../address.js';
import type { BridgeAddress, BridgeTls } from '../bridges/address.js';
import { ConfigError, type ConfigProblem } from './problem.js';
import { ROOT } from './root.js';
import { variableOf, type Setting } from './setting.js';
import type { SANDBOX_MODES } from './settings/bridges.js';
import type { admission } from './settings/admission.js';
import { SETTINGS, type SettingName, type Values } from './settings/index.js';
import { stores } from './settings/stores.js';
import { gather, NAMES, SECRET_VARIABLES, type Given } from './sources.js';

/** How the relay comes to its bridges. */
export type BridgeConfig =
  | {
      readonly kind: 'remote';
      readonly addresses: readonly BridgeAddress[];
      readonly token: string;
      readonly tls: BridgeTls;
    }
  | {
      readonly kind: 'local';
      readonly python: readonly string[];
      readonly packageDir: string;
      readonly env: NodeJS.ProcessEnv;
      readonly pool: number | undefined;
      readonly sandbox: (typeof SANDBOX_MODES)[number];
    };

/** Where the door for programs is and who may come in. */
export interface TcpConfig {
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
  /** PEM files. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
}

/** Settings that mean something only together. */
type Combined =
  | ('bridges' | 'bridgeToken' | 'sagePython' | 'sagePool' | 'sageSandbox')
  | ('tcpPort' | 'tcpHost' | 'tcpToken' | 'tcpTlsCert' | 'tcpTlsKey')
  | keyof typeof admission
  | ('metricsAccess' | 'metricsToken' | 'sessionKeys');

/** Everything that can be set, checked; see README for each setting's meaning. Frozen. */
export interface Config extends Omit<Values, Combined> {
  readonly bridges: BridgeConfig;
  /** The door for programs; undefined: there is none. */
  readonly tcp: TcpConfig | undefined;
  /** The first signs session tokens; each is accepted. */
  readonly sessionKeys: readonly string[];
  /** Who is let in. */
  readonly admission: AdmissionOptions;
  /** Who reads the metrics. */
  readonly metricsAccess: { readonly access: 'local' | 'everybody'; readonly token: string | undefined };
  /** Version of this relay. */
  readonly version: string;
}

/** A configuration, and how it came about. */
export interface Loaded {
  readonly config: Config;
  /** What the settings hold, defaults included. */
  readonly values: Values;
  /** What was set, and where. */
  readonly given: ReadonlyMap<SettingName, Given>;
}

/** Where settings are read from. */
export interface ConfigSources {
  /** @default this process's */
  readonly env?: NodeJS.ProcessEnv;
  /** Configuration file. @default the one that `SAGE_EMBED_CONFIG` names, if it is set */
  readonly file?: string | undefined;
  /** Somebody finds Sage where the settings name neither one nor bridges, as `sage-embed serve` does. @default false */
  readonly findsSage?: boolean;
}

/** @throws ConfigError naming every problem at once */
export const readConfig = (sources: ConfigSources = {}): Config => loadConfig(sources).config;

/** Made once: it must be the same when the settings are read again. */
const RANDOM_KEY = randomBytes(32).toString('base64url');

/** @throws ConfigError naming every problem at once */
export function loadConfig({ env = process.env, file, findsSage = false }: ConfigSources = {}): Loaded {
  const gathered = gather(env, file);
  const { given } = gathered;
  const problems = [...gathered.problems];
  const values: Record<string, unknown> = {};
  for (const name of NAMES) {
    const declared: Setting<unknown> = SETTINGS[name];
    const found = given.get(name) ?? byDefault(name, declared);
    if (found !== undefined) values[name] = understand(declared, found, problems);
  }
  const missing = (name: SettingName, allowed: string): void => {
    problems.push({ setting: variableOf(name), value: undefined, allowed });
  };
  if (given.has('bridges') && !given.has('bridgeToken')) {
    missing('bridgeToken', 'the shared token of the bridges that BRIDGES names');
  }
  if (!findsSage && !given.has('bridges') && !given.has('sagePython')) {
    missing('sagePython', 'a Python that imports sage (or BRIDGES must name running bridges)');
  }
  const host = given.get('host')?.value ?? SETTINGS.host.fallback;
  if (!given.has('allowedOrigins') && typeof host === 'string' && !isLoopback(host)) {
    const allowed = SETTINGS.allowedOrigins.kind.allowed;
    missing('allowedOrigins', `${allowed}, since HOST ${host} can be reached from outside`);
  }
  if (given.has('bridgeCert') !== given.has('bridgeKey')) {
    missing(
      given.has('bridgeCert') ? 'bridgeKey' : 'bridgeCert',
      'a file, since a certificate needs its key',
    );
  }
  const tcpHost = given.get('tcpHost')?.value ?? SETTINGS.tcpHost.fallback;
  if (given.has('tcpPort') && !given.has('tcpToken') && typeof tcpHost === 'string' && !isLoopback(tcpHost)) {
    const allowed = SETTINGS.tcpToken.kind.allowed;
    missing('tcpToken', `${allowed}, since TCP_HOST ${tcpHost} can be reached from outside`);
  }
  if (given.has('tcpTlsCert') !== given.has('tcpTlsKey')) {
    const name = given.has('tcpTlsCert') ? 'tcpTlsKey' : 'tcpTlsCert';
    missing(name, 'a PEM file: certificate and key are needed together');
  }
  const tls = readTls(values as unknown as Values, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  const checked = values as unknown as Values;
  return { config: combine(checked, tls, env), values: checked, given };
}

/** What the settings of the store hold. */
type StoreValues = Pick<Values, keyof typeof stores>;

/**
 * The settings of the store alone, for who needs no relay.
 * @throws ConfigError naming every problem of theirs at once
 */
export function loadStoreSettings({ env = process.env, file }: ConfigSources = {}): StoreValues {
  const { given } = gather(env, file);
  const problems: ConfigProblem[] = [];
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(stores) as (keyof typeof stores)[]) {
    const declared: Setting<unknown> = stores[name];
    const found = given.get(name) ?? byDefault(name, declared);
    if (found !== undefined) values[name] = understand(declared, found, problems);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return values as unknown as StoreValues;
}

/** A default goes the way of everything that is written. */
const byDefault = (name: SettingName, { fallback }: Setting<unknown>): Given | undefined =>
  fallback === undefined
    ? undefined
    : { value: fallback, source: 'environment', written: variableOf(name), folder: ROOT };

/** A given value as what its setting holds; adds what is wrong with it to `problems`. */
function understand({ kind, isSecret }: Setting<unknown>, found: Given, problems: ConfigProblem[]): unknown {
  const result = v.safeParse(kind.schema(found.folder), found.value, { abortPipeEarly: true });
  if (result.success) return result.output;
  for (const issue of result.issues) {
    const below = v.getDotPath(issue);
    problems.push({
      setting: below === null || found.source === 'environment' ? found.written : `${found.written}.${below}`,
      value: isSecret ? '(hidden)' : shown(found, issue),
      allowed: below === null || issue.message === '' ? kind.allowed : issue.message,
      file: found.file,
    });
  }
  return undefined;
}

/** Longest value shown, characters. */
const MAX_SHOWN = 200;

function shown({ source, value }: Given, issue: v.BaseIssue<unknown>): string {
  const wrong = source === 'environment' && Array.isArray(value) ? value.join() : issue.input;
  return wrong === undefined ? 'missing' : JSON.stringify(wrong).slice(0, MAX_SHOWN);
}

const withoutSecrets = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !SECRET_VARIABLES.has(name)));

const TLS_FILES = { ca: 'bridgeCa', cert: 'bridgeCert', key: 'bridgeKey' } as const;

/** What the files for `tls://` bridges hold; adds those that can't be read to `problems`. */
function readTls(values: Values, problems: ConfigProblem[]): BridgeTls {
  const tls: { -readonly [field in keyof BridgeTls]: string } = {};
  for (const field of ['ca', 'cert', 'key'] as const) {
    const file = values[TLS_FILES[field]];
    if (file === undefined) continue;
    try {
      tls[field] = readFileSync(file, 'utf8');
    } catch (error) {
      const allowed = `a file that can be read; ${(error as Error).message}`;
      problems.push({ setting: variableOf(TLS_FILES[field]), value: JSON.stringify(file), allowed });
    }
  }
  return tls;
}

function combine(values: Values, tls: BridgeTls, env: NodeJS.ProcessEnv): Config {
  const { bridges, bridgeToken, sagePython, sagePool, sageSandbox } = values;
  const { tcpPort, tcpHost, tcpToken, tcpTlsCert, tcpTlsKey } = values;
  return Object.freeze<Config>({
    ...values,
    bridges: bridges
      ? { kind: 'remote', addresses: bridges, token: bridgeToken ?? '', tls }
      : {
          kind: 'local',
          python: sagePython ?? [],
          packageDir: join(ROOT, 'sage-bridge'),
          env: withoutSecrets(env),
          pool: sagePool,
          // Strangers are met with every layer or not at all.
          sandbox: sageSandbox ?? (isLoopback(values.host) ? 'best-effort' : 'require'),
        },
    tcp:
      tcpPort === undefined
        ? undefined
        : {
            host: tcpHost,
            port: tcpPort,
            token: tcpToken,
            tls:
              tcpTlsCert === undefined || tcpTlsKey === undefined
                ? undefined
                : { certFile: tcpTlsCert, keyFile: tcpTlsKey },
          },
    sessionKeys: values.sessionKeys ?? [RANDOM_KEY],
    admission: combineAdmission(values),
    metricsAccess: { access: values.metricsAccess, token: values.metricsToken },
    version: (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version,
  });
}

function combineAdmission(values: Values): AdmissionOptions {
  const { allowedOrigins } = values;
  return {
    allowedOrigins: allowedOrigins === undefined ? 'local' : allowedOrigins[0] === '*' ? '*' : allowedOrigins,
    embedKeys: values.embedKeys,
    requiresKey: values.requireEmbedKey,
    trustedProxies: values.trustedProxies,
    takesProxyProtocol: values.proxyProtocol,
    connectionsPerAddress: values.connectionsPerAddress,
    perClient: {
      connections: values.connectionsPerClient,
      sessions: values.sessionsPerClient,
      sessionsPerMinute: values.sessionsPerMinute,
      executionsPerMinute: values.executionsPerMinute,
      bytesPerMinute: values.bytesPerMinute,
    },
    total: { connections: values.maxConnections, sessions: values.maxSessions },
    executions: values.maxExecutions,
    queuedBytes: values.maxQueuedBytes,
  };
}
